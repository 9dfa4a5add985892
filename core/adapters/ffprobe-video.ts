/** The picture as a viewer sees it: upright, with square pixels, at a rate that can be believed. */
import { GantryError } from '../contract/errors'
import { toNumber } from '../contract/rational'
import type { Transfer, VideoFacts } from '../contract/source'
import type { FieldFinding } from '../../media/fields'
import { isAllowedCodec } from '../../media/decoders'
import type { ProbedStream } from './ffprobe-json'
import { believableRate } from './frame-rate'
import { pictureColour } from './picture-colour'

/** Filters and encoders count sides in 16 bits. */
const MAX_SIDE_PX = 32_767
/** Video walls reach 30 to 1; above 50 it is a line. */
const MAX_ASPECT = 50
/** Anamorphic film is 2 to 1; further out the figure is rubbish. */
const MAX_SAMPLE_ASPECT = 16
const MIN_SIDE_PX = 2

/** Why a track cannot be the picture that is encoded; null where it can. */
export function whyNoPicture(
  stream: ProbedStream,
  context: { limits: { maxPixels: number }; isPictureTooLarge: boolean },
): GantryError | null {
  const track = `the picture of track ${stream.index}`
  if (!isAllowedCodec('video', stream.codec)) {
    const message = `${track} has the codec '${stream.codec}', which is not on the list of allowed decoders`
    return new GantryError('SOURCE_CODEC_UNSUPPORTED', message, { codec: stream.codec })
  }
  const { maxPixels } = context.limits
  const { widthPx, heightPx } = stream
  if (widthPx === 0 || heightPx === 0) {
    return context.isPictureTooLarge
      ? new GantryError('SOURCE_TOO_LARGE', `${track} has more than the ${maxPixels} pixels allowed`)
      : new GantryError('SOURCE_UNREADABLE', `${track} does not tell its size: it may be cut off or damaged`)
  }
  const size = `${widthPx}x${heightPx}`
  if (widthPx * heightPx > maxPixels) {
    return new GantryError('SOURCE_TOO_LARGE', `${track} is ${size}, at most ${maxPixels} pixels are allowed`)
  }
  const { displayWidthPx, displayHeightPx } = displaySize(stream)
  const sides = [widthPx, heightPx, displayWidthPx, displayHeightPx]
  const aspect = Math.max(widthPx / heightPx, heightPx / widthPx, displayWidthPx / displayHeightPx)
  if (Math.max(...sides) > MAX_SIDE_PX || Math.max(aspect, displayHeightPx / displayWidthPx) > MAX_ASPECT) {
    const shown = `${size}, shown as ${displayWidthPx}x${displayHeightPx}`
    const allowed = `sides up to ${MAX_SIDE_PX} and up to ${MAX_ASPECT} to 1 are allowed`
    return new GantryError('SOURCE_TOO_LARGE', `${track} is ${shown}: ${allowed}`)
  }
  return null
}

/** @param containerSeconds Stands in for the track's own length where it has none. */
export function videoFacts(
  stream: ProbedStream,
  containerSeconds: number | null,
): { facts: VideoFacts; notes: string[] } {
  const turn = rotation(stream)
  const transfer = transferOf(stream.transfer)
  const { colour, notes: colourNotes } = pictureColour(stream, transfer)
  const ownSeconds = stream.durationSeconds !== null && stream.durationSeconds > 0 ? stream.durationSeconds : null
  const facts: VideoFacts = {
    streamIndex: stream.index,
    codec: stream.codec,
    codedWidthPx: stream.widthPx,
    codedHeightPx: stream.heightPx,
    ...displaySize(stream),
    dataLines: dataLines(stream),
    rotationDegrees: turn.degrees,
    fps: believableRate({
      average: stream.averageFps,
      real: stream.realFps,
      durationSeconds: ownSeconds ?? containerSeconds,
    }),
    firstPicture: stream.start,
    bitDepth: bitDepth(stream),
    transfer,
    colour,
    fullRange: stream.range === 'pc' || stream.pixelFormat.startsWith('yuvj'),
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.fieldOrder),
    fieldOrder: 'flagged',
    durationSeconds: ownSeconds,
    bitrateBps: stream.bitrateBps !== null && stream.bitrateBps > 0 ? stream.bitrateBps : null,
    leadSeconds: 0,
  }
  const odd = stream.sampleAspect !== null && sampleAspect(stream) === 1 && toNumber(stream.sampleAspect) !== 1
  const notes = odd ? ['the pixel aspect ratio is not believable and is taken for 1:1'] : []
  return { facts, notes: [...notes, ...turn.notes, ...colourNotes] }
}

/** The picture by what was seen in it; a note where that is not what its flags say. */
export function withFields(video: VideoFacts, found: FieldFinding | null): { facts: VideoFacts; notes: string[] } {
  if (found === null) return { facts: video, notes: [] }
  if (found === 'progressive') {
    const notes = video.interlaced ? ['flagged interlaced, but its pictures are whole: they are left as they are'] : []
    return { facts: { ...video, interlaced: false }, notes }
  }
  const notes = video.interlaced ? [] : ['not flagged interlaced, but its pictures are: they are made whole']
  return { facts: { ...video, interlaced: true, fieldOrder: found }, notes }
}

function sampleAspect(stream: ProbedStream): number {
  const ratio = stream.sampleAspect === null ? 1 : toNumber(stream.sampleAspect)
  return ratio > MAX_SAMPLE_ASPECT || ratio < 1 / MAX_SAMPLE_ASPECT ? 1 : ratio
}

/** D-10 (IMX) keeps 32 lines of the tape's data above the picture. Source: SMPTE 356M, 5. */
function dataLines({ codec, widthPx, heightPx }: ProbedStream): number {
  return codec === 'mpeg2video' && widthPx === 720 && (heightPx === 608 || heightPx === 512) ? 32 : 0
}

function displaySize(stream: ProbedStream): { displayWidthPx: number; displayHeightPx: number } {
  const linesPx = stream.heightPx - dataLines(stream)
  // The shape that such a file tells is that of the picture alone.
  const wide = sampleAspect(stream) === 1 ? 1 : (sampleAspect(stream) * linesPx) / stream.heightPx
  const across = Math.max(MIN_SIDE_PX, Math.round(stream.widthPx * wide))
  const down = Math.max(MIN_SIDE_PX, linesPx)
  const isOnSide = rotation(stream).degrees % 180 === 90
  return isOnSide
    ? { displayWidthPx: down, displayHeightPx: across }
    : { displayWidthPx: across, displayHeightPx: down }
}

/** ffprobe counts the matrix counterclockwise (a phone held upright says -90), the old tag clockwise. */
function rotation(stream: ProbedStream): { degrees: 0 | 90 | 180 | 270; notes: string[] } {
  const clockwise = stream.matrixDegrees !== null ? -stream.matrixDegrees : (stream.tagDegrees ?? 0)
  const quarters = Math.round(clockwise / 90)
  const degrees = ([0, 90, 180, 270] as const)[((quarters % 4) + 4) % 4] ?? 0
  const isQuarter = Math.abs(clockwise - quarters * 90) < 1
  return { degrees, notes: isQuarter ? [] : [`a turn by ${clockwise} degrees is rounded to ${degrees}`] }
}

/** The formats' names end in their bits (`yuv420p10le`, `p010le`, `gray12be`), but for these few. */
function bitDepth(stream: ProbedStream): number {
  const { pixelFormat } = stream
  const named = /(9|10|12|14|16)(?:le|be)$/.exec(pixelFormat)
  if (named !== null) return Number(named[1])
  if (/^nv20/.test(pixelFormat)) return 10
  if (/^(rgb|bgr)48|^(rgba|bgra|ayuv)64|f32/.test(pixelFormat)) return 16
  if (pixelFormat !== '') return 8
  return stream.rawBits !== null && stream.rawBits >= 8 && stream.rawBits <= 16 ? stream.rawBits : 8
}

/** Source: ITU-T H.273, table 3: codes 16 (SMPTE ST 2084) and 18 (ARIB STD-B67). */
function transferOf(name: string): Transfer {
  if (name === 'smpte2084') return 'pq'
  return name === 'arib-std-b67' ? 'hlg' : 'sdr'
}
