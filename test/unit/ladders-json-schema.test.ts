/** The JSON Schema of ladder files, by a validator that is not ours; and the examples of the documentation. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv2020 from 'ajv/dist/2020'
import { parse as parsePlainYaml } from 'yaml'
import { fieldAt, fieldNames, type Field } from '../../language/fields'
import { LADDER } from '../../ladders/language'
import { jsonSchemaText, jsonSchemaOf } from '../../language/json-schema'
import { parseLadder } from '../../ladders/parse'
import { readYaml } from '../../language/yaml-text'

const root = join(__dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'ladders.md'), 'utf8')
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(jsonSchemaOf(LADDER))

const builtIn = readdirSync(join(root, 'ladders'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => [name, readFileSync(join(root, 'ladders', name), 'utf8')] as const)

/** Fenced blocks in their order. */
const blocks = [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({ info, text }))
const examples = blocks.filter(({ info }) => info === 'yaml').map(({ text }) => text)
const wrong = blocks.flatMap(({ info, text }, index) =>
  info === 'yaml invalid' ? [{ text, said: blocks[index + 1] }] : [],
)

function problemsOf(value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`)
}

function readByUs(text: string): unknown {
  const read = readYaml(text)
  if (!('value' in read)) throw new Error(JSON.stringify(read))
  return read.value
}

describe('ladders/schema.json', () => {
  it('is what the code gives; if not: node bin/gantry.js ladders schema > ladders/schema.json', () => {
    expect(readFileSync(join(root, 'ladders', 'schema.json'), 'utf8')).toBe(jsonSchemaText(LADDER))
  })

  it('is the schema itself', () => expect(JSON.parse(jsonSchemaText(LADDER))).toEqual(jsonSchemaOf(LADDER)))

  it('has the meanings of docs/ladders.md and no other', () => {
    const rows = page
      .split('\n')
      .map((line) => line.replace(/ \|$/, '').split(' | '))
      .flatMap(([first = '', ...cells]) => {
        const name = /^\| `([^`]+)`$/.exec(first)?.[1]
        return name === undefined ? [] : [[name, cells.at(-1)] as const]
      })
    expect(LADDER.meanings).toEqual(Object.fromEntries(rows))
  })

  it.each(fieldNames(LADDER.root))('says what %s is for, and its default where that follows from others', (name) => {
    const steps = name.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]))
    const own = fieldAt(LADDER.root, steps)
    const shown = steps.reduce<(Field & { description?: string }) | undefined>(
      (field, step) => (typeof step === 'number' ? field?.items : field?.properties?.[step]),
      jsonSchemaOf(LADDER),
    )
    expect(shown?.description).toContain(LADDER.meanings[name] ?? 'a meaning in ladders/json-schema.ts')
    expect(shown?.description).toContain(own?.ownDefault ?? '')
    expect(shown).not.toHaveProperty('allowed')
    expect(shown).not.toHaveProperty('ownDefault')
  })
})

describe('the JSON Schema', () => {
  it.each(builtIn)('takes %s as our reader has it and as an editor has it', (_name, text) => {
    expect(problemsOf(readByUs(text))).toEqual([])
    expect(problemsOf(parsePlainYaml(text))).toEqual([])
  })

  const rung = { id: '360p', shortSidePx: 360, maxBitrateBps: 900_000 }
  it.each([
    ['no rungs', { name: 'a' }, " must have required property 'rungs'"],
    ['a field it does not know', { name: 'a', rungs: [], nmae: 'b' }, ' must NOT have additional properties'],
    ['a name with a space', { name: 'a b', rungs: [] }, '/name must match pattern'],
    [
      'an odd size',
      { name: 'a', rungs: [{ ...rung, shortSidePx: 361 }] },
      '/rungs/0/shortSidePx must be multiple of 2',
    ],
    ['kilobits', { name: 'a', rungs: [{ ...rung, maxBitrateBps: 900 }] }, '/rungs/0/maxBitrateBps must be >= 50000'],
    ['a unit', { name: 'a', rungs: [{ ...rung, maxBitrateBps: '900k' }] }, '/rungs/0/maxBitrateBps must match pattern'],
    ['an unknown codec', { name: 'a', rungs: [{ ...rung, codec: 'vp9' }] }, '/rungs/0/codec must be equal to one of'],
    ['five forms of sound', { name: 'a', rungs: [], audio: [{}, {}, {}, {}, {}] }, '/audio must NOT have more than 4'],
  ])('refuses %s', (_what, value, problem) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining(problem)])
  })
})

describe('the examples of docs/ladders.md', () => {
  it('are some right ones and some wrong ones, and one tells editors of the schema', () => {
    expect(examples.length).toBeGreaterThan(1)
    expect(wrong.length).toBeGreaterThan(1)
    expect(examples.filter((text) => /^# yaml-language-server: \$schema=\S+$/m.test(text))).not.toEqual([])
    const infos = new Set(blocks.map(({ info }) => info))
    expect([...infos].sort()).toEqual(['sh', 'text', 'yaml', 'yaml invalid'])
  })

  it.each(examples)('is right: %s', (text) => {
    expect(parseLadder(text, 'example.yaml').rungs).not.toEqual([])
    expect(problemsOf(readByUs(text))).toEqual([])
    expect(problemsOf(parsePlainYaml(text))).toEqual([])
  })

  it.each(wrong)('is wrong as said below it: $text', ({ text, said }) => {
    const file = /^[^:]+/.exec(said?.text ?? '')?.[0] ?? ''
    expect(said?.info).toBe('text')
    expect(() => parseLadder(text, file)).toThrow(
      expect.objectContaining({ code: 'LADDER_INVALID', message: said?.text.trimEnd() }),
    )
  })
})
