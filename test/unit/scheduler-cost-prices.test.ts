import { stringify } from 'yaml'
import { GantryError } from '../../core/contract/errors'
import { DEFAULT_PRICES, parsePrices } from '../../scheduler/cost/prices'

type Path = readonly string[]

/** The default prices with one field changed; `undefined` leaves it out. */
function changed(path: Path, value: unknown): string {
  const copy = structuredClone(DEFAULT_PRICES) as unknown as Record<string, unknown>
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy)
  parent[path.at(-1) ?? ''] = value
  return JSON.stringify(copy)
}

function problemsOf(text: string): string {
  try {
    parsePrices(text, 'my.yaml')
  } catch (error) {
    if (error instanceof GantryError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  throw new Error('it was accepted')
}

function numbersIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'number' || value === null) return [path]
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, [...path, key]))
}

describe('prices', () => {
  it('are read as JSON and as YAML', () => {
    expect(parsePrices(JSON.stringify(DEFAULT_PRICES), 'my.json')).toEqual(DEFAULT_PRICES)
    const text = `# mine\n${stringify({ ...DEFAULT_PRICES, asOf: '2026-11' })}`
    expect(parsePrices(text, 'my.yaml')).toEqual({ ...DEFAULT_PRICES, asOf: '2026-11' })
  })

  it('take a price for what has none by default', () => {
    const path = ['mediaConvert', 'usdPerMinute', 'hevc', 'fps30', 'hd']
    expect(parsePrices(changed(path, 0.05), 'x').mediaConvert.usdPerMinute.hevc.fps30.hd).toBe(0.05)
  })

  it.each(numbersIn(DEFAULT_PRICES).map((path) => [path.join('.'), path] as const))(
    'refuse %s below zero, above the range, as text and left out, by its name',
    (name, path) => {
      for (const value of [-0.01, 100_000, '0.04', undefined]) {
        expect(problemsOf(changed(path, value))).toMatch(new RegExp(`\\n  ${name} must be a number of`))
      }
    },
  )

  it('have 33 numbers, all of them tested above', () => {
    expect(numbersIn(DEFAULT_PRICES)).toHaveLength(2 + 3 + 1 + 27)
  })

  it.each([
    ['a field that there is not', changed(['compute', 'usdPerHour'], 1), 'compute.usdPerHour is not a field'],
    ['no date', changed(['asOf'], 'yesterday'), 'asOf must be a date like 2026-11'],
    ['no region', changed(['region'], ''), 'region must be text of 1 to 100 characters'],
    ['half a section', changed(['storage'], undefined), 'storage must be an object with `putUsdPer1000`'],
    ['a list', '[]', 'the file must be an object'],
    ['nothing', '', 'the file must be an object'],
    ['no YAML', '{"asOf": ', 'neither YAML nor JSON'],
  ])('refuse %s with a sentence', (_, text, says) => {
    const message = problemsOf(text)
    expect(message).toContain("the prices in 'my.yaml' cannot be used:")
    expect(message).toContain(says)
    expect(message).not.toMatch(/\.$/)
  })

  it('list every problem at once', () => {
    const text = changed(['compute'], { onDemandUsdPerVcpuHour: -1, spotUsdPerVcpuHour: 'x' })
    expect(problemsOf(text).split('\n')).toHaveLength(3)
  })

  it('say where null is allowed', () => {
    expect(problemsOf(changed(['mediaConvert', 'usdPerMinute', 'av1', 'fps60', 'sd'], 'x'))).toContain('or null')
    expect(problemsOf(changed(['storage', 'getUsdPer1000'], null))).not.toContain('or null')
  })
})
