/** docs/routes.md and the JSON Schemas, against the code. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv2020 from 'ajv/dist/2020'
import { parse as parsePlainYaml } from 'yaml'
import { fieldNames } from '../../language/fields'
import { jsonSchemaOf, jsonSchemaText } from '../../language/json-schema'
import type { Language } from '../../language/language'
import { ROUTES } from '../../routes/language'
import { PLACEHOLDERS } from '../../routes/name'
import { parseRequest, REQUEST } from '../../routes/parse-request'
import { parseRoutes } from '../../routes/parse'

const root = join(__dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'routes.md'), 'utf8')
const blocks = [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({ info, text }))

const LANGUAGES: readonly [
  name: string,
  language: Language<unknown>,
  parse: (text: string, name: string) => unknown,
][] = [
  ['routes', ROUTES, parseRoutes],
  ['request', REQUEST, parseRequest],
]

const isRoutes = (text: string): boolean => /^(destinations|routes):/m.test(text)
const isRequest = (text: string): boolean => /^"?v"?:|"v":/m.test(text)

describe.each(LANGUAGES)('the schema of %s', (name, language) => {
  const command = `node bin/gantry.js routes schema${name === 'request' ? ' --request' : ''}`
  it(`is what the code gives; if not: ${command} > routes/${name}.schema.json`, () => {
    expect(readFileSync(join(root, 'routes', `${name}.schema.json`), 'utf8')).toBe(jsonSchemaText(language))
  })

  it.each(fieldNames(language.root))('says what %s is for', (field) => {
    expect(language.meanings[field]).toMatch(/^[A-Z].*\.$/)
  })

  it('says nothing of fields that are not there', () => {
    expect(Object.keys(language.meanings).filter((field) => !fieldNames(language.root).includes(field))).toEqual([])
  })

  it('is what the page says, but for what other pages and tables say', () => {
    const table = page.split(`| field of a ${name === 'routes' ? 'routes file' : 'request'} | meaning |`)[1] ?? ''
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)]
    const elsewhere = name === 'routes' ? /^routes\[\]\.destination\./ : /^(ladder|destination)\./
    const expected = Object.entries(language.meanings).filter(([field]) => !elsewhere.test(field) && !/\*$/.test(field))
    expect(rows.map(([, field, meaning]) => [field, meaning])).toEqual(expected)
  })
})

describe('the examples of the page', () => {
  it('are of kinds that are looked at here', () => {
    expect([...new Set(blocks.map(({ info }) => info))].sort()).toEqual([
      ...['json', 'json invalid', 'sh', 'text', 'yaml', 'yaml invalid'],
    ])
  })

  const right = blocks.filter(
    ({ info, text }) => ['yaml', 'json'].includes(info) && (isRoutes(text) || isRequest(text)),
  )
  it.each(right)('are right, for us and for an editor: $text', ({ text }) => {
    const [, language, parse] = LANGUAGES[isRoutes(text) ? 0 : 1] ?? []
    expect(parse?.(text, 'example')).toBeDefined()
    if (language === undefined) return
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(jsonSchemaOf(language))
    expect(validate(parsePlainYaml(text))).toBe(true)
  })

  it('are three and the rule of a bucket', () => expect(right).toHaveLength(3))

  const wrong = blocks.flatMap(({ info, text }, index) =>
    info.endsWith('invalid') ? [{ text, said: blocks[index + 1]?.text.trimEnd() ?? '' }] : [],
  )
  it.each(wrong)('are wrong as said below: $text', ({ text, said }) => {
    const [, , parse] = LANGUAGES[isRoutes(text) ? 0 : 1] ?? []
    expect(() => parse?.(text, said.slice(0, said.indexOf(':')))).toThrow(
      expect.objectContaining({ message: said }) as Error,
    )
  })

  it('name every placeholder', () => {
    const named = [...page.matchAll(/^\| `\{(\w+)\}` \|/gm)].map(([, name]) => name)
    expect(named).toEqual([...PLACEHOLDERS])
  })
})
