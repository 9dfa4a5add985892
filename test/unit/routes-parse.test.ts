/** Routes files: what is right, what is wrong and how that is said. */
import { GantryError } from '../../core/contract/errors'
import { parseRoutes } from '../../routes/parse'

function refusal(text: string): string {
  try {
    parseRoutes(text, 'routes.yaml')
  } catch (error) {
    if (error instanceof GantryError && error.code === 'CONFIG_ROUTES_INVALID') return error.message
    throw error
  }
  throw new Error('the routes were accepted')
}

const web = '{ bucket: web }'
const withRule = (rule: string): string => `destinations:\n  web: ${web}\nroutes:\n  - ${rule}\n`

it('fills in defaults, and takes the slash from the end of a prefix', () => {
  const file = parseRoutes('routes:\n  - destination: { bucket: web, prefix: a/b/ }\n', 'routes.yaml')
  expect(file).toEqual({
    destinations: {},
    routes: [{ destination: { bucket: 'web', prefix: 'a/b', name: '{stem}-{id}' }, ignore: false }],
  })
})

it.each([
  ['nothing', '', 'a routes file must be a mapping with the fields destinations, routes, got nothing'],
  ['no rules', 'destinations: {}', 'routes is missing, it must be a list of 1 to 500 entries'],
  ['a name of no destination', withRule('destination: wep'), "got 'wep' (did you mean 'web'?)"],
  ['a destination without a bucket', withRule('destination: { prefix: a }'), 'routes[0].destination.bucket is missing'],
  ['a number for a destination', withRule('destination: 5'), 'routes[0].destination must be 1 to 64 lower-case'],
  [
    'a rule behind one that takes all',
    withRule('lane: bulk\n  - lane: normal'),
    'routes.yaml:5:5: routes[1] can never',
  ],
  ['a match that says nothing', withRule('match: {}'), 'routes[0].match must say something (leave it out'],
  ['a ladder for what is ignored', withRule('{ ignore: true, ladder: hevc }'), 'routes[0].ladder must be left out'],
  ['two rules of one name', withRule('{ name: a, match: { bucket: abc } }\n  - { name: a }'), 'routes[0] has the same'],
  ['a suffix that is no list', withRule('match: { suffixes: .mov }'), "got '.mov' (write it as [...])"],
  ['a suffix by its other name', withRule('match: { extension: [.mov] }'), "(did you mean 'suffixes'?)"],
  ['a number as the value of a tag', withRule('match: { tags: { cost: 42 } }'), 'got 42 (put it in quotes)'],
  ["a tag of AWS's own", withRule("match: { tags: { 'aws:x': y } }"), 'a key of routes[0].match.tags must be'],
  ['metadata in capitals', withRule('match: { metadata: { Owner: me } }'), 'lower-case letters, digits and hyphens'],
  ['__proto__ as a tag', withRule('match: { tags: { __proto__: x } }'), 'tags.__proto__ is not a field'],
  ['__proto__ as a destination', `destinations: { __proto__: ${web} }\nroutes: [{}]`, '__proto__ is not a field'],
  ['a key twice', withRule('{ lane: bulk, lane: bulk }'), "the key 'lane' is given twice"],
  ['a name without id', withRule("destination: { bucket: web, name: '{stem}' }"), 'must have {id} or {assetId}'],
  ['a name that leads out', withRule("destination: { bucket: web, name: '../{id}' }"), 'must be of letters, digits'],
  ['an absolute name', withRule("destination: { bucket: web, name: '/{id}' }"), 'must be of letters, digits'],
  ['an unknown placeholder', withRule("destination: { bucket: web, name: '{date}-{id}' }"), 'no placeholders but'],
  ['a placeholder twice', withRule("destination: { bucket: web, name: '{id}{id}' }"), 'each placeholder at most once'],
  ['{folder} within a part', withRule("destination: { bucket: web, name: 'a{folder}/{id}' }"), 'a part of its own'],
  ['a prefix that leads out', withRule('destination: { bucket: web, prefix: a/../b }'), 'destination.prefix must be'],
  ['a role that is none', withRule('destination: { bucket: web, role: admin }'), 'must be the ARN of a role'],
  ['an external id alone', withRule('destination: { bucket: web, externalId: abc }'), 'must be left out where role'],
  ['ten tags', withRule(`destination: { bucket: web, tags: { ${tags(10)} } }`), 'must be at most 9, there are 10'],
  [
    'the tag of the retention',
    withRule("destination: { bucket: web, tags: { gantry-retention-days: '5' } }"),
    'must be given as retentionDays',
  ],
  ['501 rules', `routes:\n${'  - { ignore: true, match: { bucket: abc } }\n'.repeat(501)}`, 'got a list of 501'],
  ['infinity', withRule('destination: { bucket: web, retentionDays: 1e309 }'), 'got 1e309'],
])('refuses %s', (_, text, part) => expect(refusal(text)).toContain(part))

function tags(count: number): string {
  return Array.from({ length: count }, (_, index) => `t${index}: x`).join(', ')
}

it('tells of everything at once, each in its place', () => {
  const text = 'destinations:\n  web: { bucket: W }\nroutes:\n  - lane: fast\n    ladder: ""\n'
  expect(
    refusal(text)
      .split('\n')
      .map((line) => /^routes\.yaml:(\d+:\d+): /.exec(line)?.[1]),
  ).toEqual(['2:18', '4:11', '5:13'])
})
