import { base32, isAssetId, jobId, shortId } from '../../core/contract/ids'

const ASSET = 'abcdefghij234567abcd'

describe('base32', () => {
  // RFC 4648, section 10: the test vectors, in lower case and without padding.
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('writes %j as %j', (text, expected) => {
    expect(base32(Buffer.from(text))).toBe(expected)
  })

  it('keeps every bit of bytes that are all ones or all zeros', () => {
    expect(base32(new Uint8Array(10).fill(255))).toBe('7'.repeat(16))
    expect(base32(new Uint8Array(10))).toBe('a'.repeat(16))
  })

  it('gives the bytes back to a reader that knows only the alphabet', () => {
    const bytes = Uint8Array.from({ length: 255 }, (_, index) => (index * 167 + 13) % 256)
    const bits = [...base32(bytes)]
      .map((char) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(char).toString(2).padStart(5, '0'))
      .join('')
    const read = Array.from(bytes, (_, index) => Number.parseInt(bits.slice(8 * index, 8 * index + 8), 2))
    expect(read).toEqual([...bytes])
  })
})

describe('isAssetId', () => {
  it('takes 20 characters of the alphabet', () => {
    expect(isAssetId(ASSET)).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['one too few', ASSET.slice(1)],
    ['one too many', `${ASSET}a`],
    ['upper case', ASSET.toUpperCase()],
    ['a digit that is not in the alphabet', `0${ASSET.slice(1)}`],
    ['a step up', `../${ASSET.slice(3)}`],
    ['a line end behind it', `${ASSET}\n`],
    ['another line before it', `x\n${ASSET}`],
    ['a letter that only looks like one', `а${ASSET.slice(1)}`],
  ])('refuses %s', (_, text) => {
    expect(isAssetId(text)).toBe(false)
  })
})

describe('names made of an asset id', () => {
  it('say asset, run, kind and part of a job', () => {
    expect(jobId({ assetId: ASSET, run: 12, kind: 'video-piece', part: 'video-0000' })).toBe(
      `${ASSET}.12.video-piece.video-0000`,
    )
  })

  it('are short by its first ten characters', () => {
    expect(shortId(ASSET)).toBe('abcdefghij')
  })
})
