import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowedText, fieldAt, fieldNames, figure } from '../../language/fields'
import { LADDER } from '../../ladders/language'
import { parseLadder } from '../../ladders/parse'
import { selectRungs } from '../../ladders/select'
import { pictureMaster } from '../support/ladder-masters'

const root = join(__dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'ladders.md'), 'utf8')
const builtIn = parseLadder(readFileSync(join(root, 'ladders', 'default.yaml'), 'utf8'), 'default.yaml')

const ONE_RUNG = 'name: one\nrungs: [{ id: best, shortSidePx: 1080, maxBitrateBps: 3_000_000 }]\n'

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
      const rungs = video?.rungs.map(({ id, widthPx, heightPx }) => {
        const isOwnSize = Math.min(widthPx, heightPx) !== Number(id.slice(0, -1))
        return `${widthPx}x${heightPx}${isOwnSize ? ` as \`${id}\`` : ''}`
      })
      expect(promised).toBe(rungs?.join(', '))
    }
  })

  it('has the built-in ladders and no other, with sizes, rates and codecs that they have', () => {
    const table = [...page.matchAll(/^\| \*\*([\w-]+)\*\* \| (.*) \|$/gm)].map(([, name = '', makes = '']) => ({
      name,
      makes,
    }))
    const files = readdirSync(join(root, 'ladders')).filter((name) => name.endsWith('.yaml'))
    expect(table.map(({ name }) => `${name}.yaml`).sort()).toEqual(files.sort())
    for (const { name, makes } of table) {
      const { rungs, audio, hdr } = parseLadder(readFileSync(join(root, 'ladders', `${name}.yaml`), 'utf8'), name)
      const all = new Set(rungs.map(({ shortSidePx }) => shortSidePx))
      const told = [...makes.matchAll(/(\d+)p\b/g)].map(([, size]) => Number(size))
      expect(told.filter((size) => !all.has(size))).toEqual([])
      if (told.length > 0) expect(Math.max(...told)).toBe(Math.max(...all))
      const codecs = { h264: /H\.264/, hevc: /HEVC/, av1: /AV1/ }
      for (const [codec, word] of Object.entries(codecs)) {
        expect([name, codec, word.test(makes)]).toEqual([name, codec, rungs.some((rung) => rung.codec === codec)])
      }
      expect([name, /loudness/.test(makes)]).toEqual([
        name,
        audio.every(({ loudnessLufs }) => loudnessLufs !== undefined),
      ])
      expect([name, /HDR/.test(makes)]).toEqual([name, hdr === 'keep'])
      const rates = [...makes.matchAll(/(\d+)(?: and (\d+))? kb\/s/g)].flatMap(([, ...figures]) => figures.map(Number))
      if (rates.length > 0) expect(audio.map(({ bitrateBps }) => bitrateBps / 1_000)).toEqual(rates)
    }
  })

  it('is right on what it says of rungs and of time', () => {
    const idsOf = (widthPx: number, heightPx: number): string[] =>
      selectRungs(builtIn, pictureMaster({ widthPx, heightPx })).video?.rungs.map(({ id }) => id) ?? []
    expect(page).toContain('a 640x272 master gets 240p but not 360p')
    expect(idsOf(640, 272)).toEqual(['240p'])
    expect(page).toContain('1600x900 gets 720p, not 1080p')
    expect(idsOf(1_600, 900).at(-1)).toBe('720p')
    expect(page).toContain('1919x1079 is 1918x1078 at most')
    const odd = selectRungs(parseLadder(ONE_RUNG, 'one.yaml'), pictureMaster({ widthPx: 1_919, heightPx: 1_079 }))
    expect(odd.video?.rungs[0]).toMatchObject({ widthPx: 1_918, heightPx: 1_078 })
    const { decisions } = selectRungs(builtIn, pictureMaster({ widthPx: 640, heightPx: 272 }))
    const dropped = decisions.find(({ id }) => id === '1080p')
    expect(page.replaceAll('\n', ' ')).toContain(`1080p dropped: ${dropped?.reason ?? ''}`)
    expect(page.replaceAll('\n', ' ')).toContain(
      '4 seconds at 29.97 frames a second are 120 frames, which last 4.004 seconds',
    )
    const { grid } =
      selectRungs(builtIn, pictureMaster({ widthPx: 640, heightPx: 360 }, { fps: { num: 30_000, den: 1_001 } }))
        .video ?? {}
    const frames = (grid?.gopFrames ?? 0) * (grid?.gopsPerSegment ?? 0)
    expect([frames, ((frames * 1_001) / 30_000).toFixed(3)]).toEqual([120, '4.004'])
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
