import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inSchemaOrder, ladderYaml } from '../../cli/ladders/ladder-yaml'
import { ladderSummary, summaryLines, summaryPhrase } from '../../cli/ladders/summary'
import { parseArguments, type ParsedArguments } from '../../cli/options'
import { LADDER } from '../../ladders/language'
import { parseLadder } from '../../ladders/parse'
import { ladderSchema, type Ladder } from '../../ladders/schema'

const folder = join(__dirname, '..', '..', 'ladders')
const builtIn = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => parseLadder(readFileSync(join(folder, name), 'utf8'), name))

const parse = (...words: string[]): ParsedArguments =>
  parseArguments(['ladders', ...words], { cwd: '/home/me', version: '1.2.3', columns: 80 })
const rung = (shortSidePx: number, more: object = {}): object => {
  return { id: `r${shortSidePx}`, shortSidePx, maxBitrateBps: shortSidePx * 1_000, ...more }
}
const ladderOf = (more: object): Ladder => ladderSchema.parse({ name: 'test', rungs: [rung(360)], ...more })

describe('gantry ladders as words', () => {
  it.each([
    [['list'], { action: 'list', json: false }],
    [['list', '--json'], { action: 'list', json: true }],
    [['show', 'hevc'], { action: 'show', ladder: { name: 'hevc' }, json: false }],
    [['show', './my.yaml', '--json'], { action: 'show', ladder: { file: '/home/me/my.yaml' }, json: true }],
    [
      ['check', 'a.yaml', '/b.yaml', '-'],
      {
        action: 'check',
        files: [
          { name: 'a.yaml', path: '/home/me/a.yaml' },
          { name: '/b.yaml', path: '/b.yaml' },
          { name: 'standard input', path: null },
        ],
      },
    ],
    [['schema'], { action: 'schema' }],
  ])('%j is understood', (words, options) => {
    expect(parse(...words)).toEqual({ kind: 'ladders', options })
  })

  it.each([
    [[], 'no command is given; see gantry ladders --help'],
    [['shwo'], "unknown command 'shwo' (did you mean show?); see gantry ladders --help"],
    [['show'], "missing required argument 'name|file'; see gantry ladders --help"],
    [['show', ''], 'the name is empty; see gantry ladders --help'],
    [['check'], "missing required argument 'files'; see gantry ladders --help"],
    [['check', 'a', ''], 'the name of a file is empty; see gantry ladders --help'],
    [['check', '-', '-'], '- can be given only once; see gantry ladders --help'],
    [['list', '--jsn'], "unknown option '--jsn' (did you mean --json?); see gantry ladders --help"],
    [['schema', 'x'], expect.stringContaining('too many arguments')],
  ])('%j is not', (words, message) => {
    expect(parse(...words)).toEqual({ kind: 'usage', message })
  })

  it('has help that fits 80 columns up to the examples', () => {
    const { text } = parse('--help') as { text: string }
    expect(text).toContain('gantry ladders check my.yaml')
    const wide = text.split('\n').filter((line) => line.length > 80 && !/^ {2}gantry|^Exit codes/.test(line))
    expect(wide).toEqual([])
  })
})

describe('a ladder as YAML', () => {
  it.each(builtIn.map((ladder) => [ladder.name, ladder] as const))('%s is read again as it was', (_name, ladder) => {
    expect(parseLadder(ladderYaml(ladder), 'shown.yaml')).toEqual(ladder)
  })

  it.each([
    ['text that looks like a figure', ladderOf({ name: '10', description: '1_000' })],
    ['text that looks like a truth', ladderOf({ name: 'true', description: 'null' })],
    ['text of many lines', ladderOf({ description: ' a: b\n\n# no comment\n- "c" \'d\'\n  e ' })],
    ['text of 500 signs', ladderOf({ description: 'word '.repeat(100) })],
    ['signs of YAML', ladderOf({ description: '{[&*!|>%@`' })],
    ['small fractions', ladderOf({ thumbnails: { posterAtFraction: 1e-9 }, gopSeconds: 0.5 })],
    ['no rungs', ladderOf({ rungs: [] })],
    ['a mean bit rate', ladderOf({ rungs: [rung(360, { bitrateBps: 300_000, codec: 'av1', bits: 10 })], hdr: 'keep' })],
  ])('%s is read again as it was', (_what, ladder) => {
    expect(parseLadder(ladderYaml(ladder), 'shown.yaml')).toEqual(ladder)
  })

  it('has the order of the schema, and long numbers in groups', () => {
    const text = ladderYaml(ladderOf({ description: 'b' }))
    const top = text.split('\n').flatMap((line) => /^(\w+):/.exec(line)?.[1] ?? [])
    expect(top).toEqual(Object.keys(LADDER.root.properties ?? {}))
    expect(text).toContain('maxBitrateBps: 360_000\n')
    expect(text).toContain('shortSidePx: 360\n')
  })

  it('keeps fields that the schema does not know', () => {
    expect(inSchemaOrder({ mp4: 1, name: 2, list: [{ b: 3 }] }, LADDER.root)).toEqual({
      ...{ name: 2, mp4: 1, list: [{ b: 3 }] },
    })
  })
})

describe('a ladder in short', () => {
  const lines = summaryLines(builtIn.map(ladderSummary), 80)

  it('fits 80 columns with every built-in ladder, sizes and codecs below each other', () => {
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    const heads = lines.filter((line) => !line.startsWith(' '))
    expect(heads).toHaveLength(builtIn.length)
    const codecColumns = heads.map((line) => line.search(/(h264|aac|opus)/))
    expect(new Set(codecColumns).size).toBe(1)
  })

  it('says sizes once and rising, codecs once, and the description below', () => {
    const rungs = [rung(720), rung(360), rung(360, { id: 'b', codec: 'hevc' })]
    const ladder = ladderOf({ name: 'x', description: 'two words\nand more', rungs, audio: [{ codec: 'opus' }] })
    expect(summaryLines([ladderSummary(ladder)], 17)).toEqual([
      'x  360p 720p  h264, hevc, opus',
      '   two words and',
      '   more',
    ])
  })

  it.each([
    [{ rungs: [] }, 'sound only; aac'],
    [{ rungs: [rung(360)] }, '1 rung of 360p; h264, aac'],
    [{ rungs: [rung(360), rung(360, { id: 'b', codec: 'av1' })] }, '2 rungs of 360p; h264, av1, aac'],
    [{ rungs: [rung(720), rung(360)] }, '2 rungs from 360p to 720p; h264, aac'],
  ])('of %j is %s', (more, phrase) => {
    expect(summaryPhrase(ladderSummary(ladderOf(more)))).toBe(phrase)
  })
})
