/** What the gate sees of the range of an I-frame, from as few bytes as tell it. */
import type { InitTracks } from '../../media/gate/measure'
import { lookAtPicture } from '../../media/gate/measure-picture'
import * as mp4 from '../support/mp4-builder'

const VIDEO: InitTracks = {
  facts: { kind: 'video', codec: 'avc1.64001f', timescaleHz: 90_000 },
  defaults: { trackId: 1, durationTicks: 3_600, bytes: 0, flags: mp4.NON_SYNC },
  editTicks: 7_200,
}
const SOUND: InitTracks = {
  facts: { kind: 'audio', codec: 'mp4a.40.2', timescaleHz: 48_000 },
  defaults: { trackId: 2, durationTicks: 1_024, bytes: 0, flags: mp4.SYNC },
  editTicks: 0,
}
const rows = (flags: number): mp4.SampleRow[] => [
  { duration: 3_600, size: 500, flags, composition: 7_200 },
  { duration: 3_600, size: 100, flags: mp4.NON_SYNC, composition: 7_200 },
]
const moof = (flags = mp4.SYNC) => mp4.box('moof', mp4.traf(mp4.tfhd(), mp4.tfdt(900_000), mp4.trun(rows(flags))))
const MOOF = moof()
const whole = (...before: Uint8Array[]) => mp4.joined(...before, MOOF, mp4.box('mdat', mp4.zeros(600)))
const PICTURE = { startSeconds: 10, isKeyframe: true, bytes: MOOF.byteLength + 8 + 500 }

/** With as many bytes as are asked for, as whoever reads does it. */
function look(bytes: Uint8Array, tracks = [VIDEO], first = 4) {
  for (let seen = first; ;) {
    const found = lookAtPicture(bytes.subarray(0, seen), bytes.byteLength, tracks)
    if (!('wantedBytes' in found)) return { found, seen }
    expect(found.wantedBytes).toBeGreaterThan(seen)
    expect(found.wantedBytes).toBeLessThanOrEqual(bytes.byteLength)
    seen = found.wantedBytes
  }
}

describe('lookAtPicture', () => {
  it('tells when the picture is shown and where it ends, from the tables alone', () => {
    expect(look(whole())).toEqual({ found: PICTURE, seen: MOOF.byteLength + 16 })
    expect(look(whole(), [SOUND, VIDEO]).found).toEqual(PICTURE)
  })

  it.each(['styp', 'sidx', 'prft', 'emsg', 'free'])('passes over a box %s before the fragment', (type) => {
    const found = { ...PICTURE, bytes: PICTURE.bytes + 28 }
    expect(look(whole(mp4.box(type, mp4.zeros(20)))).found).toEqual(found)
  })

  it('takes a range that ends behind the picture, and one that ends within it', () => {
    expect(look(whole().subarray(0, PICTURE.bytes)).found).toEqual(PICTURE)
    expect(look(whole().subarray(0, PICTURE.bytes - 1)).found).toEqual(PICTURE)
    expect(look(whole().subarray(0, MOOF.byteLength + 8)).found).toEqual(PICTURE)
  })

  it('sees a picture that is no keyframe', () => {
    const bytes = mp4.joined(moof(mp4.NON_SYNC), mp4.box('mdat', mp4.zeros(600)))
    expect(look(bytes).found).toMatchObject({ isKeyframe: false })
  })

  it.each([1, 7, 8, 40, MOOF.byteLength - 1, MOOF.byteLength, MOOF.byteLength + 7])(
    'says that a range of %d bytes is cut within the tables',
    (bytes) => expect(look(whole().subarray(0, bytes)).found).toMatchObject({ fault: 'cut' }),
  )

  it.each([
    ['begins a byte late', whole().subarray(1)],
    ['begins in the media', whole().subarray(MOOF.byteLength + 20)],
    ['begins at the media', whole().subarray(MOOF.byteLength)],
    ['is text', new Uint8Array(Buffer.from('#EXTM3U\n#EXT-X-VERSION:7\n'))],
    ['has a box of no size', mp4.claimedBox(0, 'moof', mp4.zeros(40))],
    ['has a box that is smaller than its header', mp4.claimedBox(4, 'moof', mp4.zeros(40))],
  ])('says that no fragment begins where it %s', (_, bytes) => {
    expect(look(bytes).found).toMatchObject({ fault: 'start' })
  })

  it('says so of a fragment of another track, and of broken tables', () => {
    expect(look(whole(), [SOUND]).found).toMatchObject({ fault: 'start' })
    const broken = mp4.joined(mp4.box('moof', mp4.traf(mp4.tfhd(), mp4.box('trun', mp4.zeros(3)))), mp4.box('mdat'))
    expect(look(broken).found).toMatchObject({ fault: 'start' })
  })

  it('ends for a box that says to be longer than any', () => {
    const bytes = mp4.joined(mp4.u32(1), mp4.text('moof'), mp4.u64(2n ** 53n - 1n), mp4.zeros(40))
    expect(look(bytes).found).toMatchObject({ fault: 'cut' })
  })
})
