/** `gantry plan`: says what would be made of a master, what it costs and why. Nothing is encoded or kept. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { GantryError } from '../../core/contract/errors'
import type { VideoPieceJob } from '../../core/contract/job'
import { estimateCost } from '../../scheduler/cost/estimate'
import { DEFAULT_PRICES, parsePrices, type Prices } from '../../scheduler/cost/prices'
import type { InputFs } from '../input/inputs'
import { expandInputs } from '../input/inputs'
import type { PlanOptions } from './arguments'
import { dryRun, type DryRunOptions } from './dry-run'
import type { Page } from './layout'
import { masterWork, plannedRungs } from './master-work'
import { planReport, type Plan } from './report'

export interface PlanContext extends Omit<DryRunOptions, 'outFolder'> {
  options: PlanOptions
  /** Value of GANTRY_PRICES; `--prices` goes before it. */
  pricesFile: string | undefined
  fs: InputFs
  page: Page
}

/**
 * @returns What is to be printed.
 * @throws SOURCE_ codes for a master that would be refused, API_USAGE for what is no single file, CONFIG_INVALID for prices.
 */
export async function planCommand(context: PlanContext): Promise<string> {
  const { options, cwd, page } = context
  const prices = await readPrices(options.pricesFile ?? context.pricesFile ?? '', cwd)
  const path = await masterFile(options.file, context)
  const { intent, speeds } = await dryRun(path, { ...context, outFolder: options.outFolder })
  const work = masterWork(intent)
  const costed = work === null ? null : { cost: estimateCost(work, prices, speeds), rungs: work.rungs }
  const plan: Plan = { intent, costed, prices }
  if (!options.json) return `${planReport(plan, page).join('\n')}\n`
  return `${JSON.stringify(planJson(plan))}\n`
}

/** A folder may hold thousands; a plan is looked at by a person, one master at a time. */
async function masterFile(file: string, { cwd, fs }: PlanContext): Promise<string> {
  // An empty word resolves to the caller's folder; what is wrong with it is said below.
  const facts = file === '' ? null : await fs.stat(resolve(cwd, file)).catch(() => null)
  if (facts?.isDirectory() === true) {
    const message = `'${file}' is a folder; gantry plan looks at one file at a time`
    throw new GantryError('API_USAGE', message, { input: file })
  }
  const { files } = await expandInputs([file], { cwd, outFolder: '' }, fs)
  return files[0] ?? resolve(cwd, file)
}

async function readPrices(file: string, cwd: string): Promise<Prices> {
  if (file === '') return DEFAULT_PRICES
  const path = resolve(cwd, file)
  try {
    return parsePrices(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof GantryError) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new GantryError(
      'CONFIG_INVALID',
      `the file of prices '${path}' cannot be read (${reason})`,
      {},
      { cause: error },
    )
  }
}

/** Of the plan: what a run would store, without the keys of a place that is gone already. */
export function planJson({ intent, costed, prices }: Plan): Record<string, unknown> {
  const { bucket, key, etag, bytes } = intent.source
  return {
    v: 1,
    source: { bucket, key, etag, bytes },
    ...{ facts: intent.facts, ladder: intent.ladder, decisions: intent.decisions },
    ...{ variants: intent.variants, sounds: intent.sounds, captions: intent.captions },
    jobs: intent.jobs.map(({ kind, part }) => ({ kind, part })),
    encodes: plannedRungs(intent.jobs),
    pieces: intent.jobs.flatMap((job) => (job.kind === 'video-piece' ? [pieceJson(job)] : [])),
    cost: costed?.cost ?? null,
    prices,
  }
}

function pieceJson({ part, slice, grid, rungs, limits }: VideoPieceJob): Record<string, unknown> {
  const startSeconds = Math.max(0, slice.startTicks) / grid.timescaleHz
  return { part, startSeconds, durationSeconds: limits.durationSeconds, rungs: rungs.map(({ id }) => id) }
}
