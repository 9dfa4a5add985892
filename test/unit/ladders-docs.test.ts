import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowedText, fieldAt, fieldNames, figure } from '../../language/fields'
import { LADDER } from '../../ladders/language'
import { parseLadder } from '../../ladders/parse'
import { selectRungs } from '../../ladders/select'
import { pictureMaster } from '../support/ladder-masters'

const root = join(__dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'ladders.md'), 'utf8')
const builtIn = parseLadder(readFileSync(join(root, 'ladders', 'default.yaml'), 'utf8'), 'default.yaml')

/** Cells of the rows that begin with a field in backticks. */
const rows = new Map(
  page
    .split('\n')
    .map((line) => line.split(' | '))
    .flatMap(([field = '', allowed = '', byDefault = '']) => {
      const name = /^\| `([^`]+)`/.exec(field)?.[1]
      return name === undefined ? [] : [[name, { allowed, byDefault }] as const]
    }),
)

const pathOf = (name: string): (string | number)[] =>
  name.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]))

function defaultText(value: unknown): string {
  if (value === undefined) return 'none'
  if (typeof value === 'number') return figure(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

describe('docs/ladders.md', () => {
  it('has a row for every field of the schema and for no other', () => {
    expect([...rows.keys()].sort()).toEqual(fieldNames(LADDER.root).sort())
  })

  it.each(fieldNames(LADDER.root).filter((name) => fieldAt(LADDER.root, pathOf(name))?.type !== 'object'))(
    'is right on %s',
    (name) => {
      const path = pathOf(name)
      const field = fieldAt(LADDER.root, path)
      const required = fieldAt(LADDER.root, path.slice(0, -1))?.required?.includes(String(path.at(-1))) === true
      expect(rows.get(name)).toEqual({
        allowed: field === null ? null : allowedText(field),
        byDefault: required ? 'required' : (field?.ownDefault ?? defaultText(field?.default)),
      })
    },
  )

  it('shows a ladder that is accepted', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    expect(parseLadder(example, 'example.yaml').rungs.map(({ id }) => id)).toEqual(['360p', '720p'])
  })

  it('is right on what the default ladder gives', () => {
    const table = [...page.matchAll(/^\| (\d+)x(\d+) \| (.*) \|$/gm)]
    expect(table.length).toBeGreaterThan(4)
    for (const [, width, height, promised] of table) {
      const { video } = selectRungs(builtIn, pictureMaster({ widthPx: Number(width), heightPx: Number(height) }))
      const sizes = video?.rungs.map((rung) => `${rung.widthPx}x${rung.heightPx}`).join(', ')
      expect(promised?.replace(' as `240p`', '')).toBe(sizes)
    }
  })

  it('quotes messages as they are', () => {
    const rungs = [
      ...['rungs:', '  - id: 360p', '    shortSidePx: 360', '    maxBitrateBps: 5000'],
      ...['  - id: 720p', '    shortSidePx: 720', '    maxBitrateBps: 1_000_000', '    preset: veryfats'],
    ]
    const messageLines = (text: string): string[] =>
      text.split('\n').flatMap((line) => /^sports\.yaml:\d+:\d+: (.*)$/.exec(line)?.[1] ?? [])
    const quotedLines = messageLines(page)
    expect(quotedLines).toHaveLength(2)
    try {
      parseLadder(['name: sports', ...rungs].join('\n'), 'sports.yaml')
    } catch (error) {
      expect(messageLines((error as Error).message)).toEqual(quotedLines)
    }
    expect.assertions(2)
  })
})

describe('the built-in default ladder', () => {
  it('rises from 240p to 1080p, each cap 1.5 to 2 times the one below', () => {
    expect(builtIn.rungs.map(({ shortSidePx }) => shortSidePx)).toEqual([240, 360, 480, 720, 1080])
    const caps = builtIn.rungs.map(({ maxBitrateBps }) => maxBitrateBps)
    caps.slice(1).forEach((cap, index) => {
      expect(cap / (caps[index] ?? NaN)).toBeGreaterThanOrEqual(1.5)
      expect(cap / (caps[index] ?? NaN)).toBeLessThanOrEqual(2)
    })
  })

  it('has the name it is chosen by', () => expect(builtIn.name).toBe('default'))
})
