/** Pure: a probed master, a ladder and what was asked for, to the intent of one run. */
import type { Intent } from '../core/contract/intent'
import type { MasterRequest } from '../core/contract/request'
import type { SourceArrived, SourceFacts } from '../core/contract/source'
import { canonicalLadder } from '../ladders/digest'
import type { Ladder } from '../ladders/schema'
import { selectRungs } from '../ladders/select'
import { clippedFacts } from './clip'
import { digestOf } from './identity'
import { outputName } from './name'
import { planRun, type OutputChoice, type PlanInput } from './plan'

export interface IntentInput extends Pick<
  PlanInput,
  'assetId' | 'run' | 'priority' | 'output' | 'state' | 'limits' | 'times' | 'at'
> {
  source: SourceArrived
  facts: SourceFacts
  ladder: Ladder
  request: MasterRequest
}

/** @throws SOURCE_ codes of the selection; API_REQUEST_INVALID for a clip that lies outside of the master. */
export function intentOf({ source, facts: whole, ladder, request, ...input }: IntentInput): Intent {
  const facts = clippedFacts(whole, request.clip)
  const { bytes, bucket, key, etag, versionId } = source
  return planRun({
    ...{ ...input, facts, request, selection: selectRungs(ladder, facts) },
    source: { bucket, key, etag, bytes, ...(versionId !== undefined && { versionId }) },
    ladder: { name: ladder.name, digest: digestOf(canonicalLadder(ladder)) },
    outputs: outputsOf(ladder, request),
    name: outputName(key, input.assetId),
  })
}

function outputsOf({ mp4, thumbnails }: Ladder, { posterAtSeconds }: MasterRequest): OutputChoice {
  return {
    mp4,
    thumbnails: {
      poster: {
        ...{ atFraction: thumbnails.posterAtFraction, atSeconds: posterAtSeconds },
        maxWidthPx: thumbnails.posterMaxWidthPx,
      },
      images: { intervalSeconds: thumbnails.imageIntervalSeconds, widthPx: thumbnails.imageWidthPx },
      sprites: {
        intervalSeconds: thumbnails.spriteIntervalSeconds,
        tileWidthPx: thumbnails.spriteTileWidthPx,
        columns: thumbnails.spriteColumns,
        rows: thumbnails.spriteRows,
      },
    },
  }
}
