import { firstPictures } from '../../media/mp4/fragment-keyframes'
import { withoutMedia } from '../../media/mp4/fragment-tables'
import * as mp4 from '../support/mp4-builder'

const FACTS = { defaults: { trackId: 1, durationTicks: 10, bytes: 3, flags: mp4.NON_SYNC }, editTicks: 20 }

function fragment(ticks: number, sizes: readonly number[], firstFlags = mp4.SYNC): Uint8Array {
  const rows = sizes.map((size, index) => ({ size, composition: index === 0 ? 20 : 30 }))
  const tables = mp4.box('moof', mp4.traf(mp4.tfhd(), mp4.tfdt(ticks), mp4.trun(rows, { firstFlags })))
  return mp4.joined(tables, mp4.box('mdat', mp4.zeros(sizes.reduce((sum, size) => sum + size, 0))))
}

describe('firstPictures', () => {
  it('gives of each fragment how far its first picture goes, and when that is shown', () => {
    const [one, two] = [fragment(100, [70, 5, 6]), fragment(130, [80])]
    const tables = mp4.joined(withoutMedia(one), withoutMedia(two))
    const headOf = (bytes: Uint8Array, media: number): number => bytes.byteLength - media
    expect([...firstPictures(tables, FACTS)]).toEqual([
      { fragmentBytes: one.byteLength, bytes: headOf(one, 81) + 70, presentationTicks: 100, isSync: true },
      { fragmentBytes: two.byteLength, bytes: two.byteLength, presentationTicks: 130, isSync: true },
    ])
  })

  it('counts what stands before the tables', () => {
    const styp = mp4.box('styp', mp4.zeros(8))
    const [found] = firstPictures(withoutMedia(mp4.joined(styp, fragment(100, [70]))), FACTS)
    expect(found?.bytes).toBe(styp.byteLength + fragment(100, [70]).byteLength)
  })

  it('says of a fragment that begins with another picture that it is no keyframe', () => {
    expect([...firstPictures(withoutMedia(fragment(100, [70, 5], mp4.NON_SYNC)), FACTS)]).toMatchObject([
      { isSync: false },
    ])
  })

  it('refuses tables that end within a fragment', () => {
    const tables = withoutMedia(fragment(100, [70]))
    expect(() => [...firstPictures(tables.subarray(0, -1), FACTS)]).toThrow(
      expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' }),
    )
  })
})
