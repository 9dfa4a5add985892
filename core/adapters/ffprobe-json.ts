/** What ffprobe prints, turned into numbers; a figure it does not know is null. Tags are hostile text. */
import { z } from 'zod'
import { GantryError } from '../contract/errors'
import { reduced, type Rational } from '../contract/rational'

export interface ProbedStream {
  index: number
  kind: 'video' | 'audio' | 'subtitle' | 'data' | 'attachment'
  /** ffmpeg's name of the codec, else the container's four letters, else `unknown`. */
  codec: string
  codecTag: string
  isDefault: boolean
  isForced: boolean
  isForDeaf: boolean
  /** Captions in the picture's own data (CEA-608 and 708). */
  hasInnerCaptions: boolean
  /** A cover or a preview picture. */
  isPicture: boolean
  widthPx: number
  heightPx: number
  sampleAspect: Rational | null
  pixelFormat: string
  rawBits: number | null
  transfer: string
  primaries: string
  matrix: string
  range: string
  fieldOrder: string
  averageFps: Rational | null
  realFps: Rational | null
  /** In seconds after the container begins. */
  start: Rational | null
  durationSeconds: number | null
  bitrateBps: number | null
  channels: number
  sampleRateHz: number
  language: string | null
  /** Counterclockwise, as ffprobe prints the display matrix; null without one. */
  matrixDegrees: number | null
  /** The clockwise turn of the old `rotate` tag. */
  tagDegrees: number | null
  /** Set by the Matroska reader on an encrypted track. */
  hasKeyId: boolean
}

export interface ProbedFile {
  streams: readonly ProbedStream[]
  durationSeconds: number | null
}

const text = z.string().optional().catch(undefined)
const count = z.number().int().min(0).max(1_000_000_000).optional().catch(undefined)
const tags = z.record(z.string(), z.string()).optional().catch(undefined)

const STREAM = z.object({
  index: z.number().int().min(0),
  codec_type: text,
  codec_name: text,
  codec_tag_string: text,
  width: count,
  height: count,
  sample_aspect_ratio: text,
  pix_fmt: text,
  bits_per_raw_sample: text,
  color_transfer: text,
  color_primaries: text,
  color_space: text,
  color_range: text,
  field_order: text,
  avg_frame_rate: text,
  r_frame_rate: text,
  time_base: text,
  start_pts: z.number().int().optional().catch(undefined),
  duration: text,
  bit_rate: text,
  channels: count,
  closed_captions: count,
  sample_rate: text,
  disposition: z.record(z.string(), z.number()).optional().catch(undefined),
  tags,
  side_data_list: z
    .array(z.object({ rotation: z.number().optional().catch(undefined) }))
    .optional()
    .catch(undefined),
})

const FILE = z.object({
  streams: z.array(STREAM).optional(),
  format: z.object({ duration: text, start_time: text }).optional(),
})

/**
 * Reads ffprobe's `-show_format -show_streams -of json`.
 *
 * @throws SOURCE_UNREADABLE when it is no such document.
 */
export function readProbeJson(output: string): ProbedFile {
  let parsed: unknown
  try {
    parsed = JSON.parse(output)
  } catch (cause) {
    throw new GantryError('SOURCE_UNREADABLE', 'what ffprobe says about the master is not whole', {}, { cause })
  }
  const file = FILE.safeParse(parsed)
  if (!file.success) {
    const options = { cause: file.error }
    throw new GantryError(
      'SOURCE_UNREADABLE',
      'what ffprobe says about the master has not the form expected',
      {},
      options,
    )
  }
  return {
    streams: (file.data.streams ?? []).map((stream) => readStream(stream, finite(file.data.format?.start_time) ?? 0)),
    durationSeconds: finite(file.data.format?.duration),
  }
}

function readStream(raw: z.infer<typeof STREAM>, containerStartSeconds: number): ProbedStream {
  const disposition = raw.disposition ?? {}
  const tag = (name: string): string | undefined => raw.tags?.[name] ?? raw.tags?.[name.toUpperCase()]
  return {
    index: raw.index,
    kind: kindOf(raw.codec_type),
    codec: word(raw.codec_name) ?? word(raw.codec_tag_string) ?? 'unknown',
    codecTag: raw.codec_tag_string ?? '',
    isDefault: disposition['default'] === 1,
    isForced: disposition['forced'] === 1,
    isForDeaf: disposition['hearing_impaired'] === 1,
    hasInnerCaptions: raw.closed_captions === 1,
    isPicture: disposition['attached_pic'] === 1 || disposition['timed_thumbnails'] === 1,
    widthPx: raw.width ?? 0,
    heightPx: raw.height ?? 0,
    sampleAspect: fraction(raw.sample_aspect_ratio, ':'),
    pixelFormat: raw.pix_fmt ?? '',
    rawBits: finite(raw.bits_per_raw_sample),
    transfer: raw.color_transfer ?? '',
    primaries: word(raw.color_primaries) ?? '',
    matrix: word(raw.color_space) ?? '',
    range: raw.color_range ?? '',
    fieldOrder: raw.field_order ?? '',
    averageFps: fraction(raw.avg_frame_rate, '/'),
    realFps: fraction(raw.r_frame_rate, '/'),
    start: startOf(raw, containerStartSeconds),
    durationSeconds: finite(raw.duration) ?? clock(tag('duration')),
    bitrateBps: finite(raw.bit_rate),
    channels: raw.channels ?? 0,
    sampleRateHz: finite(raw.sample_rate) ?? 0,
    language: language(tag('language')),
    matrixDegrees: raw.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? null,
    tagDegrees: finite(tag('rotate')),
    hasKeyId: tag('enc_key_id') !== undefined,
  }
}

/**
 * The first packet's time as ffmpeg counts it, from the container's start on, which it keeps in microseconds and rounds to
 * the track's ticks.
 */
function startOf({ start_pts, time_base }: z.infer<typeof STREAM>, containerStartSeconds: number): Rational | null {
  const tick = fraction(time_base, '/')
  if (start_pts === undefined || tick === null) return null
  const ticks = start_pts - Math.round((containerStartSeconds * tick.den) / tick.num)
  return Number.isSafeInteger(ticks * tick.num) ? reduced({ num: ticks * tick.num, den: tick.den }) : null
}

function kindOf(type: string | undefined): ProbedStream['kind'] {
  return type === 'video' || type === 'audio' || type === 'subtitle' || type === 'attachment' ? type : 'data'
}

/** Names go into messages and reports: letters and digits only. `[0][0][0][0]` is ffprobe's word for no tag. */
function word(name: string | undefined): string | null {
  const clean = (name ?? '').trim()
  return /^[\w.+-]{1,40}$/.test(clean) ? clean : null
}

function finite(figure: string | undefined): number | null {
  if (figure === undefined || !/^-?\d{1,20}(\.\d{1,12})?$/.test(figure)) return null
  return Number(figure)
}

/** Null for 0/0, a zero on either side and anything negative. */
function fraction(ratio: string | undefined, separator: ':' | '/'): Rational | null {
  const [num, den, rest] = (ratio ?? '').split(separator).map((part) => (/^\d{1,10}$/.test(part) ? Number(part) : 0))
  if (num === undefined || den === undefined || rest !== undefined || num === 0 || den === 0) return null
  return { num, den }
}

/** `00:00:30.003000000`, the duration tag of Matroska. */
function clock(figure: string | undefined): number | null {
  const match = /^(\d{1,5}):([0-5]\d):([0-5]\d(?:\.\d{1,9})?)$/.exec(figure ?? '')
  if (match === null) return null
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number)
  return hours * 3_600 + minutes * 60 + seconds
}

/** A language that says something: ISO 639 letters with BCP 47 subtags; `und` and its like say nothing. */
function language(tag: string | undefined): string | null {
  if (tag === undefined || tag.length > 35 || !/^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i.test(tag)) return null
  return ['und', 'mis', 'mul', 'zxx'].includes(tag.toLowerCase()) ? null : tag
}
