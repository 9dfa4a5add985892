/** Masters that are no film, or not any more: each ends with its verdict, and nothing of it is published. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { SOURCE_FAILURES } from '../../core/contract/source-failures'
import { eventsOf } from '../support/product'
import { MENDED, RUINED } from '../support/varieties/damaged'
import { judgeVariety } from '../support/varieties/judge'
import { REFUSED } from '../support/varieties/refused'
import { runVarieties, type VarietiesRun } from '../support/varieties/running'

const BAD = [...REFUSED, ...RUINED]

let run: VarietiesRun
beforeAll(async () => {
  run = await runVarieties([...BAD, ...MENDED])
})
afterAll(() => run.remove())

it.each(BAD)('$file is refused with $code', ({ file, code, says }) => {
  expect(run.failed.get(file)).toEqual({ code, message: expect.stringMatching(says) })
  expect(run.published.has(file)).toBe(false)
})

it('nothing is published of them, and the command says so by its exit code', () => {
  expect([...run.published.keys()].sort()).toEqual(MENDED.map(({ file }) => file).sort())
  expect(run.result.code).toBe(1)
  const out = join(run.folder, 'out')
  expect(readdirSync(out).filter((name) => existsSync(join(out, name, 'master.m3u8')))).toHaveLength(MENDED.length)
  expect(readdirSync(join(out, '.gantry'))).not.toContain('open')
})

it('what the first look can tell is told before anything is planned', () => {
  const known = REFUSED.filter(({ code }) => code !== 'SOURCE_TRUNCATED' && code !== 'FFMPEG_NO_OUTPUT')
  const planned = new Set(eventsOf(run.result.events, 'asset.planned').map(({ assetId }) => assetId))
  const late = eventsOf(run.result.events, 'asset.failed').filter(({ assetId }) => planned.has(assetId))
  const names = late.map(({ data }) => basename(data.source.key))
  expect(names.filter((name) => known.some(({ file }) => file === name))).toEqual([])
  expect(names).toContain('a-third.mkv')
})

it.each(MENDED)('$file is published with a warning', async ({ file, expected }) => {
  const master = run.published.get(file)
  if (master === undefined) throw new Error(`not published: ${JSON.stringify(run.failed.get(file))}`)
  expect(await judgeVariety(master, expected)).toEqual([])
})

it('of an empty first sound the next one plays by itself', () => {
  const lines = readFileSync(run.published.get('first-sound-empty.mkv') ?? '', 'utf8').split('\n')
  expect(lines.filter((line) => line.includes('TYPE=AUDIO'))).toEqual([
    expect.stringMatching(/LANGUAGE="fr",DEFAULT=YES/),
  ])
})

it('there is a master for each verdict on the bytes of a master', () => {
  // The others are about stores, and about objects that are replaced.
  const OF_STORES = ['NOT_FOUND', 'DENIED', 'CHANGED', 'ARCHIVED', 'SUPERSEDED'].map((name) => `SOURCE_${name}`)
  const codes = Object.keys(SOURCE_FAILURES).filter((code) => !OF_STORES.includes(code))
  expect(codes.filter((code) => !BAD.some((bad) => bad.code === code))).toEqual([])
})
