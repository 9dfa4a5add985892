/** Turns what ffprobe saw into the facts the planner uses: which picture, which sound, and what is odd. */
import { GantryError } from '../contract/errors'
import type { Container, DroppedStream, SourceFacts } from '../contract/source'
import { isAllowedCodec } from '../../media/decoders'
import type { ProbedFile, ProbedStream } from './ffprobe-json'
import { videoFacts, whyNoPicture } from './ffprobe-video'
import { captionFacts, whyNoCaptions } from './caption-tracks'
import { believable, chooseSounds } from './sound-tracks'

export interface FactLimits {
  maxPixels: number
  maxStreams: number
  maxDurationSeconds: number
}

export interface FactContext {
  container: Container
  bytes: number
  limits: FactLimits
  /** ffprobe said that a picture has more than `maxPixels`; it then prints a size of 0x0 and exits 0. */
  isPictureTooLarge: boolean
  /** What was odd before ffprobe looked. */
  notes: readonly string[]
}

const MAX_CHANNELS = 64
const MAX_SAMPLE_RATE_HZ = 768_000
/**
 * The facts of a master.
 *
 * The picture is the default track with the most pixels, as ffmpeg chooses; the sounds are chosen by sound-tracks.ts;
 * ties go to the first. A master with a picture track must have a usable one, and a master with sound
 * tracks a usable one too: silence in place of a sound nobody can decode would look like success.
 *
 * @throws SOURCE_ENCRYPTED, SOURCE_TOO_LARGE, SOURCE_TOO_LONG, SOURCE_CODEC_UNSUPPORTED, SOURCE_UNREADABLE,
 * SOURCE_NO_STREAMS.
 */
export function sourceFacts(file: ProbedFile, context: FactContext): SourceFacts {
  const { streams } = file
  refuseTooMany(streams, context.limits)
  refuseEncrypted(streams)
  const picture = choose(
    streams,
    'video',
    (stream) => stream.widthPx * stream.heightPx,
    (stream) => whyNoPicture(stream, context),
  )
  const sound = choose(streams, 'audio', (stream) => stream.channels, whyNoSound)
  const refusal = picture.refusal ?? sound.refusal
  if (refusal !== null) throw refusal
  const chosen = [picture.stream, sound.stream].filter((stream) => stream !== null)
  if (chosen.length === 0) {
    throw new GantryError('SOURCE_NO_STREAMS', 'the master has neither a picture nor a sound track')
  }

  const sounds = chooseSounds(
    streams.filter((stream) => stream.kind === 'audio' && whyNoSound(stream) === null),
    sound.stream,
  )
  const duration = containerDuration(file, chosen, context.limits)
  const video = picture.stream === null ? null : videoFacts(picture.stream, duration.seconds)
  const captions = captionFacts(streams)
  return {
    container: context.container,
    bytes: context.bytes,
    durationSeconds: duration.seconds,
    video: video?.facts ?? null,
    audio: sounds[0] ?? null,
    otherAudio: sounds.slice(1),
    captions,
    dropped: unused(streams, [
      ...(picture.stream === null ? [] : [picture.stream.index]),
      ...sounds.flatMap(({ streamIndex, pairedWith }) => [streamIndex, pairedWith]),
      ...captions.map(({ streamIndex }) => streamIndex),
    ]).map((stream) => drop(stream, context)),
    notes: [...context.notes, ...duration.notes, ...(video?.notes ?? []), ...leftOut(file, picture.stream, context)],
  }
}

function unused(streams: readonly ProbedStream[], used: readonly (number | null)[]): ProbedStream[] {
  return streams.filter(({ index }) => !used.includes(index))
}

function refuseTooMany({ length }: readonly ProbedStream[], { maxStreams }: FactLimits): void {
  if (length <= maxStreams) return
  throw new GantryError('SOURCE_TOO_LARGE', `the master has ${length} tracks, at most ${maxStreams} are read`)
}

function refuseEncrypted(streams: readonly ProbedStream[]): void {
  const locked = streams.find((stream) => stream.hasKeyId || /^(enc[vast]|drm[ist])$/.test(stream.codecTag))
  if (locked !== undefined)
    throw new GantryError('SOURCE_ENCRYPTED', `track ${locked.index} of the master is encrypted`)
}

type Refuse = (stream: ProbedStream) => GantryError | null

interface Choice {
  stream: ProbedStream | null
  /** Why none of the tracks of this kind can be used; null where one can, or where there is none. */
  refusal: GantryError | null
}

function choose(
  streams: readonly ProbedStream[],
  kind: 'video' | 'audio',
  size: (stream: ProbedStream) => number,
  refuse: Refuse,
): Choice {
  const candidates = streams.filter((stream) => stream.kind === kind && !stream.isPicture)
  const usable = candidates.filter((stream) => refuse(stream) === null)
  const [stream = null] = usable.sort(
    (a, b) => Number(b.isDefault) - Number(a.isDefault) || size(b) - size(a) || a.index - b.index,
  )
  const [first] = candidates
  return { stream, refusal: stream === null && first !== undefined ? refuse(first) : null }
}

function whyNoSound(stream: ProbedStream): GantryError | null {
  const track = `the sound of track ${stream.index}`
  if (!isAllowedCodec('audio', stream.codec)) {
    const message = `${track} has the codec '${stream.codec}', which is not on the list of allowed decoders`
    return new GantryError('SOURCE_CODEC_UNSUPPORTED', message, { codec: stream.codec })
  }
  if (stream.channels === 0 || stream.sampleRateHz <= 0) {
    return new GantryError('SOURCE_UNREADABLE', `${track} does not tell its channels or sampling rate`)
  }
  if (stream.channels > MAX_CHANNELS || stream.sampleRateHz > MAX_SAMPLE_RATE_HZ) {
    const got = `${stream.channels} channels at ${stream.sampleRateHz} Hz`
    return new GantryError(
      'SOURCE_TOO_LARGE',
      `${track} has ${got}, at most ${MAX_CHANNELS} at ${MAX_SAMPLE_RATE_HZ} Hz are read`,
    )
  }
  return null
}

function drop(stream: ProbedStream, context: FactContext): DroppedStream {
  return { streamIndex: stream.index, kind: stream.kind, codec: stream.codec, reason: dropReason(stream, context) }
}

function dropReason(stream: ProbedStream, context: FactContext): string {
  if (stream.isPicture) return 'a cover or preview picture'
  if (stream.kind === 'video') return whyNoPicture(stream, context)?.message ?? 'another picture track was chosen'
  if (stream.kind === 'audio') return whyNoSound(stream)?.message ?? 'another sound track of its language was chosen'
  if (stream.kind === 'subtitle') return whyNoCaptions(stream)
  return { data: 'a data track', attachment: 'an attached file' }[stream.kind]
}

/** A picture or a sound that viewers would miss, and others are there: what is left looks whole and is not. */
function leftOut({ streams }: ProbedFile, picture: ProbedStream | null, context: FactContext): string[] {
  const whyNot = (stream: ProbedStream): GantryError | null => {
    if (stream.kind === 'audio') return whyNoSound(stream)
    return stream.kind === 'video' && !stream.isPicture ? whyNoPicture(stream, context) : null
  }
  const refusals = streams.map(whyNot).filter((refusal) => refusal !== null)
  return [...innerCaptions(picture), ...refusals.map(({ message }) => `left out: ${message}`)]
}

function innerCaptions(picture: ProbedStream | null): string[] {
  if (picture?.hasInnerCaptions !== true) return []
  return ['the captions within the picture track (CEA-608 or 708) are not carried over']
}

/**
 * How long the container says it is. A figure over the limit is only held against the master when its tracks do not
 * contradict it: headers written by a recorder that was cut off are full of ones.
 */
function containerDuration(
  file: ProbedFile,
  chosen: readonly ProbedStream[],
  limits: FactLimits,
): { seconds: number | null; notes: string[] } {
  const declared = file.durationSeconds
  const tracks = chosen.map((stream) => believable(stream.durationSeconds)).filter((seconds) => seconds !== null)
  const longest = tracks.length === 0 ? null : Math.max(...tracks)
  if (longest !== null && longest > limits.maxDurationSeconds) throw tooLong(longest, limits)
  if (declared === null) return { seconds: null, notes: [] }
  const seconds = believable(declared)
  const isContradicted = longest !== null && tracks.length === chosen.length
  if (seconds !== null && (seconds <= limits.maxDurationSeconds || !isContradicted)) {
    if (seconds > limits.maxDurationSeconds) throw tooLong(seconds, limits)
    return { seconds, notes: [] }
  }
  return { seconds: null, notes: [`the container says it lasts ${declared} s, which is not believed`] }
}

function tooLong(seconds: number, limits: FactLimits): GantryError {
  const message = `the master lasts ${Math.round(seconds)} s, at most ${limits.maxDurationSeconds} s are allowed`
  return new GantryError('SOURCE_TOO_LONG', message, { durationSeconds: seconds })
}
