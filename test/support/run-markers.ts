/** What the workers of a planned run may have left: markers of pieces, sounds and texts, as odd as masters make them. */
import type { Intent } from '../../core/contract/intent'
import { CAPTION_SEGMENT_SECONDS, TIMELINE_OFFSET_SECONDS } from '../../core/contract/job'
import type { AudioJob, CaptionsJob, VideoEncode, VideoPieceJob } from '../../core/contract/job'
import { outputKeys } from '../../core/contract/keys'
import type {
  AudioMarker,
  CaptionsMarker,
  StoredObject,
  StoredSegment,
  TrackOutput,
  VideoPieceMarker,
} from '../../core/contract/markers'
import { toNumber } from '../../core/contract/rational'
import { audioMarker, pieceMarker } from './builders'
import type { SeededRandom } from './seeded-random'

export interface Markers {
  pieces: VideoPieceMarker[]
  sounds: AudioMarker[]
  captions: CaptionsMarker[]
}

const VIDEO_CODECS = {
  h264: ['avc1.64001f', 'avc1.42c00c', 'avc1.640033'],
  hevc: ['hvc1.1.6.L93.B0', 'hvc1.2.4.L123.B0'],
  av1: ['av01.0.05M.08', 'av01.0.08M.10'],
} as const
const AUDIO_CODECS = { aac: 'mp4a.40.2', opus: 'opus' } as const

export function markersOf({ jobs }: Intent, random: SeededRandom): Markers {
  const markers: Markers = { pieces: [], sounds: [], captions: [] }
  // Without an index of its pictures a master is one slice; its rungs may be encoded in groups, of the same pictures.
  let cells: Cells | null = null
  for (const job of jobs) {
    if (job.kind === 'video-piece') markers.pieces.push(pieceOf(job, (cells ??= cellsOf(job, random)), random))
    if (job.kind === 'audio') markers.sounds.push(audioMarker(soundOf(job, random), { part: job.part }))
    if (job.kind === 'captions') markers.captions.push(captionsOf(job, random))
  }
  return markers
}

/** Where segments start, in ticks, and where the last one ends. */
interface Cells {
  /** Of a picture all rungs have the same samples. */
  starts: readonly { number: number; start: number; samples: number }[]
  end: number
}

/** Cells of the grid, of which some have no picture. */
function cellsOf({ grid }: VideoPieceJob, random: SeededRandom): Cells {
  const segmentTicks = (grid.gopFrames * grid.gopsPerSegment * grid.fps.den * grid.timescaleHz) / grid.fps.num
  const numbers = Array.from({ length: random.integer(1, 12) }, (_, number) => number).filter(
    (number) => number === 0 || random.next() < 0.9,
  )
  const starts = numbers.map((number) => {
    const late = number === 0 ? 0 : random.integer(0, Math.floor(segmentTicks / 3))
    const start = Math.ceil(TIMELINE_OFFSET_SECONDS * grid.timescaleHz + number * segmentTicks) + late
    return { number, start, samples: random.integer(1, 1_000) }
  })
  const last = random.integer(Math.ceil(grid.timescaleHz / 100), Math.ceil(segmentTicks) + 1)
  return { starts, end: (starts.at(-1)?.start ?? 0) + last }
}

function pieceOf({ grid, rungs, part }: VideoPieceJob, cells: Cells, random: SeededRandom): VideoPieceMarker {
  const leftOut = rungs.filter(({ isRequired }) => !isRequired && random.next() < 0.3).map(({ id }) => id)
  const made = rungs.filter(({ id }) => !leftOut.includes(id))
  const tracks = made.map((rung) => trackOf('video', rung.id, codecOf(rung, random), grid.timescaleHz, cells, random))
  const left = { rungIds: leftOut, code: 'FFMPEG_EXIT', message: 'ffmpeg failed' } as const
  return pieceMarker(tracks, { part, leftOut: leftOut.length === 0 ? null : left })
}

function codecOf({ codec }: VideoEncode, random: SeededRandom): string {
  return random.pick(VIDEO_CODECS[codec])
}

/** Cut between fragments at the grid of the picture, and a frame of priming before the start. */
function soundOf({ encode, segmentSeconds }: AudioJob, random: SeededRandom): TrackOutput {
  const { id, codec, sampleRateHz } = encode
  const frames = random.integer(1, 5_000)
  const perSegment = Math.max(1, Math.round((toNumber(segmentSeconds) * sampleRateHz) / 1_024))
  const zero = TIMELINE_OFFSET_SECONDS * sampleRateHz - 1_024
  const starts = Array.from({ length: Math.ceil(frames / perSegment) }, (_, number) => {
    return { number, start: zero + number * perSegment * 1_024, samples: random.integer(1, 1_000) }
  })
  return trackOf('audio', id, AUDIO_CODECS[codec], sampleRateHz, { starts, end: zero + frames * 1_024 }, random)
}

function trackOf(
  kind: 'video' | 'audio',
  id: string,
  codec: string,
  timescaleHz: number,
  { starts, end }: Cells,
  random: SeededRandom,
): TrackOutput {
  const folder = `0000-${random.integer(1e6, 9e6)}`
  const segments = starts.map(({ number, start, samples }, index): StoredSegment => ({
    ...objectOf(outputKeys.segment(kind, id, folder, number), random),
    ...{ number, startTicks: start, endTicks: starts[index + 1]?.start ?? end },
    ...{ samples, startsWithKeyframe: true },
  }))
  const sha256 = String(random.integer(1e12, 9e12))
  const init = { key: outputKeys.init(kind, id, sha256), bytes: 800, sha256 }
  const samples = segments.reduce((sum, segment) => sum + segment.samples, 0)
  return { id, init, codec, timescaleHz, segments, samples, keyframeTicks: [], tables: [] }
}

function objectOf(key: string, random: SeededRandom): StoredObject {
  return { key, bytes: random.integer(1, random.pick([1_000, 100_000, 40_000_000])), sha256: 'f' }
}

function captionsOf({ from, part }: CaptionsJob, random: SeededRandom): CaptionsMarker {
  const ids = 'sidecar' in from ? [from.id] : from.tracks.map(({ id }) => id)
  const { v, attempt, workerId, at } = pieceMarker([])
  const tracks = ids.map((id) => {
    const count = random.integer(0, 3)
    return {
      ...{ id, cues: random.pick([0, 1, 400]), endSeconds: count * CAPTION_SEGMENT_SECONDS },
      file: objectOf(outputKeys.captionsFile(id), random),
      segments: Array.from({ length: count }, (_, number) => objectOf(outputKeys.captionsSegment(id, number), random)),
      none: objectOf(outputKeys.noCaptions(id), random),
    }
  })
  return { v, attempt, workerId, at, kind: 'captions', part, tracks, receipt: null }
}
