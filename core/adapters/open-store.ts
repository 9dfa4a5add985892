/** The object store that a configuration names, with the places in it. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GantryError } from '../contract/errors'
import { below } from '../contract/keys'
import type { Place } from '../contract/source'
import type { OpenStore } from '../ports/object-store'
import { createFileStore, sweepScratch } from './file-store'
import { openS3Store, type S3StoreSettings } from './open-s3-store'

export interface StoreSettings {
  /** `file:///folder` or `s3://bucket/prefix`; both of one kind. */
  stateUrl: string
  outputUrl: string
  /** For `s3://`. */
  s3?: S3StoreSettings
}

/** Bucket of local masters: the key is an absolute path. */
export const MASTERS_BUCKET = 'file'

/** Where a folder store keeps files that are not whole yet, below its state; on the same file system as both. */
const SCRATCH_FOLDER = 'tmp'

/**
 * Opens the store of a state and an output: folders of this machine (with buckets `state` and `out`, and the masters of
 * this machine), or S3.
 *
 * @throws CONFIG_INVALID for URLs that do not go together; STORE_ codes when S3 cannot be used.
 */
export async function openStore(settings: StoreSettings): Promise<OpenStore> {
  const kinds = [settings.stateUrl, settings.outputUrl].map((url) => url.slice(0, url.indexOf(':')))
  if (kinds[0] !== kinds[1]) {
    const urls = `'${settings.stateUrl}' and '${settings.outputUrl}'`
    throw new GantryError('CONFIG_INVALID', `GANTRY_STATE and GANTRY_OUTPUT must both be s3:// or file://, got ${urls}`)
  }
  if (kinds[0] !== 's3') return openFolders(settings)
  if (settings.s3 === undefined)
    throw new GantryError('CONFIG_INVALID', 's3:// is for the services, not for one machine')
  const state = placeOf('GANTRY_STATE', settings.stateUrl)
  const output = placeOf('GANTRY_OUTPUT', settings.outputUrl)
  return openS3Store({ state, output }, settings.s3)
}

async function openFolders(settings: StoreSettings): Promise<OpenStore> {
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
  return {
    store,
    state: { bucket: 'state', prefix: '' },
    output: { bucket: 'out', prefix: '' },
    // Folders have neither roles nor tags; the places of a run on one machine are all in its own buckets.
    storeOf: () => store,
    check: async () => void (await store.head({ bucket: 'state', key: 'open' })),
    close: () => undefined,
  }
}

function folderOf(name: string, url: string): string {
  if (!URL.canParse(url) || new URL(url).protocol !== 'file:') {
    throw new GantryError('CONFIG_INVALID', `${name} must be a folder as file:///path, got '${url}'`)
  }
  return fileURLToPath(url)
}

function placeOf(name: string, url: string): Place {
  const [bucket = '', ...parts] = url.slice('s3://'.length).split('/')
  const prefix = parts.filter((part) => part !== '').join('/')
  if (bucket === '') throw new GantryError('CONFIG_INVALID', `${name} must be s3://bucket/prefix, got '${url}'`)
  return prefix === '' ? { bucket, prefix } : below({ bucket, prefix: '' }, prefix)
}
