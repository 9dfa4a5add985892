/** Which rule an object goes by. */
import { chooseRule, judge } from '../../routes/match'
import { parseRoutes } from '../../routes/parse'
import type { Rule } from '../../routes/schema'

const rulesOf = (...rules: string[]): readonly Rule[] =>
  parseRoutes(`routes:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`, 'routes.yaml').routes
const ruleOf = (match: string): Rule => rulesOf(`match: ${match}`)[0] as Rule
const at = (key: string, bucket = 'masters') => ({ bucket, key })

it.each([
  ['{ bucket: masters }', at('a.mov'), true],
  ['{ bucket: masters }', at('a.mov', 'masters2'), false],
  ['{ prefix: films }', at('films/a.mov'), true],
  ['{ prefix: films/ }', at('films/a.mov'), true],
  ['{ prefix: films }', at('films2/a.mov'), false],
  ['{ prefix: films }', at('films'), false],
  ['{ prefix: films/2026 }', at('films/2026/a.mov'), true],
  ['{ prefix: Films }', at('films/a.mov'), false],
  ['{ suffixes: [.mov, .mxf] }', at('a.MXF'), true],
  ['{ suffixes: [.mov, .mxf] }', at('a.mp4'), false],
  ['{ suffixes: [.mov], prefix: films }', at('news/a.mov'), false],
])('%s for %j: %s', (match, object, expected) => {
  expect(judge(ruleOf(match), object, {}).outcome).toBe(expected ? 'matches' : 'differs')
})

it.each([
  ['{ tags: { kind: film } }', { kind: 'film', more: 'x' }, 'matches', ''],
  ['{ tags: { kind: film } }', { kind: 'Film' }, 'differs', "the tag 'kind' is 'Film', it must be 'film'"],
  ['{ tags: { kind: film, cost: "4" } }', { kind: 'film' }, 'differs', "the tag 'cost' is not there"],
  ['{ tags: { constructor: x } }', {}, 'differs', "the tag 'constructor' is not there"],
])('%s with the tags %j: %s', (match, tags, outcome, reason) => {
  expect(judge(ruleOf(match), at('a'), { tags })).toMatchObject({
    outcome,
    ...(reason !== '' && { reason: expect.stringContaining(reason) as string }),
  })
})

describe('the first rule that matches', () => {
  const rules = rulesOf(
    'match: { prefix: drafts }\n    ignore: true',
    'match: { prefix: films, tags: { kind: trailer } }',
    'match: { prefix: films, metadata: { owner: me }, tags: { kind: film } }',
    'match: { bucket: masters }',
  )

  it('wins, whatever follows', () => {
    expect(chooseRule(rules, at('drafts/a.mov'), {})).toEqual({ outcome: 'rule', index: 0 })
    expect(chooseRule(rules, at('news/a.mov'), {})).toEqual({ outcome: 'rule', index: 3 })
    expect(chooseRule(rules, at('news/a.mov', 'other'), {})).toEqual({ outcome: 'none' })
  })

  it('asks for labels only where they decide, one kind at a time', () => {
    expect(chooseRule(rules, at('films/a.mov'), {})).toEqual({ outcome: 'unknown', needs: 'tags' })
    expect(chooseRule(rules, at('films/a.mov'), { tags: { kind: 'trailer' } })).toEqual({ outcome: 'rule', index: 1 })
    const film = { tags: { kind: 'film' } }
    expect(chooseRule(rules, at('films/a.mov'), film)).toEqual({ outcome: 'unknown', needs: 'metadata' })
    expect(chooseRule(rules, at('films/a.mov'), { ...film, metadata: { owner: 'me' } })).toEqual({
      outcome: 'rule',
      index: 2,
    })
    expect(chooseRule(rules, at('films/a.mov'), { ...film, metadata: {} })).toEqual({ outcome: 'rule', index: 3 })
  })
})
