/**
 * A port of 127.0.0.1 in front of one server, with the faults of networks. What has been sent is never lost while both
 * ends live, as TCP sends again what a broken way has swallowed; it comes late, or the connection ends.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net'
import { bytesPassed, wayOf, type Behaviour, type Way, type WayRule } from './tcp-way'

export interface TcpProxy {
  port: number
  behaviour(): Behaviour
  /** From now on, for open connections as for new ones. */
  behave(behaviour: Behaviour): void
  /** Resets all open connections now; new ones are as the behaviour says. */
  cut(): void
  /** Of all open connections the way to the client ends; what clients send goes on to the server. */
  halfClose(): void
  /** Connections that are open, and how many were taken in all. */
  connections(): { open: number; taken: number }
  close(): Promise<void>
}

interface Pair {
  client: Socket
  server: Socket
  /** To the server and to the client. */
  ways: readonly [Way, Way]
  /** Bytes that had passed when the behaviour was last changed. */
  passedBefore: number
}

interface Proxied {
  pairs: Set<Pair>
  behaviour: Behaviour
  /** Ways wait here for another behaviour. */
  changed: Set<() => void>
  taken: number
}

/** @param target As `net.connect` takes it: a port with its host, or the path of a unix socket. */
export async function startTcpProxy(target: NetConnectOpts): Promise<TcpProxy> {
  const state: Proxied = { pairs: new Set(), behaviour: 'pass', changed: new Set(), taken: 0 }
  const listener = createServer({ allowHalfOpen: true }, (client) => take(state, client, target))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const cut = (): void => state.pairs.forEach(reset)
  return {
    port: (listener.address() as AddressInfo).port,
    behaviour: () => state.behaviour,
    behave: (behaviour) => {
      state.behaviour = behaviour
      for (const pair of state.pairs) pair.passedBefore = bytesPassed(pair.ways)
      for (const wake of [...state.changed]) wake()
    },
    cut,
    halfClose: () => state.pairs.forEach(({ ways: [, toClient] }) => toClient.end()),
    connections: () => ({ open: state.pairs.size, taken: state.taken }),
    close: async () => {
      const closed = once(listener.close(), 'close')
      cut()
      await closed
    },
  }
}

function take(state: Proxied, client: Socket, target: NetConnectOpts): void {
  state.taken += 1
  // A connection that is reset on purpose is no error of the proxy.
  client.on('error', () => undefined)
  if (state.behaviour === 'refuse') {
    client.resetAndDestroy()
    return
  }
  const server = connect({ ...target, allowHalfOpen: true })
  const rule: WayRule = {
    behaviour: () => state.behaviour,
    change: (signal) => changeOf(state, signal),
    allowance: () => allowanceOf(state, pair),
    onBroken: () => reset(pair),
  }
  const ways = [wayOf(client, server, rule), wayOf(server, client, rule)] as const
  const pair: Pair = { client, server, ways, passedBefore: 0 }
  state.pairs.add(pair)
  for (const socket of [client, server]) socket.setNoDelay(true).once('close', () => forget(state, pair))
}

/** One socket that closed whole has no use for the other, once that has sent what it has. */
function forget(state: Proxied, pair: Pair): void {
  if (pair.client.destroyed && pair.server.destroyed) state.pairs.delete(pair)
}

function changeOf({ changed }: Proxied, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      changed.delete(wake)
      resolve()
    }
    changed.add(wake)
    signal?.addEventListener('abort', wake, { once: true })
  })
}

function allowanceOf({ behaviour }: Proxied, pair: Pair): number {
  if (typeof behaviour !== 'object' || !('cutAfterBytes' in behaviour)) return Infinity
  return behaviour.cutAfterBytes - (bytesPassed(pair.ways) - pair.passedBefore)
}

/** A unix socket knows no reset: there the server sees an end. */
function reset({ client, server }: Pair): void {
  client.resetAndDestroy()
  server.destroy()
}
