/** Whether what is asked for is what a run makes already. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { Intent } from '../core/contract/intent'
import { below } from '../core/contract/keys'
import type { Place } from '../core/contract/source'
import { NO_REQUEST, type MasterRequest } from '../core/contract/request'
import { canonicalLadder } from '../ladders/digest'
import type { Ladder } from '../ladders/schema'
import { outputName } from '../routes/name'
import { digestOf } from './identity'
import type { Target } from './routing/target'

export interface Wish {
  ladder: Ladder
  request: MasterRequest
  target: Target
}

/** What was asked for, also where the plan is older than a field of the request. */
export function requestOf({ request }: Intent): MasterRequest {
  return { ...NO_REQUEST, ...request }
}

/** What the asset was put below, whatever the settings say by now. */
export function outputOf({ home, name }: Intent): Place {
  return { bucket: home.bucket, prefix: home.prefix.slice(0, -name.length).replace(/\/$/, '') }
}

/** The same outputs in the same place, written in the same way; who asked, and in which lane, does not count. */
export function isWishOf(intent: Intent, { ladder, request, target }: Wish): boolean {
  const home = below(target.place, outputName(intent.source, intent.assetId, target.template))
  return (
    intent.ladder.digest === digestOf(canonicalLadder(ladder)) &&
    isDeepStrictEqual(requestOf(intent), request) &&
    isDeepStrictEqual(intent.home, home) &&
    isDeepStrictEqual(intent.destination, target.destination)
  )
}
