import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SETTINGS, type Setting } from '../../core/service/settings'

const rows = readFileSync(join(__dirname, '..', '..', 'docs', 'configuration.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `GANTRY_'))

/** The default as the page shows it. */
function usual({ schema, usually }: Setting): string {
  if (usually !== undefined) return usually
  const parsed = schema.safeParse(undefined)
  if (!parsed.success) return 'must be set'
  if (parsed.data === undefined) return 'not set'
  return `\`${typeof parsed.data === 'boolean' ? (parsed.data ? 'on' : 'off') : (parsed.data as string | number)}\``
}

describe('docs/configuration.md', () => {
  it('has a row for every setting and no other, with its default and meaning', () => {
    const expected = Object.entries<Setting>(SETTINGS).map(
      ([name, setting]) => `| \`${name}\` | ${usual(setting)} | ${setting.meaning} |`,
    )
    expect(rows).toEqual(expected)
  })
})
