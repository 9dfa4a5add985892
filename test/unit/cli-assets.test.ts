import { parseArguments, type ParsedArguments } from '../../cli/options'
import { assetLines, listLines } from '../../cli/assets/lines'
import { localFolder } from '../../cli/assets/open-places'
import { standingOf } from '../../scheduler/runs/standing'
import { ASSET, failureOf, finalOf, plannedIntent, records } from '../support/planned-asset'

const parse = (...argv: string[]): ParsedArguments =>
  parseArguments(argv, { cwd: '/home/me', version: '1.2.3', columns: 80 })

describe('the commands on assets', () => {
  const where = { outFolder: null, json: false }
  it.each([
    [['status'], { action: 'status', assets: [], ...where }],
    [['status', 'abcd', 'efgh', '--json'], { action: 'status', assets: ['abcd', 'efgh'], ...where, json: true }],
    [['cancel', 'abcd', '--out', 'x'], { action: 'cancel', asset: 'abcd', ...where, outFolder: '/home/me/x' }],
    [['delete', 'abcd'], { action: 'delete', asset: 'abcd', ...where }],
    [['retry', 'abcd', '--workers', '3'], { action: 'retry', asset: 'abcd', workers: 3, ...where }],
    [['redo', 'abcd', '--rung', '720p'], { action: 'redo', asset: 'abcd', rungId: '720p', workers: null, ...where }],
  ])('reads %j', (argv, options) => {
    expect(parse(...argv)).toEqual({ kind: 'assets', options })
  })

  it.each([
    [['cancel'], 'asset'],
    [['delete'], 'asset'],
    [['retry'], 'asset'],
    [['redo', 'abcd'], '--rung'],
    [['retry', 'abcd', '--workers', '0'], '--workers'],
    [['cancel', 'abcd', '--out='], '--out is empty'],
    [['cancel', 'abcd', '--out', '--json'], '--out needs a value'],
    [['cancel', 'abcd', 'efgh'], 'argument'],
    [['run', '--force'], '--force needs inputs'],
    [['run', 'a.mp4', '--force', '--request', 'b.yaml'], 'not both'],
  ])('refuses %j', (argv, message) => {
    const parsed = parse(...argv)
    expect(parsed.kind === 'usage' && parsed.message).toContain(message)
  })

  it('asks for all of it again with a word that is new each time', () => {
    const words = ['--force', null].map((flag) => parse('run', 'a.mp4', ...(flag === null ? [] : [flag])))
    const forces = words.map((parsed) => (parsed.kind === 'run' ? parsed.options.request.force : undefined))
    expect(forces).toEqual([expect.stringMatching(/^\d{4}-.*Z$/), null])
  })
})

describe('localFolder', () => {
  const usualFolder = '/home/me/gantry-out'
  it.each([
    ['/x', { GANTRY_STATE: 's3://state' }, '/x'],
    [null, { GANTRY_STATE: 's3://state' }, null],
    [null, { GANTRY_STATE_FILE: '/secret' }, null],
    [null, { GANTRY_STATE: '' }, usualFolder],
    [null, {}, usualFolder],
  ])('with --out %s and %j is %s', (outFolder, env, expected) => {
    expect(localFolder({ outFolder, usualFolder, env })).toBe(expected)
  })
})

describe('how an asset stands, in words', () => {
  const intent = plannedIntent()
  const failed = records(intent, { failures: [failureOf('audio')], final: finalOf('failed') })
  const second = records(plannedIntent({ run: 2 }), { done: new Set(['audio']) })
  const standing = standingOf({ assetId: ASSET, isOpen: true, runs: [failed, second] })

  it('is a line in a list, with what it waits for or why it ended', () => {
    const other = standingOf({ assetId: 'b'.repeat(20), isOpen: false, runs: [failed] })
    expect(listLines([standing, other])).toEqual([
      `${ASSET}  encoding 1/${intent.jobs.length} (run 2)        Film.mov`,
      `${'b'.repeat(20)}  failed FFMPEG_EXIT (run 1)  Film.mov`,
    ])
  })

  it('is all its runs, newest last', () => {
    const total = intent.jobs.length
    expect(assetLines(standing)).toEqual([
      `${ASSET}  ${intent.name}`,
      '  master: in/Film.mov',
      '  open: somebody still has work for it',
      `  run 1: failed, 0 of ${total} parts, ${intent.at}`,
      '    audio: FFMPEG_EXIT: it broke',
      `  run 2: encoding, 1 of ${total} parts, ${intent.at}`,
      '    now: video-0000',
    ])
  })

  it('says why one was refused, and keeps what a master is called from the terminal', () => {
    const final = { ...finalOf('failed'), source: { bucket: 'in', key: 'a\u001b[31mb\n.mov' } }
    const lines = assetLines(standingOf({ assetId: ASSET, isOpen: false, runs: [records(null, { final })] }))
    expect(lines.at(-1)).toBe('    FFMPEG_EXIT: it broke')
    expect(lines.join('')).not.toMatch(/[\u001b\n]/)
  })
})
