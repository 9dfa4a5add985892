/** The film that `--demo` encodes: made once, in the caller's folder. */
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createLauncher } from '../../core/adapters/launcher'
import { GantryError } from '../../core/contract/errors'
import { DEMO_FILE, demoArgs } from '../demo'

const LIMITS = { memoryBytes: 4 * 2 ** 30, cpuSeconds: 600, fileBytes: 2 ** 30 }
const STOP_GRACE_MS = 2_000

/**
 * @returns Absolute path of the film; one that is there is used again.
 * @throws FFMPEG_EXIT when it cannot be made, for example without room on the disk.
 */
export async function makeDemoMaster(
  folder: string,
  tools: { ffmpeg: string; ffprobe: string },
  signal: AbortSignal,
): Promise<string> {
  const path = join(folder, DEMO_FILE)
  const found = await stat(path).catch(() => null)
  if (found !== null) return path
  const partial = join(folder, `.${DEMO_FILE}.${process.pid}.part`)
  try {
    const child = createLauncher(tools).launch({
      program: 'ffmpeg',
      argv: demoArgs(partial),
      folder,
      limits: LIMITS,
      pipes: 0,
    })
    const stop = (): void => child.stop(STOP_GRACE_MS)
    signal.addEventListener('abort', stop, { once: true })
    child.stdout.resume()
    const [complaint, exit] = await Promise.all([text(child.stderr), child.exited])
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    if (exit.code !== 0) {
      throw new GantryError('FFMPEG_EXIT', `the demo film was not made: ${complaint.trim().split('\n').at(-1) ?? ''}`)
    }
    await rename(partial, path)
    return path
  } finally {
    await rm(partial, { force: true })
  }
}
