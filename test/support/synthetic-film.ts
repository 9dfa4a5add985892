/** Films that no encoder made: fragments of any length written by hand, stored as a worker stores what ffmpeg gives it. */
import { Readable } from 'node:stream'
import type { Intent } from '../../core/contract/intent'
import type { Mp4Job } from '../../core/contract/job'
import { runKeys, at } from '../../core/contract/keys'
import type { TrackOutput } from '../../core/contract/markers'
import { NO_REQUEST } from '../../core/contract/request'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord } from '../../core/state/records'
import { writeMarker } from '../../core/state/run-records'
import { parseLadder } from '../../ladders/parse'
import { DEFAULT_NAME } from '../../routes/name'
import { NO_SPEEDS } from '../../scheduler/cost/known-speeds'
import { intentOf } from '../../scheduler/intent-of'
import { storeTrack } from '../../worker/track-sink'
import { audioMarker, pieceMarker, planLimits, sourceFacts } from './builders'
import { audioFacts, videoFacts } from './facts'
import * as mp4 from './mp4-builder'

const PICTURE_HZ = 90_000
const SOUND_HZ = 48_000
const FRAME_SAMPLES = 1_024
const OFFSET_SECONDS = 10

export interface FilmShape {
  seconds: number
  fps: number
  /** Mean bytes of a picture, and of a frame of sound. */
  pictureBytes: number
  soundBytes: number
  /** One track of sound each. */
  languages: readonly string[]
}

export const SHORT_FILM: FilmShape = { seconds: 12, fps: 25, pictureBytes: 900, soundBytes: 80, languages: ['eng'] }

export interface StoredFilm {
  job: Mp4Job
  video: TrackOutput
  sounds: readonly TrackOutput[]
}

/** Stores segments, plan and markers of a run, up to where its MP4 is made. */
export async function storeFilm(store: ObjectStore, bucket: string, shape: FilmShape): Promise<StoredFilm> {
  const intent = planOf(bucket, shape)
  const job = intent.jobs.find((one) => one.kind === 'mp4')
  if (job === undefined) throw new Error('the plan has no MP4')
  await writeRecord(store, at(job.state, runKeys.intent), intent)
  const common = { store, output: job.output, segmentSeconds: 4, slackSeconds: 0.02, maxSamples: 1e8 }
  const sink = { ...common, signal: new AbortController().signal, onAdvance: () => undefined }
  const picture = { shownSeconds: 1 / shape.fps, reorderedPictures: 1 }
  const video = await storeTrack(Readable.from(pictures(shape)), {
    ...{ ...sink, kind: 'video', id: job.rungId ?? '', folder: '0000-aaaaaaaa', picture },
  })
  await writeMarker(store, job.state, pieceMarker([video], { part: partsOf(intent, 'video-piece')[0] ?? '' }))
  const sounds: TrackOutput[] = []
  for (const [index, part] of partsOf(intent, 'audio').entries()) {
    const id = intent.sounds[index]?.trackId ?? ''
    const options = { ...sink, kind: 'audio' as const, id, folder: 'whole-aaaaaaaa', picture: null }
    const track = await storeTrack(Readable.from(sound(shape, index)), options)
    await writeMarker(store, job.state, audioMarker(track, { part }))
    sounds.push(track)
  }
  return { job, video, sounds }
}

function partsOf(intent: Intent, kind: string): string[] {
  return intent.jobs.flatMap((job) => (job.kind === kind ? [job.part] : []))
}

function planOf(bucket: string, { seconds, fps, languages }: FilmShape): Intent {
  const [main = null, ...others] = languages.map((language, index) =>
    audioFacts({ language, streamIndex: index + 1, durationSeconds: seconds }),
  )
  const video = videoFacts({ durationSeconds: seconds, fps: { num: fps, den: 1 } })
  const ladder = 'name: film\nrungs:\n  - { id: 180p, shortSidePx: 180, maxBitrateBps: 500_000 }\n'
  return intentOf({
    ...{ assetId: 'a'.repeat(20), run: 1, priority: 100, ladder: parseLadder(ladder, 'film.yaml') },
    facts: sourceFacts({ bytes: 1e9, durationSeconds: seconds, video, audio: main, otherAudio: others }),
    source: { bucket: 'file', key: '/films/film.mp4', etag: 'e', bytes: 1e9 },
    ...{ request: NO_REQUEST, state: { bucket, prefix: 'state' } },
    target: { place: { bucket, prefix: 'out' }, template: DEFAULT_NAME },
    ...{ limits: planLimits({ maxDurationSeconds: 86_400 }), times: null, speeds: NO_SPEEDS },
    at: '2026-01-01T00:00:00.000Z',
  })
}

/** Closed GOPs of 2 s; every second picture is shown before the one that is decoded before it. */
function* pictures({ seconds, fps, pictureBytes }: FilmShape): Generator<Uint8Array> {
  const frameTicks = PICTURE_HZ / fps
  yield mp4.initSegment({ timescaleHz: PICTURE_HZ, edits: mp4.editList(0, [0, frameTicks]) })
  const gop = 2 * fps
  for (let first = 0; first < seconds * fps; first += gop) {
    const rows = Array.from({ length: gop }, (_, index) => {
      const late = index === 0 || index === gop - 1 ? 1 : index % 2 === 1 ? 2 : 0
      const size = Math.round(pictureBytes * (index === 0 ? 8 : 0.4 + 0.3 * ((first + index) % 3)))
      return {
        duration: frameTicks,
        size,
        flags: index === 0 ? mp4.SYNC : mp4.NON_SYNC,
        composition: late * frameTicks,
      }
    })
    yield fragmentOf(OFFSET_SECONDS * PICTURE_HZ + first * frameTicks, rows, first)
  }
}

/** AAC with one frame of priming, 24 frames a fragment. */
function* sound({ seconds, soundBytes }: FilmShape, track: number): Generator<Uint8Array> {
  const entry = mp4.audioEntry('mp4a', 2, SOUND_HZ, mp4.esds(0x40, mp4.u8(0x11, 0x90)))
  yield mp4.initSegment({ handler: 'soun', entries: [entry], timescaleHz: SOUND_HZ })
  const frames = Math.ceil((seconds * SOUND_HZ) / FRAME_SAMPLES) + 1
  for (let first = 0; first < frames; first += 24) {
    const rows = Array.from({ length: Math.min(24, frames - first) }, (_, index) => ({
      ...{ duration: FRAME_SAMPLES, size: soundBytes + ((first + index) % 7) + track, flags: mp4.SYNC },
    }))
    yield fragmentOf(OFFSET_SECONDS * SOUND_HZ + (first - 1) * FRAME_SAMPLES, rows, first + track)
  }
}

/** Media in which every place has another value, so that bytes from elsewhere are noticed. */
function fragmentOf(decodeTicks: number, rows: readonly mp4.SampleRow[], seed: number): Uint8Array {
  const media = Buffer.alloc(rows.reduce((sum, { size = 0 }) => sum + size, 0))
  for (let index = 0; index + 4 <= media.byteLength; index += 4)
    media.writeUInt32LE((seed * 65_599 + index) >>> 0, index)
  const tables = mp4.box('moof', mp4.traf(mp4.tfhd(), mp4.tfdt(decodeTicks), mp4.trun(rows)))
  return mp4.joined(tables, mp4.box('mdat', media))
}
