/** A container of the image as a child process: no capabilities, a root that cannot be written, nothing left of it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { buildImage } from './build'
import { containerEngine, engineOutput } from './engine'

export interface ImageRun {
  /** In place of the image's own command; the entry point stays. */
  command?: readonly string[]
  env?: Readonly<Record<string, string>>
  mounts?: readonly ImageMount[]
  /** Leaves the root as the image has it, to see what its own permissions allow. */
  writableRoot?: boolean
}

export interface ImageMount {
  from: string
  /** Path in the container. */
  to: string
  readOnly?: boolean
}

export interface ImageProcess {
  /** The container's name. */
  name: string
  stdout(): string
  stderr(): string
  /** The first line of either stream that matches, also of those that came already; rejects when it ends before. */
  line(pattern: RegExp): Promise<string>
  /** To the container's first process, as an orchestrator sends it. */
  signal(name: NodeJS.Signals): Promise<void>
  /** The exit code; 128 and the signal's number when a signal ended it. */
  exited: Promise<number>
  /** Removes it, running or not. Twice is the same as once. */
  close(): Promise<void>
}

/** With the pid of the test process that it belongs to. */
const NAME = 'gantry-test'

/**
 * Starts the image of this checkout on the host's network, with /scratch and /tmp in memory and nothing else that can
 * be written.
 */
export async function runInImage(run: ImageRun): Promise<ImageProcess> {
  const [{ id }, engine] = await Promise.all([buildImage(), containerEngine()])
  await removeOrphans()
  const name = `${NAME}-${process.pid}-${randomBytes(4).toString('hex')}`
  const words = [...engine.before, ...runWords(name, run, engine.run), id, ...(run.command ?? [])]
  const child = spawn(engine.program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const seen = { stdout: '', stderr: '' }
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (seen[stream] += text))
    createInterface({ input: child[stream] }).on('line', (line) => {
      lines.push(line)
      waiting.forEach((look) => look(line))
    })
  }
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? -1))
  })
  let isOver = false
  const over = exited.then(
    () => (isOver = true),
    () => (isOver = true),
  )
  return {
    name,
    stdout: () => seen.stdout,
    stderr: () => seen.stderr,
    exited,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string): void => {
          if (!pattern.test(line)) return
          waiting.delete(look)
          resolve(line)
        }
        waiting.add(look)
        lines.forEach(look)
        void over.then(() => reject(new Error(`ended without ${String(pattern)}:\n${lines.join('\n')}`)))
      }),
    signal: async (signal) => void (await engineOutput('kill', '--signal', signal, name)),
    close: async () => {
      // Again and again, since a container that was only asked for is not there yet to be removed.
      while (!isOver) await engineOutput('rm', '--force', name).catch(() => undefined)
    },
  }
}

/** Runs a command in the image to its end. @throws with what it said when it fails. */
export async function outputInImage(run: ImageRun): Promise<string> {
  const one = await runInImage(run)
  const code = await one.exited
  if (code !== 0) throw new Error(`ended with ${code}:\n${one.stderr()}${one.stdout()}`)
  return one.stdout().trim()
}

function runWords(name: string, run: ImageRun, more: readonly string[]): string[] {
  const { mounts = [], writableRoot = false } = run
  // On the host's network: the image's own address would be open to others, and its port taken by the next one.
  const env = { GANTRY_ADMIN_HOST: '127.0.0.1', GANTRY_ADMIN_PORT: '0', ...run.env }
  return [
    ...['run', '--rm', '--name', name, '--network', 'host', '--no-healthcheck', ...more],
    ...(writableRoot ? [] : ['--read-only']),
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['/scratch', '/tmp'].flatMap((path) => ['--tmpfs', `${path}:rw,mode=1777`]),
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...mounts.flatMap(({ from, to, readOnly }) => ['--volume', `${from}:${to}${readOnly === true ? ':ro' : ''}`]),
  ]
}

/** A container outlives a test process that was killed; the next one takes it away. */
async function removeOrphans(): Promise<void> {
  const names = await engineOutput('ps', '--all', '--filter', `name=${NAME}-`, '--format', '{{.Names}}')
  const orphans = names.split('\n').filter((name) => {
    const owner = new RegExp(`^${NAME}-(\\d+)-`).exec(name)?.[1]
    return owner !== undefined && !isRunning(Number(owner))
  })
  await Promise.all(orphans.map((name) => engineOutput('rm', '--force', name).catch(() => undefined)))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
