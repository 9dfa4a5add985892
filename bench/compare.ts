/** The whole pipeline beside bare ffmpeg, on the same master and the same rungs, in turns. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { oneProcess, processPerRung } from './bare'
import type { BenchContext } from './context'
import { runGantry, type GantryRun } from './gantry-run'
import type { MasterForm } from './master-words'
import { measure, type Measured } from './meter'
import { planOf } from './plan-of'
import { runProgram } from './programs'
import { runBare, type BareRun } from './run-bare'
import { sum } from './statistics'
import type { TreeFigures } from './tree-figures'

export interface CompareResult {
  kind: 'compare'
  master: { widthPx: number; heightPx: number; seconds: number; bytes: number }
  rungs: readonly string[]
  rounds: readonly CompareRound[]
}

export interface CompareRound {
  gantry: GantryFigures
  oneProcess: BareRun
  processPerRung: BareRun
}

export interface GantryFigures extends Measured {
  /** Of all segments. */
  bytes: number
  /** Of the ffmpeg processes that encoded, by their receipts. */
  encodeCpuSeconds: number
  /** Of the gate before the publication, and of `gantry verify` on the published asset, its start included. */
  checkCpuSeconds: { gate: number; verify: number }
  tree: TreeFigures
  /** Bytes that were read from the store, over those of the master. */
  read: { video: number; audio: number }
}

type Runs = { [K in keyof CompareRound]: () => Promise<CompareRound[K]> }

export async function compareCase(context: BenchContext, form: MasterForm): Promise<CompareResult> {
  const { rounds, tell } = context
  const master = await context.masters.make(form)
  const plan = await planOf(master, context)
  const rungs = plan.video.rungs.map(({ id }) => id)
  const runs: Runs = {
    gantry: async () => gantryFigures(context, await runGantry(context, { master, workers: 1 })),
    oneProcess: () => runBare(context, plan, [oneProcess(plan, master)]),
    processPerRung: () => runBare(context, plan, processPerRung(plan, master)),
  }
  const done: CompareRound[] = []
  for (let round = 0; round < rounds; round += 1) {
    tell(`${form.heightPx}p, round ${round + 1} of ${rounds}`)
    const figures = await oneRound(runs, round)
    // Told at once: what was measured is not lost when a later round is stopped.
    tell(roundLine(figures))
    done.push(figures)
  }
  const { widthPx, heightPx, seconds } = form
  return {
    kind: 'compare',
    master: { widthPx, heightPx, seconds, bytes: (await stat(master)).size },
    rungs,
    rounds: done,
  }
}

/** Each round begins with another, so that none is always the first after a pause. */
async function oneRound(runs: Runs, round: number): Promise<CompareRound> {
  const names = Object.keys(runs) as (keyof CompareRound)[]
  const figures: Partial<Record<keyof CompareRound, Measured>> = {}
  for (const index of names.keys()) {
    const name = names[(index + round) % names.length] ?? 'gantry'
    figures[name] = await runs[name]()
  }
  return figures as CompareRound
}

function roundLine({ gantry, oneProcess: one, processPerRung: each }: CompareRound): string {
  const words = (run: Measured): string => `${run.cpuSeconds.toFixed(2)} CPU s in ${run.wallSeconds.toFixed(2)} s`
  return `gantry ${words(gantry)}, one ffmpeg ${words(one)}, one a rung ${words(each)}`
}

async function gantryFigures(context: BenchContext, run: GantryRun): Promise<GantryFigures> {
  const verify = await verifyCpuSeconds(context, run)
  await run.remove()
  const { wallSeconds, cpuSeconds, tree, asset, encodes, sourceBytes } = run
  const readBy = (kind: string): number =>
    sum(encodes.filter(({ part }) => part.startsWith(kind)).map(({ bytesRead }) => bytesRead)) / sourceBytes
  return {
    ...{ wallSeconds, cpuSeconds, tree },
    bytes: sum([...asset.video, ...asset.audio].map(({ bytes }) => bytes)),
    encodeCpuSeconds: sum(encodes.map((encode) => encode.cpuSeconds ?? NaN)),
    checkCpuSeconds: { gate: run.gateCpuSeconds, verify },
    read: { video: readBy('video'), audio: readBy('audio') },
  }
}

/** @throws QUEUE_INTERNAL when it finds an error or a warning: then something else was measured than what is promised. */
async function verifyCpuSeconds({ root, env, signal }: BenchContext, { home }: GantryRun): Promise<number> {
  const argv = [join(root, 'bin', 'gantry.js'), 'verify', home]
  const { cpuSeconds } = await measure(() => runProgram(process.execPath, { argv, folder: home, env, signal }))
  return cpuSeconds
}
