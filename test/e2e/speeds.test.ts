/** What a fleet knows of its speeds: left by workers and by finished runs, used by the next plan. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Intent } from '../../core/contract/intent'
import { isMachineRecord } from '../../core/contract/fleet'
import { parseLearned } from '../../scheduler/cost/learned'
import { mastersFolder } from '../support/masters'
import { eventsOf, runProduct, type ProductResult } from '../support/product'
import { judgeAsset } from '../support/reading/judge'
import { runProgram } from '../support/run-program'

const ROOT = join(__dirname, '..', '..')
/** Half a minute of media and of work at the documented speeds, with an index: one piece. */
const MASTER = join(mastersFolder(), 'bunny-vp8-vorbis-720p24-30s.webm')
const CLASS = 'h264.veryfast.8bit.720.from-vp8'

let folder: string
let out: string
let first: ProductResult
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  out = join(folder, 'out')
  first = await runProduct(MASTER, '--out', out)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const state = (...path: string[]): string => join(out, '.gantry', ...path)
const learned = () => parseLearned(readFileSync(state('fleet', 'learned.json'), 'utf8'))
const machines = (): string[] => readdirSync(state('fleet', 'machines'))

function intentOf({ events }: ProductResult): Intent {
  const { assetId, run } = eventsOf(events, 'asset.published')[0] ?? { assetId: '', run: 0 }
  return JSON.parse(readFileSync(state('assets', assetId, 'runs', String(run), 'intent.json'), 'utf8')) as Intent
}
const piecesOf = (intent: Intent): number => intent.jobs.filter(({ kind }) => kind === 'video-piece').length

interface PlanJson {
  pieces: unknown[]
  cost: { speeds: { factor: number; from: string; pieces: number }; slotSeconds: { total: number } }
}
async function plan(...words: string[]): Promise<PlanJson> {
  const argv = [join(ROOT, 'bin', 'gantry.js'), 'plan', MASTER, '--json', ...words]
  const { stdout } = await runProgram(process.execPath, argv)
  return JSON.parse(stdout) as PlanJson
}

describe('a fleet', () => {
  it('has one record of its machine, whatever the number of its workers', () => {
    expect(first.code).toBe(0)
    expect(machines()).toHaveLength(1)
    const record: unknown = JSON.parse(readFileSync(state('fleet', 'machines', machines()[0] ?? ''), 'utf8'))
    expect(isMachineRecord(record)).toBe(true)
  })

  it('has learned from the run, once', () => {
    const record = learned()
    expect([...(record?.classes.keys() ?? [])]).toEqual([CLASS])
    expect(record?.classes.get(CLASS)?.pieces).toBe(piecesOf(intentOf(first)))
    const { assetId = '' } = eventsOf(first.events, 'asset.published')[0] ?? {}
    expect(record?.runs).toEqual([`${assetId}.1`])
  })

  it('learns nothing from the same master again, and does not measure again', async () => {
    const [before, measured] = [learned(), readFileSync(state('fleet', 'machines', machines()[0] ?? ''), 'utf8')]
    const again = await runProduct(MASTER, '--out', out)
    expect(again.code).toBe(0)
    expect(learned()).toEqual(before)
    expect(readFileSync(state('fleet', 'machines', machines()[0] ?? ''), 'utf8')).toBe(measured)
  })

  it('makes shorter pieces of the next master where its records say that it is slow, and keeps the plan of the first', async () => {
    const planned = intentOf(first)
    const record = learned()
    const known = record?.classes.get(CLASS)
    const slow = { ...known, logRatio: Math.log(8), weight: 100, at: new Date().toISOString() }
    writeFileSync(
      state('fleet', 'learned.json'),
      JSON.stringify({ v: 1, classes: { [CLASS]: slow }, runs: record?.runs }),
    )

    const told = await plan('--out', out)
    expect(told.cost.speeds).toMatchObject({ from: 'learned', pieces: known?.pieces })
    const plain = await plan('--out', join(folder, 'nobody'))
    expect(plain.cost.speeds).toEqual({ factor: 1, from: 'default', pieces: 0 })
    expect(told.cost.slotSeconds.total).toBeGreaterThan(3 * plain.cost.slotSeconds.total)
    expect(readdirSync(folder)).toEqual(['out'])

    const copy = join(folder, 'copy.webm')
    copyFileSync(MASTER, copy)
    const next = await runProduct(copy, MASTER, '--out', out)
    expect(next.code).toBe(0)
    const published = eventsOf(next.events, 'asset.published')
    const other = published.find(({ assetId }) => assetId !== planned.assetId)
    const made = intentOf({ ...next, events: other === undefined ? [] : [other] })
    expect(piecesOf(planned)).toBe(1)
    expect(piecesOf(made)).toBe(told.pieces.length)
    expect(piecesOf(made)).toBeGreaterThan(2)
    expect(await judgeAsset(other?.data.master ?? '', copy)).toEqual([])
    expect(intentOf(first)).toEqual(planned)
  })

  it('goes on with records that are broken, and mends them', async () => {
    writeFileSync(state('fleet', 'learned.json'), '{"v":1,"classes":{"x":')
    writeFileSync(state('fleet', 'machines', machines()[0] ?? ''), 'nothing')
    const third = join(folder, 'third.mp4')
    copyFileSync(join(mastersFolder(), 'butterfly-720p30-aac.mp4'), third)
    const { code } = await runProduct(third, '--out', out)
    expect(code).toBe(0)
    expect([...(learned()?.classes.keys() ?? [])]).toEqual(['h264.veryfast.8bit.720.from-h264'])
    expect(isMachineRecord(JSON.parse(readFileSync(state('fleet', 'machines', machines()[0] ?? ''), 'utf8')))).toBe(
      true,
    )
  })
})
