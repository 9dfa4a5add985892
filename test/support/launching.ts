/** What tests of the launcher share: commands of ffmpeg that last, scripts in its place, and how a process ends. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createLauncher } from '../../core/adapters/launcher'
import type { LaunchCommand, LaunchedProcess } from '../../core/ports/process-launcher'

export const GIB = 1024 ** 3
export const LIMITS = { memoryBytes: 2 * GIB, cpuSeconds: 60, fileBytes: 50_000_000 }
export const isLinux = process.platform === 'linux'
export const launcher = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })

export async function makeFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'gantry-launcher-')))
}

export const ffmpegIn =
  (folder: string) =>
  (argv: readonly string[], more: Partial<LaunchCommand> = {}): LaunchCommand => ({
    program: 'ffmpeg',
    argv,
    folder,
    limits: LIMITS,
    pipes: 0,
    ...more,
  })

export const ENDLESS = ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=64x64', '-f', 'null', '-']
export const BUSY = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=1280x720', '-c:v', 'libx264', '-f', 'null', '-']

/** A shell script in the place of ffmpeg. */
export async function scripted(folder: string, body: string): Promise<ReturnType<typeof createLauncher>> {
  const path = join(folder, 'program')
  await writeFile(path, `#!/bin/sh\n${body}\n`)
  await chmod(path, 0o755)
  return createLauncher({ ffmpeg: path, ffprobe: path })
}

export async function outcome(child: LaunchedProcess): Promise<{ out: string; errors: string; code: number | null }> {
  const [out, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited])
  return { out, errors, code: exit.code }
}

export async function firstLine(stream: Readable): Promise<string> {
  const [line] = (await once(createInterface({ input: stream }), 'line')) as [string]
  return line
}

/** `Z` when it only waits to be reaped, nothing when it is gone; waits for the one or the other. */
export async function stateAfterExit(pid: number): Promise<string> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const line = existsSync(`/proc/${pid}/stat`) ? await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '') : ''
    const state = line.slice(line.lastIndexOf(')') + 2, line.lastIndexOf(')') + 3)
    if (state === '' || state === 'Z' || Date.now() > deadline) return state
  }
}
