/** What a published run says of the fleet's speeds goes into the state, once. */
import { GantryError } from '../core/contract/errors'
import type { Intent } from '../core/contract/intent'
import type { VideoPieceJob } from '../core/contract/job'
import { at, runKeys, stateKeys } from '../core/contract/keys'
import type { TrackOutput, VideoPieceMarker } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { readPinned, RECORD_TRIES, replaceRecord, writeRecordOnce } from '../core/state/records'
import { readMarker } from '../core/state/run-records'
import { learn, learnedJson, NOTHING_LEARNED, parseLearned, type Observation } from './cost/learned'
import { observationsOf, type MeasuredPiece } from './cost/measured-pieces'
import { pieceCost } from './cost/model'
import { pieceClass } from './cost/piece-class'
import { pictureWork, rungWork } from './cost/piece-work'

export interface LearnParts {
  store: ObjectStore
  state: Place
  now: () => Date
}

/** Of a film's pieces, spread over its length: more say nothing new, and each is a request. */
const PIECES_LOOKED_AT = 16

/**
 * Counts the pieces of a run. The run's own mark keeps it from being counted again at any time; where this died between
 * the count and the mark, the record itself still knows the run.
 *
 * @throws STORE_ codes; nothing depends on it.
 */
export async function learnFromRun(parts: LearnParts, intent: Intent, run: Place): Promise<void> {
  const { store, now } = parts
  const pieces = intent.jobs.filter((job): job is VideoPieceJob => job.kind === 'video-piece')
  const mark = at(run, runKeys.learned)
  if (pieces.length === 0 || (await store.head(mark)) !== null) return
  const looks = spread(pieces, PIECES_LOOKED_AT).map(async (job) => {
    return measuredPiece(intent, job, await readMarker<VideoPieceMarker>(store, run, job.part))
  })
  const observations = observationsOf((await Promise.all(looks)).flat())
  if (observations.length > 0) await count(parts, `${intent.assetId}.${intent.run}`, observations)
  await writeRecordOnce(store, mark, { v: 1, observations, at: now().toISOString() })
}

function spread<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most)
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

/** None of a piece whose time nobody measured, that went without some of its rungs, or that an earlier run has told of. */
function measuredPiece({ facts }: Intent, job: VideoPieceJob, marker: VideoPieceMarker | null): MeasuredPiece[] {
  if (facts.video === null || marker === null || marker.leftOut !== null || marker.takenFrom !== undefined) return []
  const { cpuSeconds } = marker.receipt
  const picture = pictureWork(facts.video, job, 1)
  const rungs = job.rungs.map((rung) => rungWork(rung, job))
  const name = pieceClass(picture, rungs)
  if (cpuSeconds === null || name === null) return []
  const mediaSeconds = Math.max(0, ...marker.tracks.map(shownSeconds))
  return [{ pieceClass: name, cpuSeconds, expectedSlotSeconds: pieceCost(picture, rungs, mediaSeconds) }]
}

/** As stored, whatever the master said. */
function shownSeconds({ segments, timescaleHz }: TrackOutput): number {
  return segments.reduce((sum, { startTicks, endTicks }) => sum + (endTicks - startTicks) / timescaleHz, 0)
}

/** What is there and is no record of ours is written anew. */
async function count({ store, state, now }: LearnParts, run: string, seen: readonly Observation[]): Promise<void> {
  const where = at(state, stateKeys.learned)
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const found = await readPinned(store, where)
    const before = (found === null ? null : parseLearned(found.body)) ?? NOTHING_LEARNED
    const after = learn(before, run, seen, now())
    if (after === before) return
    if (await replaceRecord(store, where, learnedJson(after), found?.etag ?? null)) return
  }
  throw new GantryError('STORE_UNAVAILABLE', `the record ${where.key} is written to by too many at once`)
}
