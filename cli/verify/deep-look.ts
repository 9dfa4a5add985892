/** What a decoder says of segments, one process each: the only look at bytes that the tables do not describe. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ProcessLauncher } from '../../core/ports/process-launcher'
import { MAX_PIXELS, MAX_STREAMS, probeArgs } from '../../media/containers'
import type { SegmentLook, TrackFacts, TrackMeasure } from '../../media/gate/description'
import { decodedOf, type Decoded, type DecodedTrack } from './decoded'
import { packedAudioOf, type PackedAudio } from './packed-audio'

export interface DeepSegment {
  /** Path of the playlist that names it. */
  playlist: string
  /** Null for MPEG-TS and for packed sound. */
  init: Buffer | null
  bytes: Buffer
}

export interface DeepLook {
  /** Null for what no decoder is asked about. */
  look(segment: DeepSegment, measured: SegmentLook | null): Promise<SegmentLook | null>
  /** Of a playlist without init segments, from its first segment. */
  tracksOf(playlist: string): readonly TrackFacts[] | undefined
}

const LIMITS = { memoryBytes: 4 * 2 ** 30, cpuSeconds: 300, fileBytes: 0 }
const INPUT = { protocol: 'file', maxPixels: MAX_PIXELS, maxStreams: MAX_STREAMS } as const
const WORDS = [
  ...['-v', 'error', '-show_streams', '-show_packets', '-show_frames', '-of', 'compact=nk=0', '-show_entries'],
  'stream=index,codec_type,codec_name,width,height,channels:' +
    'packet=codec_type,stream_index,pts_time,dts_time,duration_time,flags:' +
    'frame=media_type,stream_index,key_frame',
]

/** @param folder Of the command's own; each process gets one in it. */
export function createDeepLook(launcher: ProcessLauncher, folder: string): DeepLook {
  const tracks = new Map<string, readonly TrackFacts[]>()
  let number = 0
  // One after the other: a decoder takes all cores it finds.
  let before: Promise<unknown> = Promise.resolve()
  const look = async (segment: DeepSegment, measured: SegmentLook | null): Promise<SegmentLook | null> => {
    const packed = segment.init === null ? packedAudioOf(segment.bytes) : null
    if (packed?.container === null) return measured
    const own = join(folder, `segment-${number++}`)
    await mkdir(own)
    try {
      const container = packed?.container ?? (segment.init === null ? 'mpegts' : 'mp4')
      await writeFile(join(own, 'segment'), Buffer.concat([segment.init ?? Buffer.alloc(0), segment.bytes]))
      const argv = [...WORDS, ...probeArgs(container, INPUT), '-i', 'file:segment']
      const child = launcher.launch({ program: 'ffprobe', argv, folder: own, limits: LIMITS, pipes: 0 })
      const [output, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited])
      const decoded = decodedOf(output).map((track) => (packed === null ? track : timed(track, packed)))
      const complaint = complaintOf(errors, exit.code)
      if (segment.init === null && !tracks.has(segment.playlist)) tracks.set(segment.playlist, decoded.map(factsOf))
      return measured !== null && 'tracks' in measured
        ? { tracks: measured.tracks.map((track) => compared(track, decoded, complaint)) }
        : measuredBy(decoded, complaint)
    } finally {
      await rm(own, { recursive: true, force: true })
    }
  }
  return {
    look: (segment, measured) => {
      const mine = before.then(() => look(segment, measured))
      before = mine.catch(() => undefined)
      return mine
    },
    tracksOf: (playlist) => tracks.get(playlist),
  }
}

/** Packed sound has no times but that of its first sample; ffprobe counts from anywhere. */
function timed(track: DecodedTrack, { startSeconds }: PackedAudio): DecodedTrack {
  if (startSeconds === null) return track
  return { ...track, startSeconds, endSeconds: startSeconds + track.endSeconds - track.startSeconds }
}

function complaintOf(errors: string, code: number | null): string | undefined {
  const [first] = errors.split('\n').filter((line) => line.trim() !== '')
  if (first !== undefined) return `the decoder says: ${first.trim()}`
  return code === 0 ? undefined : `the decoder ended with ${code ?? 'a signal'}`
}

/** Without edit lists the decoder's times are not those of the tables, so only counts and the first picture are compared. */
function compared(track: TrackMeasure, decoded: Decoded, complaint: string | undefined): TrackMeasure {
  const own = decoded.find(({ kind }) => kind === track.kind)
  const said = complaint ?? difference(track, own)
  const startsWithKeyframe = track.startsWithKeyframe && own?.startsWithKey !== false
  return { ...track, startsWithKeyframe, ...(said !== undefined && { complaint: said }) }
}

function difference({ kind, samples }: TrackMeasure, own: DecodedTrack | undefined): string | undefined {
  if (own === undefined) return `it has no ${kind} to decode`
  const isAll = kind === 'video' ? own.frames === samples : own.packets === samples
  return isAll ? undefined : `${own.frames} of ${samples} samples of ${kind} can be decoded`
}

const NAMES: Readonly<Record<string, string>> = { h264: 'avc1', hevc: 'hvc1', aac: 'mp4a', av1: 'av01', mp3: 'mp4a' }

function factsOf({ kind, codecName, widthPx, heightPx, channels }: DecodedTrack): TrackFacts {
  const codec = NAMES[codecName] ?? codecName.replace(/^(e?)ac3$/, (_, e) => (e === '' ? 'ac-3' : 'ec-3'))
  const size = widthPx === null || heightPx === null ? {} : { widthPx, heightPx }
  return { kind, codec, timescaleHz: 90_000, ...size, ...(channels !== null && { channels }) }
}

function measuredBy(decoded: Decoded, complaint: string | undefined): SegmentLook {
  const tracks = decoded.filter(({ packets }) => packets > 0)
  if (tracks.length === 0) return { fault: complaint ?? 'there is nothing in it that can be decoded' }
  return {
    tracks: tracks.map(({ kind, startSeconds, endSeconds, packets, startsWithKey }) => ({
      ...{ kind, startSeconds, endSeconds, samples: packets },
      startsWithKeyframe: startsWithKey,
      ...(complaint !== undefined && { complaint }),
    })),
  }
}
