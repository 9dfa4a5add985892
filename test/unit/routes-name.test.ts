/** Names of assets: whatever a master is called, its folder is a safe one below the prefix. */
import fc from 'fast-check'
import { keyFault } from '../../core/adapters/store-keys'
import { destinationSchema } from '../../routes/destination-schema'
import { outputName, PLACEHOLDERS, TEMPLATE_CHARS, templateFault } from '../../routes/name'

const ASSET = 'abcdefghij2345672345'
const nameOf = (key: string, template: string, bucket = 'masters'): string =>
  outputName({ bucket, key }, ASSET, template)

it.each([
  ['{stem}-{id}', 'films/2026/Été.mov', 'Ete-abcdefghij'],
  ['{folder}/{stem}-{id}', 'films/Staffel 1/a.mov', 'films/Staffel-1/a-abcdefghij'],
  ['{folder}/{stem}-{id}', 'a.mov', 'a-abcdefghij'],
  ['{folder}/{id}', '../../etc/./passwd', 'etc/abcdefghij'],
  ['{folder}/{id}', '/a//b/c.mov', 'a/b/abcdefghij'],
  ['{bucket}/x{assetId}/{stem}', 'a.mov', 'masters/xabcdefghij2345672345/a'],
  [
    '{folder}/{id}',
    `${'n'.repeat(90)}/${'m'.repeat(90)}/${'o'.repeat(90)}/a`,
    `${'m'.repeat(80)}/${'o'.repeat(80)}/abcdefghij`,
  ],
])('%s of %s is %s', (template, key, name) => expect(nameOf(key, template)).toBe(name))

/** Any template that is not refused. */
const templates = fc
  .array(
    fc.oneof(fc.constantFrom(...PLACEHOLDERS.map((name) => `{${name}}`)), fc.stringMatching(/^[A-Za-z0-9._/-]{1,8}$/)),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => `${parts.join('')}{id}`)
  .filter((template) => templateFault(template) === null)
const keys = fc.oneof(
  fc.string({ maxLength: 400, unit: 'binary' }),
  fc
    .array(fc.constantFrom('..', '.', '', '-', 'r1', 'a b', 'ﷺ', '🎬', '%2e', '\\', '\u202e', 'x'.repeat(300)), {
      maxLength: 12,
    })
    .map((parts) => parts.join('/')),
)
const prefixes = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._=-]{0,60}$/), { maxLength: 8 })
  .map((parts) => parts.join('/'))
  .filter((prefix) => destinationSchema.safeParse({ bucket: 'web', prefix }).success)
/** As deep as objects lie below the folder of an asset. */
const DEEPEST = `r99999/video/${'r'.repeat(32)}/0000-abcdefgh/00000.m4s`

it('is safe for any key, template and prefix: every part, and the whole with the deepest object in 1,024 bytes', () => {
  fc.assert(
    fc.property(keys, templates, prefixes, (key, template, prefix) => {
      const name = nameOf(key, template)
      expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)
      expect(name).toContain(ASSET.slice(0, 10))
      const whole = [prefix, name, DEEPEST].filter((part) => part !== '').join('/')
      expect(keyFault(whole)).toBeNull()
    }),
    { numRuns: 500 },
  )
})

it('stays in the limits with the longest of everything', () => {
  const template = `${'t'.repeat(TEMPLATE_CHARS - '{stem}{id}{assetId}/{bucket}/{folder}/'.length)}{stem}{id}{assetId}/{bucket}/{folder}/`
  const longest = template.slice(0, TEMPLATE_CHARS - 1).replace(/\/$/, '')
  expect(templateFault(longest)).toBeNull()
  const key = `${Array.from({ length: 4 }, () => 'f'.repeat(60)).join('/')}/${'s'.repeat(100)}`
  const name = nameOf(key, longest, 'b'.repeat(63))
  expect(keyFault(`${'p'.repeat(200)}/${'p'.repeat(199)}/${name}/${DEEPEST}`)).toBeNull()
})

it('differs for different assets, whatever the template', () => {
  fc.assert(
    fc.property(keys, keys, templates, (one, other, template) => {
      const second = outputName({ bucket: 'masters', key: other }, `z${ASSET.slice(1)}`, template)
      expect(nameOf(one, template)).not.toBe(second)
    }),
  )
})
