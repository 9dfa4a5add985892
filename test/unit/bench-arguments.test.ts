import { CASES, parseBench, type BenchOptions } from '../../bench/arguments'

function options(...argv: string[]): BenchOptions {
  const parsed = parseBench(argv, '/home/me')
  if (parsed.kind !== 'bench') throw new Error(`options expected, got ${JSON.stringify(parsed)}`)
  return parsed.options
}

describe('the command line of the bench', () => {
  it('runs all cases three times when nothing is asked', () => {
    expect(options()).toMatchObject({ cases: CASES, rounds: 3, jsonFile: null })
  })

  it('is short with --quick, unless more rounds are asked for', () => {
    expect(options('--quick').rounds).toBe(1)
    expect(options('--quick', '--rounds', '5').rounds).toBe(5)
    expect(options('--quick').scale.ladderSeconds).toBeLessThan(options().scale.ladderSeconds)
  })

  it('takes cases in its own order, each once', () => {
    expect(options('--only', 'memory', '720p', '720p').cases).toEqual(['720p', 'memory'])
    expect(options('--only', 'scaling', '--only', '1080p').cases).toEqual(['1080p', 'scaling'])
  })

  it('takes another length for the masters of compared ladders', () => {
    expect(options('--seconds', '90').scale).toMatchObject({ ladderSeconds: 90, scalingSeconds: 90 })
  })

  it("starts the file's path from the caller's folder", () => {
    expect(options('--json', 'x/bench.json').jsonFile).toBe('/home/me/x/bench.json')
  })

  it.each([
    [['--only', '4k'], /'4k' is invalid.*720p, 1080p, scaling, quality, memory; see bench --help$/],
    [['--rounds', '0'], /'0' is invalid.*from 1 to 99; see/],
    [['--rounds', '1e1'], /'1e1' is invalid/],
    [['--seconds', '3601'], /from 1 to 3600/],
    [['--fast'], /unknown option '--fast'/],
    [['720p'], /too many arguments/],
    [['--json'], /argument missing/],
  ])('refuses %j with what is wrong', (argv, message) => {
    expect(parseBench(argv, '/')).toEqual({ kind: 'usage', message: expect.stringMatching(message) })
  })

  it('says in its help what may be asked', () => {
    const parsed = parseBench(['--help'], '/')
    expect(parsed.kind === 'help' && parsed.text).toMatch(/--only <case[.]{3}>[^]*--rounds[^]*--quick[^]*--json/)
  })
})
