import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RULES } from '../../media/gate/rules'

/** Rows of the table as `rule -> [severity, meaning, source]`. */
function documented(): Map<string, string[]> {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'verify.md'), 'utf8')
  const section = text.slice(text.indexOf('## Rules'))
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return new Map(
    rows.map((row) => {
      const [rule = '', ...cells] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return [rule.replaceAll('`', ''), cells]
    }),
  )
}

describe('docs/verify.md', () => {
  const rows = documented()

  it('has a row for every rule of the gate and no other, in their order', () => {
    expect([...rows.keys()]).toEqual(Object.keys(RULES))
  })

  it.each(Object.entries(RULES))('says of %s what the rule says', (rule, { severity, meaning, source }) => {
    expect(rows.get(rule)).toEqual([severity, meaning, source])
  })

  it.each(Object.entries(RULES))('gives %s a sentence without a final period', (_, { meaning }) => {
    expect(meaning).toMatch(/[^.]$/)
  })
})
