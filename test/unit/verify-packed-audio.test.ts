import { packedAudioOf } from '../../cli/verify/packed-audio'

const ADTS = Buffer.from([0xff, 0xf1, 0x4c, 0x40])
const MP3 = Buffer.from([0xff, 0xfb, 0x90, 0x00])
const AC3 = Buffer.from([0x0b, 0x77, 0, 0])

/** RFC 8216, 3.4: an ID3 PRIV frame with the time of the first sample on the clock of MPEG-TS. */
function timeTag(ticks: bigint): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(ticks)
  const body = Buffer.concat([Buffer.from('com.apple.streaming.transportStreamTimestamp\0'), time])
  const frame = Buffer.concat([Buffer.from('PRIV'), Buffer.from([0, 0, 0, body.length, 0, 0]), body])
  return Buffer.concat([Buffer.from('ID3'), Buffer.from([4, 0, 0, 0, 0, 0, frame.length]), frame])
}

describe('packedAudioOf', () => {
  it.each([
    ['adts', ADTS],
    ['mp3', MP3],
    [null, AC3],
  ])('knows %s by its first bytes, with a tag and without', (container, sound) => {
    expect(packedAudioOf(sound)).toEqual({ container, startSeconds: null })
    expect(packedAudioOf(Buffer.concat([timeTag(1_812_735n), sound]))).toEqual({ container, startSeconds: 20.1415 })
  })

  it('takes 33 bits of the time', () => {
    const bytes = Buffer.concat([timeTag((1n << 33n) + 90_000n), ADTS])
    expect(packedAudioOf(bytes)?.startSeconds).toBe(1)
  })

  it.each([
    ['MPEG-TS', Buffer.from([0x47, 0x40, 0, 0x10])],
    ['nothing', Buffer.alloc(0)],
    ['a tag without sound', timeTag(0n)],
    ['a tag that is longer than all', Buffer.from('ID3\u0004\0\0\u007f\u007f\u007f\u007f')],
  ])('does not take %s for it', (_, bytes) => {
    expect(packedAudioOf(bytes)).toBeNull()
  })
})
