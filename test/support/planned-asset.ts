/** An asset as a submission leaves it in the state, and what its workers may have made of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FinalRecord, Intent } from '../../core/contract/intent'
import { at, runKeys, stateKeys } from '../../core/contract/keys'
import type { FailureMarker } from '../../core/contract/markers'
import { NO_REQUEST } from '../../core/contract/request'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord } from '../../core/state/records'
import { runPlace } from '../../core/state/run-records'
import { parseLadder } from '../../ladders/parse'
import type { Ladder } from '../../ladders/schema'
import { DEFAULT_NAME } from '../../routes/name'
import { NO_SPEEDS } from '../../scheduler/cost/known-speeds'
import { intentOf, type IntentInput } from '../../scheduler/intent-of'
import type { RunRecords } from '../../scheduler/runs/standing'
import { planLimits, sourceFacts } from './builders'

export const ASSET = 'abcdefghij'.repeat(2)
export const AT = '2026-01-01T00:00:00.000Z'
export const STATE: Place = { bucket: 'out', prefix: 'state' }
const OUT: Place = { bucket: 'out', prefix: 'films' }

export const defaults: Ladder = parseLadder(
  readFileSync(join(__dirname, '..', '..', 'ladders', 'default.yaml'), 'utf8'),
  'default',
)

/** 720p for 8 s: rungs of 240p to 720p and one sound. */
export function plannedIntent(more: Partial<IntentInput> = {}): Intent {
  return intentOf({
    ...{
      assetId: ASSET,
      run: 1,
      priority: 100,
      state: STATE,
      limits: planLimits(),
      times: null,
      speeds: NO_SPEEDS,
      at: AT,
    },
    source: { bucket: 'in', key: 'Film.mov', etag: 'e', bytes: 1_000 },
    ...{ facts: sourceFacts(), ladder: defaults, request: NO_REQUEST },
    target: { place: OUT, template: DEFAULT_NAME },
    ...more,
  })
}

export function records(intent: Intent | null, more: Partial<RunRecords> = {}): RunRecords {
  return { run: intent?.run ?? 1, intent, done: new Set(), failures: [], final: null, ...more }
}

export function failureOf(part: string, code = 'FFMPEG_EXIT'): FailureMarker {
  const jobId = `${ASSET}.1.video-piece.${part}`
  return { v: 1, jobId, part, code, message: 'it broke', details: {}, workerId: 'w', at: AT }
}

export function finalOf(status: FinalRecord['status'], run = 1): FinalRecord {
  const common = { v: 1 as const, assetId: ASSET, run, at: AT }
  const source = { bucket: 'in', key: 'Film.mov' }
  switch (status) {
    case 'failed':
      return { ...common, status, code: 'FFMPEG_EXIT', message: 'it broke', remedy: 'mend it', source }
    case 'superseded':
      return { ...common, status, by: null, source }
    case 'cancelled':
      return { ...common, status, source }
    case 'deleted':
      return { ...common, status, homes: [], source }
    case 'published':
      return { ...common, status, multivariant: '#EXTM3U\n', asset: publishedFacts(run) }
  }
}

function publishedFacts(run: number): Extract<FinalRecord, { status: 'published' }>['asset'] {
  const rendition = { codec: 'x', peakBps: 1, averageBps: 1, bytes: 1, segments: 1, samples: 1 }
  const video = ['240p', '360p', '480p', '720p'].map((id) => ({
    ...{ id, playlist: `r${run}/video/${id}/playlist.m3u8`, ...rendition },
  }))
  const audio = [{ id: 'audio', playlist: `r${run}/audio/audio/playlist.m3u8`, ...rendition }]
  const none = { captions: [], mp4: [], thumbnails: null, warnings: [] }
  return { v: 1, assetId: ASSET, run, name: 'n', durationSeconds: 8, master: 'master.m3u8', video, audio, ...none }
}

/** Opens the asset and writes its plan, as `submit` does. */
export async function putRun(store: ObjectStore, intent: Intent, final?: FinalRecord): Promise<Place> {
  const run = runPlace(STATE, intent.assetId, intent.run)
  await writeRecord(store, at(STATE, stateKeys.open(intent.assetId)), { v: 1, run: intent.run })
  await writeRecord(store, at(run, runKeys.intent), intent)
  if (final !== undefined) await writeRecord(store, at(run, runKeys.final), final)
  return run
}
