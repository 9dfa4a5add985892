/** A loopback server that nobody should call: it counts who does. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Canary {
  origin: string
  /** Connections, with or without a request on them. */
  calls(): number
  close(): Promise<void>
}

export async function openCanary(): Promise<Canary> {
  let calls = 0
  const server = createServer((_, reply) => reply.writeHead(404).end())
  server.on('connection', () => {
    calls += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
