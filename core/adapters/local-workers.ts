/** The capacity driver of a single machine: worker processes of this program, started again when they die. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { AnyEvent } from '../contract/event'
import type { CapacityDriver } from '../ports/capacity-driver'

export interface LocalWorkersOptions {
  /** The compiled `worker/main.js`. */
  script: string
  /** Environment of every worker, complete: nothing is inherited. */
  env: Readonly<Record<string, string>>
  onEvent: (event: AnyEvent) => void
  /** One line of a worker's log. */
  onLog: (line: string) => void
  onDeath: (worker: { pid: number; code: number | null; signal: NodeJS.Signals | null }) => void
}

/**
 * A worker's own objects take 25 MB, and V8 sizes its first heap by them, so a few MB of media that pass by begin a full
 * collection: 1.8 s of user time for a minute of 720p in place of 1.2 s (measured with Node 20). Small spaces for young
 * objects take 25 MB off a worker's peak and cost nothing. Node takes both from the command line alone.
 */
const NODE_WORDS = ['--initial-old-space-size=48', '--max-semi-space-size=4']
/** Else glibc keeps memory for each thread that once read a file: 7 MB more (measured). */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2' }

/** Pause before a dead worker's successor starts, so that a worker that cannot start does not spin. */
const RESPAWN_DELAY_MS = 500

/**
 * Workers stay in this process group; each has an IPC channel whose end tells it that its parent is gone.
 * They print events as NDJSON on stdout and logs on stderr.
 */
export function createLocalWorkers(options: LocalWorkersOptions): CapacityDriver {
  const slots = new Map<number, ChildProcess>()
  let wanted = 0
  let closed = false

  const start = (slot: number): void => {
    if (closed || slot >= wanted) return
    const child = fork(options.script, [], {
      env: { ...ALLOCATOR, ...options.env, GANTRY_WORKER_ID: `local-${slot + 1}` },
      execArgv: NODE_WORDS,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    slots.set(slot, child)
    readLines(child.stdout, (line) => {
      const event = parseEvent(line)
      if (event !== null) options.onEvent(event)
    })
    readLines(child.stderr, options.onLog)
    child.once('exit', (code, signal) => {
      slots.delete(slot)
      if (closed) return
      options.onDeath({ pid: child.pid ?? 0, code, signal })
      setTimeout(() => start(slot), RESPAWN_DELAY_MS).unref()
    })
    // A failed start also ends in 'exit' or leaves no pid; without this listener it would throw.
    child.once('error', (error) => options.onLog(`worker ${slot + 1} did not start: ${error.message}`))
  }

  return {
    setWorkers: (count) => {
      const before = wanted
      wanted = count
      for (let slot = before; slot < count; slot += 1) start(slot)
      for (const [slot, child] of slots) if (slot >= count) child.kill('SIGTERM')
      return Promise.resolve()
    },
    close: async (graceMs) => {
      closed = true
      await Promise.all([...slots.values()].map((child) => end(child, graceMs)))
    },
  }
}

async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(hard)
}

function readLines(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', take)
}

/** A worker killed in mid-write leaves half a line; progress is lossy, so it is dropped. */
function parseEvent(line: string): AnyEvent | null {
  try {
    return JSON.parse(line) as AnyEvent
  } catch {
    return null
  }
}
