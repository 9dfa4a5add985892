/** The object store that a configuration names, with the places in it. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GantryError } from '../contract/errors'
import type { Place } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'
import { createFileStore, sweepScratch } from './file-store'

export interface StoreSettings {
  /** `file:///folder` */
  stateUrl: string
  outputUrl: string
}

export interface OpenStore {
  store: ObjectStore
  state: Place
  output: Place
}

/** Bucket of local masters: the key is an absolute path. */
export const MASTERS_BUCKET = 'file'

/** Where a folder store keeps files that are not whole yet, below its state; on the same file system as both. */
const SCRATCH_FOLDER = 'tmp'

/**
 * Opens a folder store: the buckets `state` and `out`, and the masters of this machine.
 *
 * @throws CONFIG_INVALID for a URL that is not `file:///...`.
 */
export async function openStore(settings: StoreSettings): Promise<OpenStore> {
  const state = folderOf('GANTRY_STATE', settings.stateUrl)
  const output = folderOf('GANTRY_OUTPUT', settings.outputUrl)
  const scratch = join(state, SCRATCH_FOLDER)
  await sweepScratch(scratch)
  const store = createFileStore({
    buckets: {
      state: { folder: state, scratch },
      out: { folder: output, scratch },
      [MASTERS_BUCKET]: { masters: true },
    },
  })
  return { store, state: { bucket: 'state', prefix: '' }, output: { bucket: 'out', prefix: '' } }
}

function folderOf(name: string, url: string): string {
  if (!URL.canParse(url) || new URL(url).protocol !== 'file:') {
    throw new GantryError('CONFIG_INVALID', `${name} must be a folder as file:///path, got '${url}'`)
  }
  return fileURLToPath(url)
}
