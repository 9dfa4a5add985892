/** `gantry routes test`: which rule wins, and why the others do not. */
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { parseArguments } from '../../cli/options'
import { routesCommand, testLines } from '../../cli/routes/command'
import { readRoutes } from '../../scheduler/routing/load-routes'

const builtInFolder = join(__dirname, '..', '..', 'ladders')
const TEXT = `
destinations: { web: { bucket: web } }
routes:
  - { name: drafts, match: { prefix: drafts }, ignore: true }
  - { match: { prefix: films, tags: { kind: film } }, ladder: hevc, destination: web, lane: bulk }
`

function parsed(...argv: string[]) {
  const made = parseArguments(['routes', ...argv], { cwd: '/home/me', version: '1', columns: 80 })
  return made.kind === 'routes' ? made.options : made
}

async function test(...argv: string[]): Promise<string[]> {
  const options = parsed('test', 'routes.yaml', ...argv)
  if (!('action' in options) || options.action !== 'test') throw new Error(JSON.stringify(options))
  return testLines(await readRoutes(TEXT, { name: 'routes.yaml', folder: '/', builtInFolder }), options)
}

it('says why rules do not count, which wins, and what comes of it', async () => {
  expect(await test('--bucket', 'masters', '--key', 'films/a.mov', '--tag', 'kind=film')).toEqual([
    "routes[0] drafts: no, the key is not below 'drafts'",
    ...['routes[1]: wins', 'ladder: hevc', 'destination: web', 'lane: bulk'],
  ])
  expect(await test('--bucket', 'masters', '--key', 'drafts/a')).toEqual([
    ...['routes[0] drafts: wins', 'the object is left alone'],
  ])
  expect(await test('--bucket', 'masters', '--key', 'films/a', '--tag', 'kind=a=b', '--metadata', 'Owner=me')).toEqual([
    "routes[0] drafts: no, the key is not below 'drafts'",
    "routes[1]: no, the tag 'kind' is 'a=b', it must be 'film'",
    'no rule wins: the object goes by GANTRY_LADDER to GANTRY_OUTPUT',
  ])
})

it.each([
  [['test', 'r.yaml', '--key', 'a'], /--bucket/],
  [['test', 'r.yaml', '--bucket', 'b', '--key', 'a', '--tag', 'kind'], /NAME=VALUE/],
  [['check'], /missing required argument 'files'/],
])('refuses %j', (argv, message) => {
  expect(parsed(...argv)).toMatchObject({ kind: 'usage', message: expect.stringMatching(message) as string })
})

it.each([
  [TEXT, 0, 'standard input: ok (2 rules, 1 destination)\n'],
  ['routes: [{ ladder: nosuch }]', 1, "standard input: routes[0].ladder: a ladder named 'nosuch' cannot be read"],
  ['routes: []', 1, 'standard input:1:9: routes must be a list of 1 to 500 entries, got a list of 0\n'],
])('checks what comes by standard input: %j', async (text, code, said) => {
  let printed = ''
  const options = { action: 'check', files: [{ name: 'standard input', path: null }] } as const
  const print = (more: string): void => void (printed += more)
  const stdin = Readable.from([Buffer.from(text)])
  expect(await routesCommand(options, { builtInFolder, cwd: '/', stdin, print })).toBe(code)
  expect(printed).toContain(said)
})
