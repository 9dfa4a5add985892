/** The command as a user runs it: its own process group, events from stdout, nothing of it left afterwards. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AnyEvent, EventType, GantryEvent } from '../../core/contract/event'

const ROOT = join(__dirname, '..', '..')

export interface Product {
  child: ChildProcess
  events: AnyEvent[]
  stderr: () => string
  /** Resolves with the first event of a type; rejects when the command ends before. */
  first<T extends EventType>(type: T): Promise<GantryEvent<T>>
  ended: Promise<number | null>
}

/** Starts `gantry run ... --json` in a session of its own. */
export function startProduct(words: readonly string[], env: Readonly<Record<string, string>> = {}): Product {
  return startCommand(['run', ...words], env)
}

/** Starts `gantry ... --json` in a session of its own. */
export function startCommand(words: readonly string[], env: Readonly<Record<string, string>> = {}): Product {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'gantry.js'), ...words, '--json'], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const events: AnyEvent[] = []
  const waiting: ((event: AnyEvent) => void)[] = []
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as AnyEvent
    events.push(event)
    waiting.forEach((look) => look(event))
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    child,
    events,
    stderr: () => stderr,
    ended,
    first: <T extends EventType>(type: T) =>
      new Promise<GantryEvent<T>>((resolve, reject) => {
        const look = (event: AnyEvent): void => {
          if (event.type === type) resolve(event as unknown as GantryEvent<T>)
        }
        events.forEach(look)
        waiting.push(look)
        void ended.then(() => reject(new Error(`ended without '${type}':\n${stderr}`)))
      }),
  }
}

export interface ProductResult {
  code: number | null
  events: AnyEvent[]
  stderr: string
}

export async function runProduct(...words: string[]): Promise<ProductResult> {
  return runCommand(['run', ...words])
}

/** Its lines of JSON, which are events where the command tells of any. */
export async function runCommand(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProductResult> {
  const product = startCommand(words, env)
  const code = await product.ended
  return { code, events: product.events, stderr: product.stderr() }
}

/** Events of one type, with their data typed. */
export function eventsOf<T extends EventType>(events: readonly AnyEvent[], type: T): GantryEvent<T>[] {
  return events.filter((event) => event.type === type) as unknown as GantryEvent<T>[]
}

/** Living processes of a session (its id is the pid of the command), and of sessions its members began. */
export function processesUnder(pid: number): { pid: number; command: string }[] {
  const all = readdirSync('/proc').flatMap((name) => processOf(name))
  const family = new Set([pid])
  for (let before = 0; before !== family.size;) {
    before = family.size
    for (const one of all) if (family.has(one.parent) || family.has(one.session)) family.add(one.pid)
  }
  return all
    .filter((one) => family.has(one.pid) && one.state !== 'Z')
    .map(({ pid: id, command }) => ({ pid: id, command }))
}

export function isAlive(pid: number): boolean {
  return processOf(String(pid)).some(({ state }) => state !== 'Z')
}

interface ProcessFacts {
  pid: number
  state: string
  parent: number
  session: number
  command: string
}

function processOf(name: string): ProcessFacts[] {
  if (!/^\d+$/.test(name)) return []
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    const [state = '', parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return [{ pid: Number(name), state, parent: Number(parent), session: Number(session), command }]
  } catch {
    return []
  }
}
