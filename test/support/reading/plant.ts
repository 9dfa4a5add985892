/** A copy of a published asset, and what the tests of the judge do to its files. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runProgram } from '../run-program'

export interface Plant {
  defect: string
  plant: (copy: Copy) => void | Promise<void>
  /** One of the findings has to say this. */
  finding: RegExp
}

/** What can be done to the files of one copy; paths are below the asset. */
export interface Copy {
  at(path: string): string
  edit(path: string, change: (text: string) => string): void
  patch(path: string, change: (bytes: Buffer) => Buffer): void
}

/** @throws When the change changes nothing: a defect that was not planted proves nothing. */
export function copyAt(home: string): Copy {
  const patch = (path: string, change: (bytes: Buffer) => Buffer): void => {
    const before = readFileSync(join(home, path))
    const after = change(Buffer.from(before))
    if (after.equals(before)) throw new Error(`${path} was not changed`)
    writeFileSync(join(home, path), after)
  }
  return {
    at: (path) => join(home, path),
    patch,
    edit: (path, change) => patch(path, (bytes) => Buffer.from(change(bytes.toString()))),
  }
}

/** Path of a segment, from the playlist that names it. */
export function segmentOf(copy: Copy, playlist: string, index: number): string {
  const names = readFileSync(copy.at(playlist), 'utf8').match(/^.*\.m4s$/gm) ?? []
  return join(dirname(playlist), names[index] ?? '')
}

/** The playlist without its n-th segment. */
export function withoutSegment(text: string, index: number): string {
  let seen = -1
  return text.replace(/#EXTINF:.*\n.*\n/g, (entry) => (++seen === index ? '' : entry))
}

/** @throws When ffmpeg fails. */
export async function runFfmpeg(...words: string[]): Promise<void> {
  const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...words])
  if (code !== 0) throw new Error(`ffmpeg failed: ${stderr}`)
}
