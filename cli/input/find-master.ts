import { MASTERS_BUCKET } from '../../core/adapters/open-store'
import { GantryError } from '../../core/contract/errors'
import type { SourceArrived } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'

/** @param path Absolute. @throws SOURCE_NOT_FOUND, SOURCE_DENIED */
export async function findMaster(store: ObjectStore, path: string): Promise<SourceArrived> {
  const at = { bucket: MASTERS_BUCKET, key: path }
  const found = await store.head(at)
  if (found === null) throw new GantryError('SOURCE_NOT_FOUND', `there is no file at '${path}'`)
  return { ...at, ...found }
}
