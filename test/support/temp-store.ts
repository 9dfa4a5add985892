/** A folder store of its own for each test, with a bucket `state` and a bucket `out`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStore } from '../../core/adapters/file-store'
import type { ObjectStore } from '../../core/ports/object-store'

export interface TempStore {
  store: ObjectStore
  remove: () => Promise<void>
}

export async function tempStore(): Promise<TempStore> {
  const root = await mkdtemp(join(tmpdir(), 'gantry-state-'))
  const scratch = join(root, 'scratch')
  const bucket = (name: string): { folder: string; scratch: string } => ({ folder: join(root, name), scratch })
  return {
    store: createFileStore({ buckets: { state: bucket('state'), out: bucket('out') } }),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
