/** Short words for what tests do with an object store. */
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { LabelKind, Labels, ObjectStore, WriteOptions } from '../../core/ports/object-store'

export interface StoreUnderTest {
  store: ObjectStore
  /** An empty bucket that may be written to. */
  bucket: string
  /** Whether the same bytes written again get an etag of their own. */
  etags: 'of writes' | 'of bytes'
  /** Puts the object there anew with these labels, as somebody else would; null for a store that has none. */
  label: ((key: string, kind: LabelKind, labels: Labels) => Promise<void>) | null
  close: () => Promise<void>
}

export function storeActions(underTest: () => StoreUnderTest) {
  const at = (key: string): { bucket: string; key: string } => ({ bucket: underTest().bucket, key })
  const put = (key: string, body: string | Uint8Array | Readable, options: Partial<WriteOptions> = {}) =>
    underTest().store.write(at(key), typeof body === 'string' ? Buffer.from(body) : body, {
      contentType: 'application/octet-stream',
      ...options,
    })
  const get = async (key: string, range?: { start: number; end: number }): Promise<string> =>
    text(await underTest().store.read(at(key), range))
  const keys = async (prefix = ''): Promise<string[]> => {
    const found: string[] = []
    for await (const { key } of underTest().store.list({ bucket: underTest().bucket, prefix })) found.push(key)
    return found
  }
  return { at, put, get, keys }
}
