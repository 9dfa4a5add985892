import { boxAtPath, boxes, boxesAt } from '../../media/mp4/boxes'
import { fieldsOf } from '../../media/mp4/fields'
import { box, claimedBox, joined, longBox, text, u32, u64, u8, zeros } from '../support/mp4-builder'

const INVALID = expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' })

describe('boxes', () => {
  it('gives the boxes of one level with their places', () => {
    const bytes = joined(box('ftyp', zeros(4)), longBox('mdat', zeros(3)), box('free'))
    expect(boxes(bytes)).toEqual([
      { type: 'ftyp', start: 0, payload: 8, end: 12 },
      { type: 'mdat', start: 12, payload: 28, end: 31 },
      { type: 'free', start: 31, payload: 39, end: 39 },
    ])
  })

  it('reads size 0 as: to the end', () => {
    expect(boxes(joined(box('free'), claimedBox(0, 'mdat', zeros(5))))).toMatchObject([{}, { start: 8, end: 21 }])
  })

  it('finds nothing in nothing', () => {
    expect(boxes(zeros(0))).toEqual([])
  })

  it.each([
    ['7, less than its header', claimedBox(7, 'moov', zeros(20))],
    ['one byte past the end', claimedBox(13, 'moov', zeros(4))],
    ['1 with a 64-bit size below 16', claimedBox(1, 'moov', u64(15n), zeros(9))],
    ['1 with a 64-bit size past the end', claimedBox(1, 'moov', u64(2n ** 40n))],
    ['1 with a 64-bit size beyond 2^53', claimedBox(1, 'moov', u64(2n ** 64n - 1n))],
    ['1 without room for the 64-bit size', claimedBox(1, 'moov', zeros(7))],
    ['4 GiB', claimedBox(0xffffffff, 'moov')],
  ])('refuses a box of size %s', (_, bytes) => {
    expect(() => boxes(bytes)).toThrow(INVALID)
  })

  it.each([1, 7])('refuses %i bytes behind the last box', (count) => {
    expect(() => boxes(joined(box('free'), zeros(count)))).toThrow(INVALID)
  })

  it('takes a 64-bit header that reaches out of its parent for too short, not for its neighbour', () => {
    const parent = box('moov', claimedBox(1, 'trak'))
    expect(() => boxesAt(joined(parent, u64(16n)), ['moov', 'trak'])).toThrow(INVALID)
  })

  it('refuses more than 10,000 boxes at a level', () => {
    const many = (count: number): Uint8Array => joined(...Array<Uint8Array>(count).fill(box('free')))
    expect(boxes(many(10_000))).toHaveLength(10_000)
    expect(() => boxes(many(10_001))).toThrow(INVALID)
  })

  it('keeps a type that cannot be printed out of its message', () => {
    expect(() => boxes(claimedBox(3, '\u0000\u001b[A'))).toThrow("box '??[A' has size 3")
  })
})

describe('boxesAt', () => {
  const tree = box(
    'moov',
    box('trak', box('mdia', u8(1))),
    box('mvex'),
    box('trak', box('mdia', u8(2)), box('mdia', u8(3))),
  )

  it('gives all boxes at a path, in order', () => {
    expect(boxesAt(tree, ['moov', 'trak', 'mdia']).map(({ payload }) => tree[payload])).toEqual([1, 2, 3])
    expect(boxesAt(tree, ['moov', 'trak', 'none'])).toEqual([])
  })

  it('walks below a box only', () => {
    const [, second] = boxesAt(tree, ['moov', 'trak'])
    expect(tree[boxAtPath(tree, ['mdia'], second).payload]).toBe(2)
  })

  it('names the path that is missing', () => {
    expect(() => boxAtPath(tree, ['moov', 'udta'])).toThrow('the box moov/udta is missing')
  })

  it('walks 10,000 nested boxes as deep as the path and no deeper', () => {
    const depth = 10_000
    const nested = joined(
      ...Array.from({ length: depth }, (_, level) => joined(u32((depth - level) * 8), text('moof'))),
    )
    expect(boxesAt(nested, ['moof', 'moof', 'moof'])).toMatchObject([{ start: 16 }])
    expect(boxesAt(nested, Array<string>(200).fill('moof'))).toHaveLength(1)
  })
})

describe('fieldsOf', () => {
  it('reads numbers of each width and keeps its place', () => {
    const bytes = joined(u8(1, 0, 2, 0, 0, 3), u32(4), u32(-5), u64(6n), text('abcd'), u8(9, 9))
    const fields = fieldsOf(bytes, { payload: 0, end: bytes.byteLength }, 'test')
    const numbers = [fields.uint(1), fields.uint(2), fields.uint(3), fields.uint(4), fields.int32(), fields.uint64()]
    expect(numbers).toEqual([1, 2, 3, 4, -5, 6])
    expect(fields.text(4)).toBe('abcd')
    fields.skip(1)
    expect([fields.left(), fields.position()]).toEqual([1, bytes.byteLength - 1])
  })

  it('never reads what lies behind the box', () => {
    const fields = fieldsOf(zeros(100), { payload: 10, end: 13 }, 'tfhd')
    expect(() => fields.uint(4)).toThrow("'tfhd' ends 1 bytes before its fields do")
    expect(fields.uint(3)).toBe(0)
    expect(() => fields.skip(1)).toThrow(INVALID)
  })

  it('reads from bytes that are a window on larger ones', () => {
    const window = joined(u8(9, 9, 9), u32(7)).subarray(3)
    expect(fieldsOf(window, { payload: 0, end: 4 }, 'test').uint(4)).toBe(7)
  })

  it('refuses 2^53 and above', () => {
    const read = (value: bigint): number => fieldsOf(u64(value), { payload: 0, end: 8 }, 'tfdt').uint64()
    expect(read(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => read(2n ** 53n)).toThrow(INVALID)
  })
})
