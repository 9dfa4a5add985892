import { canonicalLadder } from '../../ladders/digest'
import { parseLadder } from '../../ladders/parse'

const canonical = (text: string): string => canonicalLadder(parseLadder(text, 'x.yaml'))
const rungs = 'rungs: [{ id: a, shortSidePx: 240, maxBitrateBps: 500_000 }]'
const plain = canonical(`name: a\n${rungs}`)

describe('canonicalLadder', () => {
  it('has sorted keys at every level and nothing but the output', () => {
    expect(plain).toMatch(
      /^\{"audio":\[\{"bitrateBps":128000,"channels":2,"codec":"aac","id":"audio"\}\],"captions":"keep","gopSeconds":2,/,
    )
    expect(plain).toContain('"rungs":[{"bits":8,"codec":"h264","crf":23,"id":"a","maxBitrateBps":500000,')
  })

  it.each([
    ['another order of fields', 'rungs: [{ maxBitrateBps: 500_000, shortSidePx: 240, id: a }]\nname: a'],
    ['JSON', '{"name":"a","rungs":[{"id":"a","shortSidePx":240,"maxBitrateBps":500000}]}'],
    ['a default written out', `name: a\nsegmentSeconds: 4\nthumbnails: { spriteIntervalSeconds: 2 }\n${rungs}`],
    ['packaging that asks for nothing', `name: a\npackaging: { dash: false }\n${rungs}`],
    ['another name and description', `name: b\ndescription: words\n${rungs}`],
  ])('is the same for %s', (_, text) => expect(canonical(text)).toBe(plain))

  it.each([
    ['a cap', 'name: a\nrungs: [{ id: a, shortSidePx: 240, maxBitrateBps: 500_001 }]'],
    ['a segment length', `name: a\nsegmentSeconds: 6\n${rungs}`],
    ['a thumbnail', `name: a\nthumbnails: { spriteRows: 9 }\n${rungs}`],
    ['the MP4s', `name: a\nmp4: false\n${rungs}`],
    ['the packaging', `name: a\npackaging: { dash: true }\n${rungs}`],
    ['an id', 'name: a\nrungs: [{ id: b, shortSidePx: 240, maxBitrateBps: 500_000 }]'],
  ])('is another for another value of %s', (_, text) => expect(canonical(text)).not.toBe(plain))

  it('tells the order of rungs', () => {
    const a = '{ id: a, shortSidePx: 240, maxBitrateBps: 500_000 }'
    const b = '{ id: b, shortSidePx: 360, maxBitrateBps: 900_000 }'
    expect(canonical(`name: a\nrungs: [${a}, ${b}]`)).not.toBe(canonical(`name: a\nrungs: [${b}, ${a}]`))
  })
})
