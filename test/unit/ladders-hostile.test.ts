import { GantryError } from '../../core/contract/errors'
import { parseLadder } from '../../ladders/parse'
import { cpuMs } from '../support/cpu-time'

const RUNG = '{ id: a, shortSidePx: 240, maxBitrateBps: 500_000 }'
const rungs = `rungs: [${RUNG}]\n`
const many = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n')

function refusal(text: string): GantryError {
  try {
    parseLadder(text, 'my.yaml')
  } catch (error) {
    if (error instanceof GantryError && error.code === 'LADDER_INVALID') return error
    throw error
  }
  throw new Error('the ladder was accepted')
}

describe('a hostile ladder is refused:', () => {
  it.each([
    ['nothing', '', 'a ladder must be a mapping with the fields name, '],
    ['a comment alone', '# hello', 'got nothing'],
    ['a list', '- a', 'got a list of 1'],
    ['a word', 'hello', "got 'hello'"],
    ['binary', '\u0000\u0001\u0002', 'my.yaml:1:'],
    ['no sound at all', `name: x\naudio: []\n${rungs}`, 'audio must be a list of 1 to 4 entries, got a list of 0'],
    [
      '21 rungs',
      `name: x\nrungs:\n${many(21, (n) => `- { id: r${n}, shortSidePx: 240, maxBitrateBps: 500_000 }`)}`,
      'got a list of 21',
    ],
    ['1000 rungs', `name: x\nrungs:\n${many(1000, () => `- ${RUNG}`)}`, 'got a list of 1000'],
    ['infinity', 'name: x\nrungs: [{ id: a, shortSidePx: 240, maxBitrateBps: 1e309 }]', 'got 1e309'],
    [
      'infinity by alias',
      `name: x\ngopSeconds: &n 1e309\nsegmentSeconds: *n\n${rungs}`,
      'segmentSeconds must be a whole number from 2 to 10, got 1e309',
    ],
    ['minus infinity', `name: x\nsegmentSeconds: -.inf\n${rungs}`, 'got -.inf'],
    ['not a number', 'name: x\nrungs: [{ id: a, shortSidePx: .nan, maxBitrateBps: 500_000 }]', 'got .nan'],
    ['a negative size', 'name: x\nrungs: [{ id: a, shortSidePx: -240, maxBitrateBps: 500_000 }]', 'got -240'],
    ['a huge number', `name: x\ngopSeconds: 99999999999999999999\n${rungs}`, 'got 99999999999999999999'],
    ['a name of two lines', `name: "a\\nb"\n${rungs}`, "got 'a\\u000ab'"],
    ['a name that is a path', `name: ../../etc/passwd\n${rungs}`, "got '../../etc/passwd'"],
    ['a name that is an option', `name: -vf\n${rungs}`, "got '-vf'"],
    ['an id that is an option', 'name: x\nrungs: [{ id: -vf, shortSidePx: 240, maxBitrateBps: 500_000 }]', "got '-vf'"],
    [
      'an id with a line end',
      'name: x\nrungs: [{ id: "a\\n", shortSidePx: 240, maxBitrateBps: 500_000 }]',
      "got 'a\\u000a'",
    ],
    [
      'an id of 33 characters',
      `name: x\nrungs: [{ id: ${'a'.repeat(33)}, shortSidePx: 240, maxBitrateBps: 500_000 }]`,
      'rungs[0].id must be 1 to 32',
    ],
    ['words for ffmpeg', `name: x\nffmpegArgs: -f null\n${rungs}`, 'ffmpegArgs is not a field'],
    [
      'a preset with words',
      'name: x\nrungs: [{ id: a, shortSidePx: 240, maxBitrateBps: 500_000, preset: fast -y }]',
      "got 'fast -y'",
    ],
    ['a key twice', `name: x\nname: y\n${rungs}`, "my.yaml:2:1: the key 'name' is given twice"],
    [
      'a key twice in a rung',
      'name: x\nrungs: [{ id: a, id: b, shortSidePx: 240, maxBitrateBps: 500_000 }]',
      "my.yaml:2:18: the key 'id' is given twice",
    ],
    ['__proto__', `name: x\n__proto__: { mp4: false }\n${rungs}`, 'my.yaml:2:1: __proto__ is not a field'],
    [
      '__proto__ in a rung',
      'name: x\nrungs: [{ id: a, shortSidePx: 240, maxBitrateBps: 500_000, __proto__: { crf: 1 } }]',
      'rungs[0].__proto__ is not a field',
    ],
    ['constructor', `name: x\nconstructor: { prototype: { crf: 1 } }\n${rungs}`, 'constructor is not a field'],
    ['a merge key', `name: x\n<<: { mp4: false }\n${rungs}`, "['<<'] is not a field"],
    ['a tag of its own', `name: !secret x\n${rungs}`, 'my.yaml:1:'],
    ['a binary tag', `name: !!binary aGVsbG8=\n${rungs}`, 'tags are not allowed'],
    ['a core tag', `name: !!str x\n${rungs}`, 'tags are not allowed'],
    ['a tagged list', `name: x\nrungs: !!seq [${RUNG}]`, 'tags are not allowed'],
    ['YAML 1.1 booleans', `%YAML 1.1\n---\nname: x\nmp4: yes\n${rungs}`, "got 'yes'"],
    ['two documents', `name: x\n${rungs}---\nname: y\n`, 'my.yaml:3:1: a second document begins here'],
    ['a key that is a list', `name: x\n? [a]\n: 1\n${rungs}`, 'a key must be text'],
    ['an alias of nothing', `name: *x\n${rungs}`, "no anchor 'x' before here"],
    ['a list within itself', 'name: x\nrungs: &r [*r]', 'rungs[0] must be a mapping'],
    ['a section within itself', `name: x\naudio: [&a { codec: *a }]\n${rungs}`, 'audio[0].codec must be'],
    ['an open bracket', 'name: x\nrungs: [{ id: a', 'not valid YAML'],
  ])('%s', (_, text, part) => expect(refusal(text).message).toContain(part))

  it('and leaves no trace on objects', () => {
    refusal(`name: x\n__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n${rungs}`)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('a text made to take time or memory is refused at once:', () => {
  const bomb = [
    '&a [x, x, x]',
    ...many(12, (n) => `&${'bcdefghijklm'[n]} [*${'abcdefghijkl'[n]}, *${'abcdefghijkl'[n]}]`).split('\n'),
  ]

  it.each([
    ['aliases of aliases', bomb.map((line, n) => `k${n}: ${line}`).join('\n'), 'aliases of aliases grow too large'],
    ['many aliases', `a: &a 1\nb: [${'*a, '.repeat(33)}]`, 'more than 32 aliases'],
    ['lists in lists', '['.repeat(60_000), 'nested too deeply'],
    ['mappings in mappings', '{a: '.repeat(16_000), 'nested too deeply'],
    ['keys in keys', '? '.repeat(32_000), 'nested too deeply'],
    ['a few keys in keys', `${'? '.repeat(400)}x`, 'a key must be text'],
    ['many keys', many(6_000, (n) => `k${n}: 1`), '6000 entries, at most 1000 are allowed'],
    [
      'many keys in one line',
      `{${Array.from({ length: 12_000 }, (_, n) => n.toString(36)).join(',')}}`,
      '12000 entries',
    ],
    ['one key many times', 'a: 1\n'.repeat(12_000), '12000 entries'],
    ['directives', '%\n'.repeat(30_000), 'and 29951 more problems'],
    ['65537 bytes', `name: ${'x'.repeat(65_531)}`, 'the file has 65_537 bytes, at most 65_536 are allowed'],
    ['65538 bytes in fewer characters', 'é'.repeat(32_769), 'the file has 65_538 bytes'],
  ])('%s', (_, text, part) => {
    const before = cpuMs()
    expect(refusal(text).message).toContain(part)
    expect(cpuMs() - before).toBeLessThan(5_000)
  })

  it('lists 50 problems at most and counts the rest', () => {
    const { message, details } = refusal(`name: x\n${many(80, (n) => `k${n}: 1`)}\n${rungs}`)
    expect(message.split('\n')).toHaveLength(51)
    expect(message).toMatch(/\nand 30 more problems$/)
    expect(details).toMatchObject({ problemCount: 80 })
  })
})

describe('a message', () => {
  it('holds nothing that steers a terminal or fakes a line', () => {
    const text = `name: "\\e[31m\\u202e\\u2028\\x9b"\n"k\\ny\\e": 1\n? "${'z'.repeat(300)}"\n: 1\n${rungs}`
    try {
      parseLadder(text, 'my\n\u001b[2Jladder.yaml')
    } catch (error) {
      const { message } = error as GantryError
      expect(message.split('\n')).toHaveLength(3)
      expect(message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u)
      expect(Math.max(...message.split('\n').map((line) => line.length))).toBeLessThan(300)
    }
    expect.assertions(3)
  })
})
