import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSplitter, type Mp4Part } from '../../media/mp4/splitter'
import {
  box,
  claimedBox,
  fragment,
  ftyp,
  initSegment,
  joined,
  longBox,
  text,
  traf,
  u64,
  u8,
  zeros,
} from '../support/mp4-builder'

const INVALID = expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' })
const LIMIT = 64 * 1024

/** Feeds the stream in chunks of one size and ends it. */
function split(stream: Uint8Array, chunkBytes = stream.byteLength, maxPartBytes = LIMIT): Mp4Part[] {
  const splitter = createSplitter({ maxPartBytes })
  const parts: Mp4Part[] = []
  for (let at = 0; at < stream.byteLength; at += chunkBytes) {
    parts.push(...splitter.push(stream.subarray(at, at + chunkBytes)))
  }
  splitter.end()
  return parts
}

const init = initSegment()
const media = fragment([traf()], 300)
const mfra = box('mfra', zeros(20))

describe('createSplitter', () => {
  it('gives the init segment, then each fragment, and drops the index at the end', () => {
    expect(split(joined(init, media, media, mfra))).toEqual([
      { type: 'init', bytes: init },
      { type: 'fragment', bytes: media },
      { type: 'fragment', bytes: media },
    ])
  })

  it.each([1, 2, 7, 8, 9, 15, 16, 17, 333])('gives the same for chunks of %i bytes', (chunkBytes) => {
    const stream = joined(init, longBox('moof', zeros(30)), longBox('mdat', zeros(500)), media, mfra)
    expect(split(stream, chunkBytes)).toEqual(split(stream))
  })

  it('gives a part with the chunk that completes it, not later', () => {
    const splitter = createSplitter({ maxPartBytes: LIMIT })
    expect(splitter.push(init.subarray(0, -1))).toEqual([])
    expect(splitter.push(joined(init.subarray(-1), media))).toHaveLength(2)
    expect(splitter.push(media.subarray(0, 50))).toEqual([])
    expect(splitter.push(media.subarray(50))).toHaveLength(1)
  })

  it.each(['styp', 'sidx', 'emsg', 'prft', 'uuid'])('keeps %s with the fragment behind it', (type) => {
    const before = box(type, zeros(12))
    expect(split(joined(init, before, before, media, media))).toMatchObject([
      {},
      { bytes: joined(before, before, media) },
      { bytes: media },
    ])
  })

  it('drops padding between parts but keeps it within one, where offsets count over it', () => {
    const padding = box('free', zeros(3))
    const padded = joined(box('moof', zeros(8)), padding, box('mdat'))
    expect(split(joined(init, padding, padded, padding))).toEqual([
      { type: 'init', bytes: init },
      { type: 'fragment', bytes: padded },
    ])
  })

  it('keeps an empty mdat and an empty moov box', () => {
    const small = joined(ftyp, box('moov'), box('moof'), box('mdat'))
    expect(split(small, 1).map(({ bytes }) => bytes.byteLength)).toEqual([ftyp.byteLength + 8, 16])
  })

  it('hands out bytes of its own: the chunk may be reused', () => {
    const splitter = createSplitter({ maxPartBytes: LIMIT })
    const chunk = joined(init, media)
    const [, part] = splitter.push(chunk)
    chunk.fill(0xee)
    expect(part?.bytes).toEqual(media)
  })

  it('ends quietly after nothing at all, and after an init segment alone', () => {
    expect(split(zeros(0), 1)).toEqual([])
    expect(split(joined(init, mfra))).toHaveLength(1)
  })

  it.each([
    ['a header', joined(init, media.subarray(0, 5))],
    ['a 64-bit size', joined(init, longBox('moof').subarray(0, 12))],
    ['a moof', joined(init, media.subarray(0, 20))],
    ['an mdat', joined(init, media.subarray(0, -1))],
    ['a fragment, between its boxes', joined(init, box('moof'))],
    ['a fragment, behind styp', joined(init, media, box('styp'))],
    ['the init segment', ftyp],
    ['the index at the end', joined(init, mfra.subarray(0, 10))],
  ])('refuses a stream that ends within %s', (_, stream) => {
    expect(() => split(stream)).toThrow(INVALID)
  })

  it.each([
    ['size 0', claimedBox(0, 'mdat', zeros(50))],
    ['size 7', claimedBox(7, 'moof', zeros(50))],
    ['a 64-bit size of 15', claimedBox(1, 'moof', u64(15n), zeros(50))],
    ['a 64-bit size beyond 2^53', claimedBox(1, 'moof', u64(2n ** 63n))],
  ])('refuses a box of %s', (_, bytes) => {
    expect(() => split(joined(init, box('moof'), bytes))).toThrow(INVALID)
    expect(() => split(joined(init, bytes), 1)).toThrow(INVALID)
  })

  it.each([
    ['no ftyp in front', joined(box('moov'), media)],
    ['anything but MP4', text('#EXTM3U\n#EXT-X-VERSION:7\n')],
    ['a second init segment', joined(init, init)],
    ['media before the init segment', joined(ftyp, media)],
    ['media without moof (a file that is not fragmented)', joined(init, box('mdat', zeros(9)))],
    ['two moofs for one mdat', joined(init, box('moof'), box('moof'), box('mdat'))],
    ['two mdats for one moof', joined(init, box('moof'), box('mdat'), box('mdat'))],
  ])('refuses %s', (_, stream) => {
    expect(() => split(stream)).toThrow(INVALID)
  })

  it('refuses a part over the limit at its header, before the bytes are there', () => {
    const splitter = createSplitter({ maxPartBytes: 1_000 })
    splitter.push(joined(init, box('moof', zeros(192))))
    expect(() => splitter.push(claimedBox(801, 'mdat'))).toThrow('larger than the 1000 bytes allowed')
    expect(split(joined(init, box('moof', zeros(192)), box('mdat', zeros(792))), 100, 1_000)).toHaveLength(2)
  })

  it('counts what stands before a fragment towards its limit', () => {
    const many = Array<Uint8Array>(100).fill(box('emsg', zeros(12)))
    expect(() => split(joined(init, ...many), 64, 1_000)).toThrow(INVALID)
  })

  it('does not allocate what a header only promises', () => {
    const splitter = createSplitter({ maxPartBytes: 2 ** 40 })
    splitter.push(init)
    splitter.push(box('moof'))
    expect(splitter.push(joined(claimedBox(1, 'mdat', u64(2n ** 39n)), zeros(100)))).toEqual([])
    expect(() => splitter.end()).toThrow("ends within 'mdat'")
  })

  it.each([
    ['chunks', fragment([traf()], 1_000_000), 500],
    ['boxes', joined(...Array<Uint8Array>(10_000).fill(box('emsg', zeros(8))), fragment([traf()])), 1_000_000],
  ])('copies each byte a few times at most, however small the %s are', (_, large, chunkBytes) => {
    const splitter = createSplitter({ maxPartBytes: 4_000_000 })
    splitter.push(init)
    const set = jest.spyOn(Uint8Array.prototype, 'set')
    const parts: Mp4Part[] = []
    for (let at = 0; at < large.byteLength; at += chunkBytes) {
      parts.push(...splitter.push(large.subarray(at, at + chunkBytes)))
    }
    const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0)
    set.mockRestore()
    expect(parts).toHaveLength(1)
    expect(Buffer.from(parts[0]?.bytes ?? []).equals(large)).toBe(true)
    expect(copied).toBeLessThan(4 * large.byteLength)
  })

  it.each([
    ['h264-bframes.mp4', 3],
    ['h264-edit-list.mp4', 2],
    ['aac-stereo.mp4', 3],
  ])('cuts what ffmpeg writes: %s', (name, fragments) => {
    const file = new Uint8Array(readFileSync(join(__dirname, '../fixtures/mp4', name)))
    const parts = split(file, 100)
    expect(parts.map(({ type }) => type)).toEqual(['init', ...Array<string>(fragments).fill('fragment')])
    const tail = file.subarray(parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0))
    expect(Buffer.from(joined(...parts.map(({ bytes }) => bytes), tail)).equals(file)).toBe(true)
    expect(Buffer.from(tail.subarray(4, 8)).toString()).toBe('mfra')
  })

  it('takes a byte at a time without losing one', () => {
    expect(split(joined(init, media, u8(), media), 1)).toHaveLength(3)
  })
})
