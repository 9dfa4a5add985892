import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FAILURES } from '../../core/contract/failures'

/** Rows of the table as `code -> [meaning, remedy, retried]`. */
function documented(): Map<string, string[]> {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'errors.md'), 'utf8')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  return new Map(
    rows.map((row) => {
      const [code = '', ...cells] = row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim())
      return [code.replaceAll('`', ''), cells]
    }),
  )
}

describe('docs/errors.md', () => {
  const rows = documented()

  it('has a row for every code of the table and no other', () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(FAILURES).sort())
  })

  it.each(Object.entries(FAILURES))('says of %s what the table says', (code, { meaning, remedy, retry }) => {
    expect(rows.get(code)).toEqual([meaning, remedy, retry ? 'yes' : 'no'])
  })

  it.each(Object.entries(FAILURES))('gives %s sentences without a final period', (_, { meaning, remedy }) => {
    expect(meaning).toMatch(/[^.]$/)
    expect(remedy).toMatch(/[^.]$/)
  })
})
