/** A master encoded in pieces beside the same one encoded whole: bytes and likeness of each rung. */
import { join } from 'node:path'
import { GantryError } from '../core/contract/errors'
import type { BenchContext } from './context'
import { runGantry, type GantryRun } from './gantry-run'
import type { MasterForm } from './master-words'
import { runFfmpeg } from './programs'

export interface QualityResult {
  kind: 'quality'
  seconds: number
  pieces: number
  rungs: readonly { id: string; whole: RungQuality; pieces: RungQuality }[]
}

export interface RungQuality {
  /** Of its segments. */
  bytes: number
  /** Mean over all pictures and planes, beside the master at the rung's size. */
  ssim: number
}

const WHOLE = '86400'

export async function qualityCase(context: BenchContext, form: MasterForm): Promise<QualityResult> {
  const { scale, tell } = context
  const master = await context.masters.make({ ...form, seconds: scale.qualitySeconds })
  const encoded = async (pieceSeconds: string) => {
    tell(`quality, pieces of ${pieceSeconds} s`)
    const run = await runGantry(context, { master, workers: 1, settings: { GANTRY_PIECE_SECONDS: pieceSeconds } })
    const rungs = await rungsOf(context, run, master)
    await run.remove()
    return { rungs, pieces: run.encodes.filter(({ part }) => part.startsWith('video')).length }
  }
  const whole = await encoded(WHOLE)
  const cut = await encoded(String(scale.qualityPieceSeconds))
  const rungs = [...whole.rungs].map(([id, quality]) => ({
    id,
    whole: quality,
    pieces: cut.rungs.get(id) ?? missing(id),
  }))
  return { kind: 'quality', seconds: scale.qualitySeconds, pieces: cut.pieces, rungs }
}

async function rungsOf(context: BenchContext, run: GantryRun, master: string): Promise<Map<string, RungQuality>> {
  const rungs = new Map<string, RungQuality>()
  for (const { id, bytes, widthPx, heightPx } of run.asset.video) {
    const mp4 = run.asset.mp4.find(({ rungId }) => rungId === id) ?? missing(id)
    const size = `${widthPx ?? 0}:${heightPx ?? 0}`
    rungs.set(id, { bytes, ssim: await ssim(context, join(run.home, mp4.key), master, size) })
  }
  return rungs
}

/** Picture by picture in order, whatever their times. */
async function ssim(context: BenchContext, file: string, master: string, size: string): Promise<number> {
  const inOrder = 'settb=1/1000,setpts=N'
  const graph = `[0:v]${inOrder}[a];[1:v]scale=${size}:flags=bicubic,${inOrder}[b];[a][b]ssim`
  const { stderr } = await runFfmpeg(context.settings.GANTRY_FFMPEG, {
    argv: ['-nostats', '-i', file, '-i', master, '-filter_complex', graph, '-an', '-f', 'null', '-'],
    ...{ folder: context.folder, env: context.env, signal: context.signal },
  })
  const all = parseSsim(stderr)
  if (all === null) throw new GantryError('FFMPEG_EXIT', `ffmpeg told no SSIM of '${file}'`)
  return all
}

export function parseSsim(stderr: string): number | null {
  const all = /SSIM .*All:([\d.]+)/.exec(stderr)?.[1]
  return all === undefined ? null : Number(all)
}

function missing(id: string): never {
  throw new GantryError('QUEUE_INTERNAL', `the rung '${id}' was not published`)
}
