/** A film of 40 s that is played early: its plan, and parts of it as workers leave them, with empty media. */
import type { Intent } from '../../core/contract/intent'
import type { AudioJob, Job, VideoPieceJob } from '../../core/contract/job'
import { at, homeKeys, outputKeys, runKeys } from '../../core/contract/keys'
import type { StoredSegment, TrackOutput } from '../../core/contract/markers'
import { NO_REQUEST } from '../../core/contract/request'
import type { ObjectStore } from '../../core/ports/object-store'
import { readPinned, writeRecord } from '../../core/state/records'
import { writeMarker } from '../../core/state/run-records'
import { parseLadder } from '../../ladders/parse'
import { DEFAULT_NAME } from '../../routes/name'
import { NO_SPEEDS } from '../../scheduler/cost/known-speeds'
import { intentOf } from '../../scheduler/intent-of'
import { growAfter } from '../../worker/early'
import { audioMarker, pieceMarker, planLimits, segment, sourceFacts, track } from './builders'
import { audioFacts, videoFacts } from './facts'
import type { KindOfStore } from './store-kinds'
import { QUIET } from './unpublished-film'

const SECONDS = 40
export const AT = '2026-01-01T00:00:00.000Z'
const LADDER = `name: early
rungs:
  - { id: 240p, shortSidePx: 240, maxBitrateBps: 500_000 }
  - { id: 360p, shortSidePx: 360, maxBitrateBps: 900_000 }
  - { id: 480p, shortSidePx: 480, maxBitrateBps: 1_500_000, required: false }
packaging: { early: EARLY }
mp4: false
`

export interface EarlyFilm {
  intent: Intent
  /** Pieces of 8, 16 and 16 s, and the sound: all that is encoded. */
  parts: readonly (VideoPieceJob | AudioJob)[]
  /** Stores the objects and the marker of a part. */
  make: (job: VideoPieceJob | AudioJob) => Promise<void>
  /** What a worker does after a part; `through` may be a store that breaks. */
  grow: (job: VideoPieceJob | AudioJob, through?: ObjectStore) => Promise<void>
  /** Texts of all that is public, by key below the asset's folder. */
  shown: () => Promise<Map<string, string>>
}

export async function earlyFilm({ store, bucket }: KindOfStore, { run = 1, isEarly = true } = {}): Promise<EarlyFilm> {
  const intent = planOf(bucket, run, isEarly)
  const state = stateOf(intent)
  await writeRecord(store, at(state, runKeys.intent), intent)
  const parts = intent.jobs.filter((job) => job.kind === 'video-piece' || job.kind === 'audio')
  return {
    ...{ intent, parts },
    make: async (job) => {
      const tracks = job.kind === 'audio' ? [soundOf(job)] : job.rungs.map(({ id }) => pictureOf(job, id))
      for (const { init, segments } of tracks) {
        for (const { key, bytes } of [init, ...segments]) {
          await store.write(at(job.output, key), Buffer.alloc(bytes), { contentType: 'video/mp4' })
        }
      }
      const [first] = tracks
      const { part } = job
      if (job.kind === 'video-piece') await writeMarker(store, state, pieceMarker(tracks, { part }))
      else if (first !== undefined) await writeMarker(store, state, audioMarker(first, { part }))
    },
    grow: (job, through = store) => {
      return growAfter({ ...QUIET, store: through }, job, new AbortController().signal)
    },
    shown: async () => {
      const texts = new Map<string, string>()
      const playlists = ['240p', '360p', '480p'].map((id) => outputKeys.earlyPlaylist('video', id))
      const ofRun = [...playlists, outputKeys.earlyPlaylist('audio', 'audio')].map(
        (key) => `${homeKeys.run(run)}/${key}`,
      )
      for (const key of [homeKeys.early, ...ofRun]) {
        const found = await readPinned(store, at(intent.home, key))
        if (found !== null) texts.set(key, found.body)
      }
      return texts
    },
  }
}

export function stateOf({ jobs }: Intent): Job['state'] {
  const [job] = jobs
  if (job === undefined) throw new Error('the plan has no job')
  return job.state
}

function planOf(bucket: string, run: number, isEarly: boolean): Intent {
  const size = { codedWidthPx: 854, codedHeightPx: 480, displayWidthPx: 854, displayHeightPx: 480 }
  const facts = sourceFacts({
    bytes: 1e9,
    durationSeconds: SECONDS,
    video: videoFacts({ ...size, durationSeconds: SECONDS }),
    audio: audioFacts({ durationSeconds: SECONDS }),
  })
  const keyframes = { seconds: Array.from({ length: SECONDS / 2 }, (_, index) => 2 * index), isComplete: true }
  return intentOf({
    ...{ assetId: 'a'.repeat(20), run, priority: 100, facts, request: NO_REQUEST },
    ladder: parseLadder(LADDER.replace('EARLY', String(isEarly)), 'early.yaml'),
    source: { bucket: 'file', key: '/films/film.mp4', etag: 'e', bytes: 1e9 },
    ...{ state: { bucket, prefix: 'state' }, limits: planLimits({ pieceSeconds: 16 }), speeds: NO_SPEEDS, at: AT },
    target: { place: { bucket, prefix: 'out' }, template: DEFAULT_NAME },
    times: { keyframes, blindSeconds: 0, lastSeekSeconds: Infinity, pictures: SECONDS * 25, isCopied: false },
  })
}

function pictureOf({ slice }: VideoPieceJob, id: string): TrackOutput {
  const first = Math.ceil(slice.startTicks / 90_000 / 4)
  const end = Math.ceil((slice.endTicks ?? SECONDS * 90_000) / 90_000 / 4)
  const folder = `${String(slice.index).padStart(4, '0')}-aaaaaaaa`
  return track(
    id,
    numbers(first, end).map((number) => named(number, `video/${id}/${folder}`)),
  )
}

function soundOf({ encode: { id } }: AudioJob): TrackOutput {
  const init = { key: `audio/${id}/init-1.mp4`, bytes: 500, sha256: '1' }
  const segments = numbers(0, SECONDS / 4).map((number) => named(number, `audio/${id}/whole-aaaaaaaa`))
  return track(id, segments, { init, codec: 'mp4a.40.2' })
}

function named(number: number, folder: string): StoredSegment {
  return segment(number, { key: `${folder}/${String(number).padStart(5, '0')}.m4s` })
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
