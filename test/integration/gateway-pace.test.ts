import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createGateway } from '../../core/adapters/gateway'
import type { MediaGateway } from '../../core/ports/media-gateway'
import { pattern } from '../support/served-pattern'

const MIB = 1024 * 1024
let gateway: MediaGateway
beforeEach(async () => {
  gateway = await createGateway()
})
afterEach(() => gateway.close())

const BYTES_PER_MS = 640

/** Reads about 640 kB a second until it has `bytes`, and leaves. */
async function sip(url: string, bytes: number): Promise<void> {
  const asking = request(url)
  asking.end()
  const [reply] = (await once(asking, 'response')) as [IncomingMessage]
  let taken = 0
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    taken += chunk.length
    if (taken >= bytes) break
    await delay(chunk.length / BYTES_PER_MS)
  }
  reply.destroy()
}

describe('gateway: pace', () => {
  // Only Linux tells what a loopback connection holds; elsewhere a reader that leaves may have cost 4 MB.
  const onLinux = process.platform === 'linux' ? it : it.skip

  onLinux('reads no more than about a second in vain for a slow reader that will leave soon', async () => {
    const resource = pattern(40 * MIB)
    const open = await gateway.open(resource)
    open.holdBack()
    await sip(open.url, 4 * MIB)
    expect(open.failure()).toBeNull()
    expect(resource.bytesRead()).toBeGreaterThanOrEqual(4 * MIB)
    expect(resource.bytesRead()).toBeLessThan(5.5 * MIB)
  })
})
