/** Tells when a file has been written to its end: when nothing about it has changed for a while. */
import { stat } from 'node:fs/promises'

export interface SettleTimes {
  /** A file counts as written when its size and time of change stay the same for this long. Milliseconds. */
  stableMs: number
  /** How often a growing file is looked at. Milliseconds. */
  pollMs: number
}

/** The bytes of a path, as far as a stat can tell them apart. */
interface Look {
  bytes: number
  changedMs: number
  inode: number
}

interface Settling {
  timer: NodeJS.Timeout
  look: Look | null
  sameSinceMs: number
}

export class FileSettler {
  readonly #onFile: (file: string) => void
  readonly #times: SettleTimes
  readonly #settling = new Map<string, Settling>()
  readonly #reported = new Map<string, Look>()
  #closed = false

  constructor(onFile: (file: string) => void, times: SettleTimes) {
    this.#onFile = onFile
    this.#times = times
  }

  /** The file is there or has changed: it is reported once it is at rest, unless it is what was reported before. */
  watch(file: string): void {
    if (this.#closed || this.#settling.has(file)) return
    const timer = setTimeout(() => void this.#check(file), 0)
    this.#settling.set(file, { timer, look: null, sameSinceMs: performance.now() })
  }

  forget(file: string): void {
    clearTimeout(this.#settling.get(file)?.timer)
    this.#settling.delete(file)
    this.#reported.delete(file)
  }

  /** Afterwards nothing is reported and no timer is left. */
  close(): void {
    this.#closed = true
    for (const { timer } of this.#settling.values()) clearTimeout(timer)
    this.#settling.clear()
  }

  async #check(file: string): Promise<void> {
    const before = this.#settling.get(file)
    const look = await lookAt(file)
    const state = this.#settling.get(file)
    // Closed, or forgotten and seen again while the disk was asked: another check is on its way then.
    if (!state || state !== before) return
    if (!look) {
      this.#settling.delete(file)
      return
    }
    const nowMs = performance.now()
    if (!isSame(look, state.look)) Object.assign(state, { look, sameSinceMs: nowMs })
    if (nowMs - state.sameSinceMs < this.#times.stableMs) {
      state.timer = setTimeout(() => void this.#check(file), this.#times.pollMs)
      return
    }
    this.#settling.delete(file)
    // Nothing has been written yet; when it is, the watcher says so.
    if (look.bytes === 0) return
    // A change of rights or a repeated notice makes no new file.
    if (isSame(look, this.#reported.get(file) ?? null)) return
    this.#reported.set(file, look)
    this.#onFile(file)
  }
}

async function lookAt(file: string): Promise<Look | null> {
  try {
    const facts = await stat(file)
    return facts.isFile() ? { bytes: facts.size, changedMs: facts.mtimeMs, inode: facts.ino } : null
  } catch {
    // Deleted or made unreadable before it was ready; if it comes back, the watcher says so.
    return null
  }
}

function isSame(a: Look, b: Look | null): boolean {
  return b !== null && a.bytes === b.bytes && a.changedMs === b.changedMs && a.inode === b.inode
}
