/** How much of what was sent over a loopback connection its other end has not read yet. */
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'

/** The kernel's list of IPv4 connections; no other system than Linux has it. */
const CONNECTIONS = '/proc/self/net/tcp'

/**
 * Bytes in the send queue here and in the receive queue there; null where the system does not tell.
 *
 * A loopback socket takes up to 4 MB from its sender (`tcp_wmem`), and Node can neither set that nor ask for it.
 */
export async function unreadBytes({ localPort, remotePort }: Socket): Promise<number | null> {
  if (localPort === undefined || remotePort === undefined || process.platform !== 'linux') return null
  try {
    return unreadIn(await readFile(CONNECTIONS, 'latin1'), localPort, remotePort)
  } catch {
    return null
  }
}

/**
 * Reads the two lines of a connection between two ports of 127.0.0.1; null where the sender's is missing.
 *
 * @param text As proc(5) describes `/proc/net/tcp`: `sl local rem st tx:rx ...`, all in hexadecimal.
 */
export function unreadIn(text: string, senderPort: number, readerPort: number): number | null {
  const sender = queues(text, senderPort, readerPort)
  const reader = queues(text, readerPort, senderPort)
  return sender === null ? null : sender.sent + (reader?.received ?? 0)
}

function queues(text: string, localPort: number, remotePort: number): { sent: number; received: number } | null {
  const line = new RegExp(`:${hex(localPort)} \\w+:${hex(remotePort)} \\w+ (\\w+):(\\w+)`).exec(text)
  const [, sent, received] = line ?? []
  return sent === undefined || received === undefined
    ? null
    : { sent: parseInt(sent, 16), received: parseInt(received, 16) }
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}
