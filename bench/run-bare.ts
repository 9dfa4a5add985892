/** Bare ffmpeg into a local folder, measured as `gantry run` is. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ffmpegWords, type FfmpegCommand } from '../worker/ffmpeg/command'
import { bareFolders } from './bare'
import type { BenchContext } from './context'
import { measure, type Measured } from './meter'
import type { WholePlan } from './plan-of'
import { runFfmpeg } from './programs'
import { sum } from './statistics'

export interface BareRun extends Measured {
  /** Of all segments. */
  bytes: number
}

/** @param commands Run one after the other. */
export async function runBare(
  context: BenchContext,
  plan: WholePlan,
  commands: readonly FfmpegCommand[],
): Promise<BareRun> {
  const { env, signal, settings } = context
  const folder = await mkdtemp(join(context.folder, 'bare-'))
  const folders = bareFolders(plan).map((name) => join(folder, name))
  try {
    for (const path of folders) await mkdir(path)
    const { wallSeconds, cpuSeconds } = await measure(async () => {
      for (const command of commands) {
        await runFfmpeg(settings.GANTRY_FFMPEG, { argv: ffmpegWords(command), folder, env, signal })
      }
    })
    return { wallSeconds, cpuSeconds, bytes: sum(await Promise.all(folders.map(segmentBytes))) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function segmentBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.m4s'))
  return sum(await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size)))
}
