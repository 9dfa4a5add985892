/** Downloads that tests need: made once, kept outside the work tree, moved in whole. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Time for a hook that may have to fill the cache: building versitygw takes 95 s on 2 cores that do nothing else. */
export const INSTALL_MS = 600_000

/**
 * The folder `<name>-<version>` of the cache, filled by `make` where it is not there yet. Of two that fill it at once
 * the first to finish counts.
 */
export async function cachedFolder(folderName: string, make: (folder: string) => Promise<void>): Promise<string> {
  const cache = process.env.GANTRY_TEST_CACHE ?? join(homedir(), '.cache', 'gantry-test')
  const folder = join(cache, folderName)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const fresh = await mkdtemp(join(cache, `.${folderName}-`))
  try {
    await make(fresh)
    await rename(fresh, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return folder
}

/** Runs an installer to its end. @throws with its last words, and the line that installs a program that is missing. */
export function install(
  program: string,
  argv: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; debian: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const hear = (text: string): void => {
      said = (said + text).slice(-2_000)
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('error', () => {
      reject(new Error(`'${program}' does not start; install it with: apt-get install -y ${options.debian}`))
    })
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`'${program} ${argv.join(' ')}' ended with code ${String(code)}:\n${said}`))
    })
  })
}
