/** The object store of tests: one bucket in a folder. */
import type { ObjectStore } from '../../core/ports/object-store'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GantryError } from '../../core/contract/errors'

export function openFolderStore(bucket: string, folder: string): ObjectStore {
  const path = (at: { bucket: string; key: string }): string => {
    if (at.bucket !== bucket) throw new GantryError('STORE_NOT_FOUND', `no bucket '${at.bucket}'`)
    return join(folder, at.key)
  }
  const statOf = async (file: string): Promise<{ etag: string; bytes: number } | null> => {
    try {
      const { size, mtimeNs, ino } = await stat(file, { bigint: true })
      return { etag: createHash('md5').update(`${size} ${mtimeNs} ${ino}`).digest('hex'), bytes: Number(size) }
    } catch {
      return null
    }
  }
  return {
    head: (at) => statOf(path(at)),
    read: async (ref, range) => {
      const found = await statOf(path(ref))
      if (found === null) throw new GantryError('STORE_NOT_FOUND', `no object '${ref.key}'`)
      if (ref.etag !== undefined && ref.etag !== found.etag) throw new GantryError('SOURCE_CHANGED', 'another etag')
      return createReadStream(path(ref), range)
    },
    write: async (at, body) => {
      await mkdir(dirname(path(at)), { recursive: true })
      await writeFile(path(at), body)
      return (await statOf(path(at))) ?? { etag: '', bytes: (await readFile(path(at))).length }
    },
    list: () => {
      throw new GantryError('QUEUE_INTERNAL', 'not needed here')
    },
    remove: () => Promise.reject(new GantryError('QUEUE_INTERNAL', 'not needed here')),
    locate: path,
  }
}
