/** What the scheduler makes of a request that came by an intake. */
import { GantryError } from '../../core/contract/errors'
import type { MasterRequest, Sidecar } from '../../core/contract/request'
import type { ObjectAt, Place, SourceArrived } from '../../core/contract/source'
import type { ObjectStat, VersionedAt } from '../../core/ports/object-store'
import type { RequestDocument } from '../../routes/request-schema'
import { masterRequest, shownObject, sidecarOf } from '../asked'
import type { Route } from '../routing/router'
import { isIn } from './places'

export interface AskedMaster {
  source: SourceArrived
  request: MasterRequest
  route: Route
}

export interface RequestParts {
  /** Where masters and captions are taken from; nothing is asked of the store for others. */
  sources: readonly Place[]
  /** Where Gantry itself writes. */
  ownPlaces: readonly Place[]
  find: (at: VersionedAt) => Promise<ObjectStat | null>
  route: (request: RequestDocument, object: VersionedAt) => Promise<Route>
}

/**
 * The places that a request names, before the store is asked for any of them.
 *
 * @returns The master's.
 * @throws API_REQUEST_INVALID without a master, API_BUCKET_NOT_ALLOWED for places that are not for masters.
 */
export function allowedSource(
  { source, captions }: RequestDocument,
  { sources, ownPlaces }: Pick<RequestParts, 'sources' | 'ownPlaces'>,
): VersionedAt {
  if (source === undefined) {
    throw new GantryError('API_REQUEST_INVALID', 'source is missing, it must be a mapping with bucket and key')
  }
  const { bucket, key, versionId } = source
  for (const file of [{ bucket, key }, ...captions.map((one) => ({ bucket: one.bucket ?? bucket, key: one.key }))]) {
    if (isIn(sources, file) && !isIn(ownPlaces, file)) continue
    const why = isIn(ownPlaces, file) ? 'Gantry itself writes there' : 'it is not in GANTRY_SOURCES'
    throw new GantryError('API_BUCKET_NOT_ALLOWED', `nothing is taken from ${shownObject(file)}: ${why}`)
  }
  return { bucket, key, ...(versionId !== undefined && { versionId }) }
}

/**
 * Finds all that a request names, as it is now.
 *
 * @throws As `allowedSource`; SOURCE_NOT_FOUND; API_REQUEST_INVALID for files that cannot be captions;
 * API_DESTINATION_NOT_ALLOWED; STORE_ codes.
 */
export async function findAsked(document: RequestDocument, parts: RequestParts): Promise<AskedMaster> {
  const at = allowedSource(document, parts)
  const stat = await parts.find(at)
  if (stat === null) throw notThere(at)
  const captions: Sidecar[] = []
  for (const asked of document.captions) {
    const file = { bucket: asked.bucket ?? at.bucket, key: asked.key }
    const found = await parts.find(file)
    if (found === null) throw notThere(file)
    captions.push(sidecarOf(asked, file, found))
  }
  const route = await parts.route(document, at)
  return { source: { ...at, ...stat }, request: masterRequest(document, captions), route }
}

function notThere(at: ObjectAt): GantryError {
  return new GantryError('SOURCE_NOT_FOUND', `there is no object ${shownObject(at)}`)
}
