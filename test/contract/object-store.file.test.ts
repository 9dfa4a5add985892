import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStore } from '../../core/adapters/file-store'
import { describeObjectStore } from './object-store'

describeObjectStore('folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'gantry-store-'))
  const scratch = join(root, 'scratch')
  return {
    store: createFileStore({ buckets: { out: { folder: join(root, 'out'), scratch } } }),
    bucket: 'out',
    etags: 'of writes',
    label: null,
    close: async () => {
      // Whatever a test did, no temporary file and no lock stays.
      const left = await readdir(scratch).catch(() => [])
      await rm(root, { recursive: true })
      expect(left).toEqual([])
    },
  }
})

// As the command lays it out: the scratch folder and another bucket lie inside of a bucket.
describeObjectStore('folder that holds another bucket and its scratch', async () => {
  const root = await mkdtemp(join(tmpdir(), 'gantry-store-'))
  const scratch = join(root, '.gantry', 'tmp')
  const store = createFileStore({
    buckets: { out: { folder: root, scratch }, state: { folder: join(root, '.gantry'), scratch } },
  })
  await store.write({ bucket: 'state', key: 'open/a' }, Buffer.from('x'), { contentType: 'text/plain' })
  return { store, bucket: 'out', etags: 'of writes', label: null, close: () => rm(root, { recursive: true }) }
})
