import { isScrambled, scrambledShare } from '../../media/ts-inspect'
import { noise } from '../support/media-bytes'

interface Packet {
  pid: number
  control?: number
  hasPayload?: boolean
}

/** @param leadBytes Before the first packet. */
function stream(packets: readonly Packet[], packetBytes = 188, syncAt = 0, leadBytes = 0): Uint8Array {
  const body = packets.map(({ pid, control = 0, hasPayload = true }, index) => {
    const packet = Buffer.from(noise(packetBytes, index + 1))
    packet.set([0x47, pid >> 8, pid & 0xff, (control << 6) | (hasPayload ? 0x10 : 0x20) | (index & 0xf)], syncAt)
    return packet
  })
  return Buffer.concat([Buffer.alloc(leadBytes, 0x11), ...body])
}

const some = (count: number, packet: Packet): Packet[] => Array.from({ length: count }, () => packet)
const isLocked = (...packets: Packet[]): boolean => isScrambled([scrambledShare(stream(packets))])
const PICTURE = 0x100

describe('a transport stream', () => {
  it.each([
    [188, 0],
    [192, 4],
    [204, 0],
  ])('is counted in packets of %d bytes, also from the middle of one', (size, syncAt) => {
    const packets = [...some(12, { pid: PICTURE, control: 2 }), ...some(4, { pid: PICTURE })]
    expect(scrambledShare(stream(packets, size, syncAt, 77))).toEqual({ payloads: 16, scrambled: 12 })
  })

  it('is encrypted when most of its tracks are, whatever its tables are', () => {
    expect(isLocked(...some(20, { pid: PICTURE, control: 3 }), ...some(100, { pid: 0 }))).toBe(true)
    expect(isLocked(...some(20, { pid: PICTURE, control: 2 }), ...some(9, { pid: 0x300 }))).toBe(true)
  })

  it('is not for a damaged header, a scrambled track beside the programme, or packets without payload', () => {
    expect(isLocked(...some(40, { pid: PICTURE }), { pid: PICTURE, control: 2 })).toBe(false)
    expect(isLocked(...some(40, { pid: PICTURE }), ...some(20, { pid: 0x200, control: 2 }))).toBe(false)
    expect(isLocked(...some(40, { pid: PICTURE, control: 2, hasPayload: false }))).toBe(false)
    expect(isLocked(...some(40, { pid: 0x1fff, control: 2 }))).toBe(false)
    expect(isLocked(...some(7, { pid: PICTURE, control: 2 }))).toBe(false)
  })

  it('is looked at in two places, since a recording may begin clear', () => {
    const clear = scrambledShare(stream(some(40, { pid: PICTURE })))
    const locked = scrambledShare(stream(some(40, { pid: PICTURE, control: 2 })))
    expect(isScrambled([clear, locked])).toBe(true)
    expect(isScrambled([clear, scrambledShare(new Uint8Array())])).toBe(false)
  })
})
