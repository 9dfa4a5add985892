/** Looks at a master: what it is, and, where it is long enough to be cut, when its pictures are shown. */
import type { SourceArrived, SourceFacts } from '../core/contract/source'
import type { MediaProbe } from '../core/ports/media-probe'
import type { PictureIndexReader } from '../core/ports/picture-index'
import type { Ladder } from '../ladders/schema'
import { copiedTimes, pictureTimes } from './picture-times'
import { mayBeCut, type PictureTimes } from './pieces'
import type { PlanLimits } from './plan'

export interface ExamineParts {
  probe: MediaProbe
  pictureIndex: PictureIndexReader
  limits: PlanLimits
}

export interface ExaminedMaster {
  facts: SourceFacts
  /** Null where the master is encoded whole. */
  times: PictureTimes | null
}

/** @throws What the probe throws; SOURCE_CHANGED, STORE_UNAVAILABLE. */
export async function examine(
  { probe, pictureIndex, limits }: ExamineParts,
  source: SourceArrived,
  { packaging: { early: isEarly } }: Pick<Ladder, 'packaging'>,
  signal: AbortSignal,
): Promise<ExaminedMaster> {
  const facts = await probe.probe(source, signal)
  const { video } = facts
  if (video === null || !mayBeCut(facts, { ...limits, isEarly })) return { facts, times: null }
  const index = await pictureIndex.readIndex(source, facts, signal)
  return { facts, times: pictureTimes(index, video) ?? copiedTimes(index, facts) }
}
