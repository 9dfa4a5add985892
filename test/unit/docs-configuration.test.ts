import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SETTINGS, type Setting } from '../../core/service/settings'

const rows = readFileSync(join(__dirname, '..', '..', 'docs', 'configuration.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `GANTRY_'))

/** The default as the page shows it; one depends on the machine. */
function usual(name: string, setting: Setting): string {
  if (name === 'GANTRY_WORKERS') return 'half the cores'
  const parsed = setting.schema.safeParse(undefined)
  return parsed.success ? `\`${String(parsed.data)}\`` : 'none'
}

describe('docs/configuration.md', () => {
  it('has a row for every setting and no other, with its default and meaning', () => {
    const expected = Object.entries(SETTINGS).map(
      ([name, setting]) => `| \`${name}\` | ${usual(name, setting)} | ${setting.meaning} |`,
    )
    expect(rows).toEqual(expected)
  })
})
