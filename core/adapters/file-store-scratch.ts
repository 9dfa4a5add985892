/** The scratch folder: what lies there is named by the process it belongs to, so that leftovers of dead ones are told. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, thisProcess } from './process-identity'

/** `<pid>-<start>-<random>`; never the same twice, so whoever removes a dead process's file removes no other. */
export function ownName(): string {
  const { pid, started } = thisProcess()
  return `${pid}-${started ?? 'x'}-${randomBytes(8).toString('hex')}`
}

/** Locks have a word before the owner's name; see file-store-lock.ts. */
const OWNED = /^(?:lock-[0-9a-f]{32}-)?(\d+)-(\d+|x)-[0-9a-f]{16}$/

/** Whether a file is left over from a process that is gone. False for names that the store does not give. */
export function isLeftOver(name: string): boolean {
  const [whole, pid, started] = OWNED.exec(name) ?? []
  if (whole === undefined) return false
  return !isAlive({ pid: Number(pid), started: started === undefined || started === 'x' ? null : started })
}

/** Takes away temporary files and locks that processes killed in mid-write have left. Called at start. */
export async function sweepScratch(scratch: string): Promise<void> {
  await mkdir(scratch, { recursive: true })
  for (const name of await readdir(scratch)) {
    if (isLeftOver(name)) await rm(join(scratch, name), { force: true })
  }
}
