import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStore } from '../../core/adapters/file-store'
import { createGateway } from '../../core/adapters/gateway'
import { servedConcat, servedObject } from '../../core/adapters/served-object'
import type { MediaGateway } from '../../core/ports/media-gateway'
import type { ObjectStore } from '../../core/ports/object-store'
import { httpGet } from '../support/http-get'
import { FAST } from '../support/served-pattern'

let gateway: MediaGateway
beforeEach(async () => {
  gateway = await createGateway(FAST)
})
afterEach(async () => {
  await gateway.close()
})

describe('served objects', () => {
  let folder: string
  let store: ObjectStore
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gantry-gateway-'))
    await mkdir(join(folder, 'objects'))
    store = createFileStore({
      buckets: { bucket: { folder: join(folder, 'objects'), scratch: join(folder, 'scratch') } },
    })
  })
  afterAll(() => rm(folder, { recursive: true }))

  const put = (key: string, body: Buffer): Promise<{ etag: string; bytes: number }> =>
    store.write({ bucket: 'bucket', key }, body, { contentType: 'video/mp4' })

  it('serves an object pinned by its etag', async () => {
    const { etag } = await put('a', Buffer.from('abcdef'))
    const open = await gateway.open(servedObject(store, { bucket: 'bucket', key: 'a', etag }, 6))
    expect((await httpGet(open.url, { range: 'bytes=2-3' })).body.toString()).toBe('cd')
    await put('a', Buffer.from('ABCDEFG'))
    expect((await httpGet(open.url)).isCut).toBe(true)
    expect(open.failure()).toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('serves several objects as one, every range of them', async () => {
    const texts = ['abc', '', 'd', 'efghij', '']
    const parts = await Promise.all(
      texts.map(async (body, index) => {
        const { etag, bytes } = await put(`part-${index}`, Buffer.from(body))
        return { at: { bucket: 'bucket', key: `part-${index}` }, bytes, etag }
      }),
    )
    const whole = texts.join('')
    const resource = servedConcat(store, parts)
    expect(resource.bytes).toBe(whole.length)
    const open = await gateway.open(resource)
    for (let start = 0; start < whole.length; start += 1) {
      for (let end = start; end < whole.length; end += 1) {
        const reply = await httpGet(open.url, { range: `bytes=${start}-${end}` })
        expect(reply.body.toString()).toBe(whole.slice(start, end + 1))
      }
    }
  })

  it('fails rather than shift the bytes behind a part that is too short', async () => {
    await put('short', Buffer.from('abc'))
    const at = { bucket: 'bucket', key: 'short' }
    const open = await gateway.open(
      servedConcat(store, [
        { at, bytes: 5 },
        { at, bytes: 3 },
      ]),
    )
    const reply = await httpGet(open.url)
    expect(reply.isCut).toBe(true)
    expect(reply.body.toString()).toBe('abc')
    expect(open.failure()).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
