import { parseArguments, type ParsedArguments } from '../../cli/options'
import type { RunOptions } from '../../cli/run/arguments'

const CONTEXT = { cwd: '/home/me', version: '1.2.3', columns: 80 }

const parse = (...argv: string[]): ParsedArguments => parseArguments(argv, CONTEXT)

function run(...argv: string[]): RunOptions {
  const parsed = parse('run', ...argv)
  if (parsed.kind !== 'run') throw new Error(`a run expected, got ${JSON.stringify(parsed)}`)
  return parsed.options
}

function usage(...argv: string[]): string {
  const parsed = parse(...argv)
  if (parsed.kind !== 'usage') throw new Error(`a usage error expected, got ${JSON.stringify(parsed)}`)
  return parsed.message
}

function help(...argv: string[]): string {
  const parsed = parse(...argv)
  if (parsed.kind !== 'help') throw new Error(`help expected, got ${JSON.stringify(parsed)}`)
  return parsed.text
}

describe('parseArguments', () => {
  it('watches the inbox when it is given nothing', () => {
    expect(run()).toEqual({
      work: { mode: 'inbox', folder: '/home/me/inbox' },
      ladder: { name: 'default' },
      outFolder: '/home/me/gantry-out',
      workers: null,
      json: false,
      request: { clip: null, posterAtSeconds: null, captions: [], force: null },
      requestFile: null,
    })
  })

  it.each([
    ['5-12.5', { inSeconds: 5, outSeconds: 12.5 }],
    ['1:30-1:02:00', { inSeconds: 90, outSeconds: 3_720 }],
    ['90-', { inSeconds: 90, outSeconds: null }],
    ['-2', { inSeconds: 0, outSeconds: 2 }],
  ])('reads the clip %s', (given, clip) => {
    expect(run('a.mp4', `--clip=${given}`).request.clip).toEqual(clip)
  })

  it.each(['', '5', '5-5', '6-5', '1-2-3', 'a-b', '1e1-20', '5-x', '1:2:3:4-'])('refuses the clip %j', (given) => {
    expect(usage('run', 'a.mp4', `--clip=${given}`)).toMatch(/--clip.*IN-OUT/)
  })

  it('reads where the poster is, and captions with and without language', () => {
    const given = ['--poster-at', '1:02.5', '--captions', 'en=a=b.srt', '--captions', './x/c.VTT']
    expect(run('a.mp4', ...given).request).toEqual({
      clip: null,
      posterAtSeconds: 62.5,
      captions: [
        { file: 'a=b.srt', format: 'srt', language: 'en', isForced: false, isForDeaf: false },
        { file: './x/c.VTT', format: 'webvtt', language: null, isForced: false, isForDeaf: false },
      ],
      force: null,
    })
  })

  it.each([
    [['a.mp4', '--captions', 'a.ass'], /ends in \.srt or \.vtt/],
    [['a.mp4', 'b.mp4', '--captions', 'a.srt'], /exactly one input/],
    [['--captions', 'a.srt'], /exactly one input/],
    [['a.mp4', '--poster-at', 'soon'], /a time, like 12\.5/],
    [['a.mp4', '--request', 'r.yaml', '--poster-at', '1'], /give --request or --poster-at, not both/],
    [['--request', 'r.yaml'], /--request needs inputs/],
    [['a.mp4', '--request', ''], /--request is empty/],
  ])('refuses %j', (words, message) => {
    expect(usage('run', ...words)).toMatch(message)
  })

  it('resolves every path against the folder of the caller', () => {
    expect(run('a.mp4', '../b', '--out', 'o', '--ladder', './my.yaml', '--request', 'wish.yaml')).toMatchObject({
      requestFile: '/home/me/wish.yaml',
      work: { mode: 'inputs', args: ['a.mp4', '../b'] },
      ladder: { file: '/home/me/my.yaml' },
      outFolder: '/home/me/o',
    })
    expect(run('--inbox', '/srv/in').work).toEqual({ mode: 'inbox', folder: '/srv/in' })
  })

  it.each([
    ['sports', { name: 'sports' }],
    ['sports.yaml', { file: '/home/me/sports.yaml' }],
    ['l/sports', { file: '/home/me/l/sports' }],
    ['X.YML', { file: '/home/me/X.YML' }],
  ])('takes the ladder %s as %p', (given, ladder) => {
    expect(run('--ladder', given).ladder).toEqual(ladder)
  })

  it('reads the demo, JSON, and names that begin with a dash after --', () => {
    expect(run('--demo', '--json')).toMatchObject({ work: { mode: 'demo' }, json: true })
    expect(run('--', '--demo').work).toEqual({ mode: 'inputs', args: ['--demo'] })
  })

  it.each(['1', '64', '007'])('takes %s workers', (given) => {
    expect(run('--workers', given).workers).toBe(Number(given))
  })

  it.each(['0', '65', '-1', '2.5', '1e1', '0x4', 'two', '', ' 3', '99999999999999999999'])(
    'refuses %j workers',
    (given) => {
      expect(usage('run', `--workers=${given}`)).toMatch(/--workers.*whole number from 1 to 64; see gantry run --help$/)
    },
  )

  it.each([
    [['run', '--laddr', 'x'], "unknown option '--laddr' (did you mean --ladder?); see gantry run --help"],
    [['rnu', 'x.mp4'], "unknown command 'rnu' (did you mean run?); see gantry --help"],
    [['film.mp4'], "unknown command 'film.mp4'; to encode it: gantry run film.mp4"],
    [['--json'], "unknown option '--json'; see gantry --help"],
    [['run', '--out'], "option '--out <dir>' argument missing; see gantry run --help"],
    [
      ['run', '--out', '--json'],
      "--out needs a value, got '--json' (write ./--json if it is a name); see gantry run --help",
    ],
    [['run', '--out='], '--out is empty; see gantry run --help'],
    [['run', '--demo', 'a.mp4'], "give inputs or --demo, not both (got 'a.mp4'); see gantry run --help"],
    [['run', '--inbox', 'i', 'a.mp4'], "give inputs or --inbox, not both (got 'a.mp4'); see gantry run --help"],
    [['run', '--inbox', 'i', '--demo'], 'give --inbox or --demo, not both; see gantry run --help'],
    [['--'], 'no command is given; see gantry --help'],
  ])('refuses %j with one line', (argv, message) => {
    expect(usage(...argv)).toBe(message)
  })

  it('refuses an output folder inside the inbox, which would feed itself', () => {
    for (const out of ['in', 'in/out', './in/../in/x']) {
      expect(usage('run', '--inbox', 'in', '--out', out)).toContain('lies in the inbox /home/me/in')
    }
    expect(run('--inbox', 'in', '--out', 'in-out').outFolder).toBe('/home/me/in-out')
    expect(run('--inbox', 'in', '--out', '..').outFolder).toBe('/home')
  })

  it('keeps a message on one line, whatever was typed', () => {
    expect(usage('run', '--bad\noption')).not.toContain('\n')
  })

  it.each([[['--help']], [['-h']], [['help']], [[]]])('answers %j with how to begin', (argv) => {
    expect(help(...argv)).toContain('gantry run --demo')
    expect(help(...argv)).toContain('Commands:')
  })

  it.each([[['run', '--help']], [['help', 'run']], [['run', 'x', '-h']]])('answers %j with examples', (argv) => {
    const text = help(...argv)
    expect(text).toMatch(/Usage: gantry run \[options\] \[inputs\.\.\.\]/)
    for (const option of ['--ladder', '--out', '--inbox', '--workers', '--json', '--demo'])
      expect(text).toContain(option)
    expect(text).toContain('Exit codes: 0')
    expect(text.match(/How|Examples:/g)).toHaveLength(1)
  })

  it('breaks help to the width given', () => {
    for (const line of help('run', '--help').split('\n').slice(0, 20)) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('answers --version with name and number', () => {
    expect(help('--version')).toBe('gantry 1.2.3\n')
    expect(help('-V')).toBe('gantry 1.2.3\n')
  })

  it('neither prints nor exits by itself', () => {
    const write = jest.spyOn(process.stdout, 'write')
    const writeError = jest.spyOn(process.stderr, 'write')
    const exit = jest.spyOn(process, 'exit')
    try {
      for (const argv of [['--help'], ['run', '--nope'], ['nope'], [], ['--version']]) parse(...argv)
      expect([write, writeError, exit].map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0])
    } finally {
      jest.restoreAllMocks()
    }
  })
})
