import { moovComesFirst, topBoxes } from '../../media/mp4/layout'
import { box, claimedBox, ftyp, joined, longBox, u64, zeros } from '../support/mp4-builder'

const moov = box('moov', zeros(500))
const mdat = box('mdat', zeros(900))

describe('moovComesFirst', () => {
  it.each([
    ['the index before the media', joined(ftyp, moov, mdat), true],
    ['padding between them', joined(ftyp, box('free', zeros(8)), moov, box('free'), mdat), true],
    ['a 64-bit index', joined(ftyp, longBox('moov', zeros(9)), mdat), true],
    ['media to the end of the file', joined(ftyp, moov, claimedBox(0, 'mdat', zeros(9))), true],
    ['the media before the index', joined(ftyp, mdat, moov), false],
    ['64-bit media before the index', joined(ftyp, longBox('mdat', zeros(9)), moov), false],
    ['no index', joined(ftyp, mdat), false],
    ['an index cut off by the end', joined(ftyp, moov.subarray(0, 100)), false],
    ['nothing', zeros(0), false],
  ])('with %s is %s', (_, file, expected) => {
    expect(moovComesFirst(file, file.byteLength)).toBe(expected)
  })

  it('needs the first bytes only', () => {
    const file = joined(ftyp, moov, mdat)
    expect(moovComesFirst(file.subarray(0, ftyp.byteLength + 8), file.byteLength)).toBe(true)
    expect(moovComesFirst(file.subarray(0, ftyp.byteLength + 7), file.byteLength)).toBe(false)
  })

  it('is false, not an error, for sizes that no box has', () => {
    for (const size of [2, 7, 0xffffffff]) {
      expect(moovComesFirst(joined(ftyp, claimedBox(size, 'free'), moov), 2_000)).toBe(false)
    }
    expect(moovComesFirst(joined(ftyp, claimedBox(1, 'free', u64(2n ** 63n)), moov), 2_000)).toBe(false)
  })
})

describe('topBoxes', () => {
  it('lists what can be seen and stops there', () => {
    const file = joined(ftyp, moov, mdat)
    const [first, second, third] = [ftyp.byteLength, ftyp.byteLength + 508, file.byteLength]
    const seen = [
      { type: 'ftyp', start: 0, end: first },
      { type: 'moov', start: first, end: second },
      { type: 'mdat', start: second, end: third },
    ]
    expect(topBoxes(file, file.byteLength)).toEqual(seen)
    expect(topBoxes(file.subarray(0, 64), file.byteLength)).toEqual(seen.slice(0, 2))
  })

  it('ends after 64 boxes', () => {
    expect(topBoxes(joined(...Array<Uint8Array>(100).fill(box('free'))), 800)).toHaveLength(64)
  })
})
