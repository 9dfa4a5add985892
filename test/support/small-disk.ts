/** A file system of its own size, for tests of what happens when it is full. Needs Linux and root, as containers have. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './run-program'

export interface SmallDisk {
  folder: string
  resize(kibibytes: number): Promise<void>
  close(): Promise<void>
}

export async function openSmallDisk(kibibytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-disk-'))
  await run('mount', '-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder)
  return {
    folder,
    resize: (size) => run('mount', '-o', `remount,size=${size}k`, folder),
    close: async () => {
      await run('umount', folder)
      await rm(folder, { recursive: true })
    },
  }
}

async function run(program: string, ...argv: string[]): Promise<void> {
  const { code, stderr } = await runProgram(program, argv)
  if (code !== 0) throw new Error(`${program} ${argv.join(' ')}: ${stderr.trim()}; this test is to be run by root`)
}
