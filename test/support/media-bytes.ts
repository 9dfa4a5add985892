/** Hand-made beginnings of media files for tests of the sniffer. */

export const bytesOf = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))))

export const zeros = (count: number): number[] => new Array<number>(count).fill(0)

/** Bytes without a pattern, the same in every run. */
export function noise(count: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

export const box = (type: string, payload: Uint8Array): Uint8Array => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(payload.length + 8)
  return bytesOf(size, type, payload)
}

export function transportStream(packets: number, packetBytes: number, syncAt = 0): Uint8Array {
  return bytesOf(
    ...Array.from({ length: packets }, (_, index) => {
      const packet = Buffer.from(noise(packetBytes, index + 1))
      packet.set([0x47, 0x40, 0x11, 0x10], syncAt)
      return packet
    }),
  )
}

/** MPEG-1 layer III, 128 kb/s, 44.1 kHz: 417 bytes a frame. */
export const mp3Frame = (): Uint8Array =>
  bytesOf(
    [0xff, 0xfb, 0x90, 0x64],
    noise(413).map((byte) => byte & 0x7f),
  )
/** AAC LC, 44.1 kHz, stereo, 200 bytes a frame. */
export const adtsFrame = (): Uint8Array =>
  bytesOf(
    [0xff, 0xf1, 0x50, 0x80, 0x19, 0x1f, 0xfc],
    noise(193).map((b) => b & 0x7f),
  )

export const id3 = (payload: Uint8Array, size = payload.length): Uint8Array =>
  bytesOf('ID3', [3, 0, 0, (size >> 21) & 0x7f, (size >> 14) & 0x7f, (size >> 7) & 0x7f, size & 0x7f], payload)
