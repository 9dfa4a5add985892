/** Tells scrambled transport streams from clear ones by the headers of their packets, which stay readable. */
import { byteAt } from './read-bytes'

export interface ScrambledShare {
  /** Packets with a payload that belongs to a track. */
  payloads: number
  scrambled: number
}

/** Plain, with the 4-byte time of Blu-ray and AVCHD, with Reed-Solomon bytes. */
const PACKET_BYTES = [188, 192, 204]
/** Packets in a row that prove where packets begin. */
const SYNCS = 4
const SYNC = 0x47
/** Tables have the identifiers below (ISO/IEC 13818-1, table 2-3; ETSI EN 300 468, table 1), stuffing the last one. */
const FIRST_TRACK_PID = 0x20
const STUFFING_PID = 0x1fff

/**
 * Counts in a window on a stream. Packets of tables are never scrambled, so those of tracks alone count.
 * Source: ISO/IEC 13818-1, 2.4.3.2 and table 2-4 (transport_scrambling_control, adaptation_field_control).
 */
export function scrambledShare(window: Uint8Array): ScrambledShare {
  const share = { payloads: 0, scrambled: 0 }
  const found = firstPacket(window)
  if (found === null) return share
  for (let at = found.at; at + 4 <= window.length && byteAt(window, at) === SYNC; at += found.packetBytes) {
    const pid = ((byteAt(window, at + 1) & 0x1f) << 8) | byteAt(window, at + 2)
    const flags = byteAt(window, at + 3)
    const hasPayload = (flags & 0x10) !== 0
    if (!hasPayload || pid < FIRST_TRACK_PID || pid === STUFFING_PID) continue
    share.payloads += 1
    if (flags >> 6 !== 0) share.scrambled += 1
  }
  return share
}

function firstPacket(window: Uint8Array): { at: number; packetBytes: number } | null {
  for (let at = window.indexOf(SYNC); at >= 0; at = window.indexOf(SYNC, at + 1)) {
    const packetBytes = PACKET_BYTES.find((size) =>
      Array.from({ length: SYNCS }, (_, packet) => byteAt(window, at + packet * size)).every((byte) => byte === SYNC),
    )
    if (packetBytes !== undefined) return { at, packetBytes }
  }
  return null
}

/** Fewer packets of tracks than this prove nothing. */
const LEAST_PAYLOADS = 8

/**
 * Whether what was counted is an encrypted programme. Broadcasts have clear tracks (teletext) beside scrambled ones, and
 * recordings a clear beginning; a damaged header or two means nothing.
 */
export function isScrambled(shares: readonly ScrambledShare[]): boolean {
  return shares.some(({ payloads, scrambled }) => payloads >= LEAST_PAYLOADS && scrambled * 2 > payloads)
}
