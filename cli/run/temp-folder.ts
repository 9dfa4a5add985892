/** The command's temporary folder: Redis' socket and the attempts' scratch. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'gantry-'

export interface TempFolder {
  path: string
  remove(): Promise<void>
}

/** Makes one named by our pid, and takes away those that processes killed without warning have left. */
export async function makeTempFolder(): Promise<TempFolder> {
  const parent = tmpdir()
  await mkdir(parent, { recursive: true })
  await sweepDead(parent)
  const path = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function sweepDead(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(/^gantry-(\d+)-[A-Za-z0-9]{6}$/.exec(name)?.[1])
    if (Number.isInteger(pid) && isGone(pid)) await rm(join(parent, name), { recursive: true, force: true })
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
