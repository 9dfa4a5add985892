/** Pure: a probed master, a ladder and what was asked for, to the intent of one run. */
import type { Intent } from '../core/contract/intent'
import type { MasterRequest } from '../core/contract/request'
import type { SourceArrived, SourceFacts } from '../core/contract/source'
import { canonicalLadder } from '../ladders/digest'
import type { Ladder } from '../ladders/schema'
import { selectRungs } from '../ladders/select'
import { checkPoster, clippedFacts } from './clip'
import { digestOf } from './identity'
import { outputName } from '../routes/name'
import type { Target } from './routing/target'
import { planRun, type OutputChoice, type PlanInput } from './plan'

export interface IntentInput extends Pick<
  PlanInput,
  'assetId' | 'run' | 'priority' | 'state' | 'limits' | 'times' | 'speeds' | 'at'
> {
  source: SourceArrived
  facts: SourceFacts
  ladder: Ladder
  request: MasterRequest
  target: Target
}

/** @throws SOURCE_ codes of the selection; API_REQUEST_INVALID for a clip or a poster outside of the master. */
export function intentOf({ source, facts: whole, ladder, request, target, ...input }: IntentInput): Intent {
  const facts = clippedFacts(whole, request.clip)
  checkPoster(request.posterAtSeconds, facts)
  const { bytes, bucket, key, etag, versionId } = source
  return planRun({
    ...{ ...input, facts, request, selection: selectRungs(ladder, facts) },
    source: { bucket, key, etag, bytes, ...(versionId !== undefined && { versionId }) },
    ladder: { name: ladder.name, digest: digestOf(canonicalLadder(ladder)) },
    outputs: outputsOf(ladder, request),
    name: outputName({ bucket, key }, input.assetId, target.template),
    output: target.place,
    ...(target.destination !== undefined && { destination: target.destination }),
  })
}

function outputsOf({ mp4, packaging, thumbnails }: Ladder, { posterAtSeconds }: MasterRequest): OutputChoice {
  return {
    mp4,
    packaging,
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
