/**
 * The connections of one Kafka client. kafkajs ends a connection only after all answers came, and its retries open new
 * ones behind the back of a caller who has given up; so they are made, counted and ended here.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

const KEEP_ALIVE_MS = 60_000

export interface KafkaSockets {
  /** As kafkajs asks for a connection. @throws after `cut`. */
  connect: (at: { host: string; port: number; ssl?: ConnectionOptions | undefined; onConnect: () => void }) => Socket
  /** Ends all connections at once, with what waits for an answer on them, and allows no other. */
  cut: () => void
}

/** @param onNone Called when the last open connection closes. */
export function kafkaSockets(onNone: () => void): KafkaSockets {
  const open = new Set<Socket>()
  let isCut = false
  return {
    connect: ({ host, port, ssl, onConnect }) => {
      if (isCut) throw new Error('the connection was given up')
      const name = isIP(host) === 0 ? { servername: host } : {}
      const socket = ssl
        ? connectTls({ host, port, ...name, ...ssl }, onConnect)
        : connectPlain({ host, port }, onConnect)
      socket.setKeepAlive(true, KEEP_ALIVE_MS)
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        if (open.size === 0) onNone()
      })
      return socket
    },
    cut: () => {
      isCut = true
      // Only an error makes kafkajs reject what waits; it hears nothing of a plain close.
      for (const socket of open) socket.destroy(new Error('the connection was given up'))
    },
  }
}
