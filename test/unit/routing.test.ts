/** From routes and settings to where an object goes; what a request may and may not choose. */
import type { FailureCode } from '../../core/contract/failures'
import type { Labels } from '../../core/ports/object-store'
import { parseLadder } from '../../ladders/parse'
import { parseRequest } from '../../routes/parse-request'
import { parseRoutes } from '../../routes/parse'
import { createRouter, type Router } from '../../scheduler/routing/router'
import { routingOf, type Routing, type RoutingSettings } from '../../scheduler/routing/routing'

const ladderOf = (name: string) => parseLadder(`name: ${name}\nrungs: []\n`, name)
const ROLE = 'arn:aws:iam::123456789012:role/team'

const SETTINGS: RoutingSettings = {
  state: { bucket: 'state', prefix: 'gantry' },
  output: { bucket: 'output', prefix: '' },
  sources: [{ bucket: 'masters', prefix: '' }],
  openPlaces: [{ bucket: 'teams', prefix: 'open' }],
  ladder: ladderOf('standard'),
  builtIn: [ladderOf('default'), ladderOf('hevc')],
  tags: { fleet: 'one', team: 'all' },
  kmsKey: 'alias/own',
}

function routing(text: string | null, more: Partial<RoutingSettings> = {}): Routing {
  if (text === null) return routingOf(null, { ...SETTINGS, ...more })
  const file = parseRoutes(text, 'routes.yaml')
  const ladders = file.routes.map(({ ladder }) => (ladder === undefined ? null : ladderOf(ladder)))
  return routingOf({ ...file, ladders }, { ...SETTINGS, ...more })
}

const TEXT = `
destinations:
  web: { bucket: web, prefix: films, tags: { team: web }, retentionDays: 30 }
  other: { bucket: other, role: '${ROLE}', externalId: agreed, publicUrl: 'https://cdn.example' }
routes:
  - { name: drafts, match: { prefix: drafts }, ignore: true }
  - { name: films, match: { prefix: films, tags: { kind: film } }, ladder: mine, destination: web, lane: bulk }
  - { match: { suffixes: [.mxf] }, destination: { bucket: inline, name: '{id}' } }
`

/** A router over objects with these tags; and what it asked for. */
function router(text: string | null, tags: Labels = {}): Router & { asked: string[] } {
  const asked: string[] = []
  const made = createRouter(routing(text), async ({ key }, kind) => {
    asked.push(`${kind} of ${key}`)
    return tags
  })
  return { ...made, asked }
}

const at = (key: string) => ({ bucket: 'masters', key })
const refused = (code: FailureCode, part: string): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(part) as string })

it('goes by the settings without routes', async () => {
  expect(await router(null).route(at('a.mov'))).toMatchObject({
    ...{ ladder: { name: 'standard' }, lane: 'normal', rule: null },
    target: { place: SETTINGS.output, template: '{stem}-{id}' },
  })
})

it('goes by the first rule, with tags of the settings, the destination and the retention', async () => {
  const { route, asked } = router(TEXT, { kind: 'film' })
  expect(await route(at('films/a.mov'))).toEqual({
    ...{ ladder: ladderOf('mine'), lane: 'bulk', rule: 'films' },
    target: {
      ...{ place: { bucket: 'web', prefix: 'films' }, template: '{stem}-{id}' },
      destination: {
        place: { bucket: 'web', prefix: 'films' },
        role: null,
        kmsKey: 'alias/own',
        tags: { fleet: 'one', team: 'web', 'gantry-retention-days': '30' },
        publicUrl: null,
      },
    },
  })
  expect(asked).toEqual(['tags of films/a.mov'])
})

it('asks for no labels where the name decides, and leaves alone what a rule ignores', async () => {
  const { route, asked } = router(TEXT)
  expect(await route(at('drafts/a.mov'))).toBeNull()
  expect(await route(at('a.mxf'))).toMatchObject({ rule: 'routes[2]', target: { template: '{id}' } })
  expect(asked).toEqual([])
  expect(await route(at('films/a.mov'))).toMatchObject({ rule: null, target: { place: SETTINGS.output } })
})

it("leaves the settings' key to destinations that have no role of their own", () => {
  const destination = routing(TEXT).namedTargets.get('other')?.destination
  expect(destination).toMatchObject({ kmsKey: null, role: { arn: ROLE, externalId: 'agreed' } })
})

it('takes no master from any place that Gantry may write to', () => {
  const places = routing(TEXT).outputs.map(({ bucket, prefix }) => `${bucket}/${prefix}`)
  expect(places).toEqual(['output/', 'web/films', 'other/', 'web/films', 'inline/', 'teams/open'])
})

it.each([
  ['lies in the state', '{ bucket: state, prefix: gantry/open }', "'state/gantry/open' overlaps the state"],
  ['holds the state', '{ bucket: state }', "'state' overlaps the state"],
  ['holds the masters', '{ bucket: masters }', "masters of 'masters' would never be taken"],
  ['has too many tags', '{ bucket: web, tags: { a: x, b: x, c: x, d: x, e: x, f: x, g: x, h: x, i: x } }', '11 tags'],
])('refuses a destination that %s', (_, destination, part) => {
  const text = `destinations: { web: ${destination} }\nroutes: [{ destination: web }]`
  expect(() => routing(text)).toThrow(refused('CONFIG_ROUTES_INVALID', part) as Error)
  // The same where a rule has it by itself.
  expect(() => routing(`routes: [{ destination: ${destination} }]`)).toThrow(
    refused('CONFIG_ROUTES_INVALID', part) as Error,
  )
})

it('takes a place beside the state and below the masters', () => {
  const text = 'routes: [{ destination: { bucket: state, prefix: gantry2 } }, ]'
  expect(routing(text).targets[0]?.place).toEqual({ bucket: 'state', prefix: 'gantry2' })
  const below = 'routes: [{ destination: { bucket: masters, prefix: made } }]'
  expect(routing(below).targets[0]?.place.prefix).toBe('made')
})

describe('a request', () => {
  const asked = (fields: Record<string, unknown>) =>
    parseRequest(JSON.stringify({ v: 1, source: at('films/a.mov'), ...fields }), 'request')
  const go = (fields: Record<string, unknown>, tags: Labels = {}) =>
    router(TEXT, tags).routeRequest(asked(fields), at('films/a.mov'))

  it('goes by the rules where it says nothing', async () => {
    expect(await go({}, { kind: 'film' })).toMatchObject({ rule: 'films', lane: 'bulk' })
  })

  it('goes before the rules where it says something', async () => {
    expect(await go({ ladder: 'hevc', lane: 'interactive', destination: 'other' }, { kind: 'film' })).toMatchObject({
      ...{ ladder: { name: 'hevc' }, lane: 'interactive', rule: 'films' },
      target: { place: { bucket: 'other', prefix: '' } },
    })
  })

  it('may ask for what a rule ignores', async () => {
    const { routeRequest } = router(TEXT)
    expect(await routeRequest(asked({}), at('drafts/a.mov'))).toMatchObject({
      rule: null,
      ladder: { name: 'standard' },
    })
  })

  it('may bring a destination within the open places, with their tags and no rights', async () => {
    const { target } = await go({ destination: { bucket: 'teams', prefix: 'open/a', retentionDays: 2 } })
    expect(target.destination).toMatchObject({
      ...{ place: { bucket: 'teams', prefix: 'open/a' }, role: null },
      tags: { fleet: 'one', team: 'all', 'gantry-retention-days': '2' },
    })
  })

  it.each<[string, Record<string, unknown>, FailureCode, string]>([
    ['a ladder', { ladder: 'nosuch' }, 'API_REQUEST_INVALID', 'ladder must be one of default, hevc, mine, standard or'],
    ['a destination', { destination: 'nosuch' }, 'API_DESTINATION_NOT_ALLOWED', "there are web, other), got 'nosuch'"],
    ['a bucket', { destination: { bucket: 'output' } }, 'API_DESTINATION_NOT_ALLOWED', "'output/' is not within"],
    [
      'a neighbour',
      { destination: { bucket: 'teams', prefix: 'open2' } },
      'API_DESTINATION_NOT_ALLOWED',
      'is not within',
    ],
    ['all of a bucket', { destination: { bucket: 'teams' } }, 'API_DESTINATION_NOT_ALLOWED', "'teams/' is not within"],
  ])('may not name %s that is not there for it', async (_, fields, code, part) => {
    await expect(go(fields)).rejects.toEqual(refused(code, part))
  })

  it('may not write over the state, whatever the settings open', async () => {
    const open = routing(null, { openPlaces: [{ bucket: 'state', prefix: '' }] })
    const { routeRequest } = createRouter(open, async () => null)
    const inState = asked({ destination: { bucket: 'state', prefix: 'gantry/x' } })
    await expect(routeRequest(inState, at('a'))).rejects.toEqual(refused('API_DESTINATION_NOT_ALLOWED', 'the state'))
  })
})
