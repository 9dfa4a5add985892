/** Which ffmpeg and ffprobe this machine has. */
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { ProcessLauncher } from '../ports/process-launcher'
import { missingTool } from './find-program'

export interface ToolBuild {
  /** `ffmpeg 5.1.9-0+deb12u1`, as the program says. */
  version: string
  /** First 12 hex digits of the sha256 of all it says about itself, build options included. */
  digest: string
}

export interface Tools {
  ffmpeg: ToolBuild
  ffprobe: ToolBuild
}

const LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 10, fileBytes: 0 }

/**
 * Starts both programs once.
 *
 * @param folder Where they run; nothing is written to it.
 * @throws CONFIG_TOOL_MISSING with the line that installs what is missing.
 */
export async function checkTools(
  launcher: ProcessLauncher,
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<Tools> {
  // One after the other: where the first is missing nothing else is left running.
  const ffmpeg = await buildOf('ffmpeg', launcher, folder, platform)
  const ffprobe = await buildOf('ffprobe', launcher, folder, platform)
  return { ffmpeg, ffprobe }
}

async function buildOf(
  program: 'ffmpeg' | 'ffprobe',
  launcher: ProcessLauncher,
  folder: string,
  platform: NodeJS.Platform,
): Promise<ToolBuild> {
  const child = launcher.launch({ program, argv: ['-version'], folder, limits: LIMITS, pipes: 0 })
  const [about, complaint, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited])
  const version = /^(ff(?:mpeg|probe)) version (\S+)/.exec(about)
  if (exit.code !== 0 || version === null) {
    const why = `did not tell its version: ${(complaint || about).trim().split('\n')[0] ?? ''}`
    throw missingTool(program, { program, platform, why })
  }
  return {
    version: `${version[1] ?? program} ${version[2] ?? ''}`,
    digest: createHash('sha256').update(about).digest('hex').slice(0, 12),
  }
}
