/** Files whose text a command checks: named on the command line, or standard input. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { asGantryError } from '../../core/contract/errors'
import { printable } from '../../language/printable'

export interface TextFile {
  /** As typed, for messages. */
  name: string
  /** Absolute; null is standard input. */
  path: string | null
}

export const STDIN = '-'

/** @throws CommanderError for names that are none. */
export function textFiles(given: readonly string[], command: Command, cwd: string): TextFile[] {
  if (given.includes('')) command.error('error: the name of a file is empty')
  if (given.filter((name) => name === STDIN).length > 1) command.error(`error: ${STDIN} can be given only once`)
  return given.map((name) =>
    name === STDIN ? { name: 'standard input', path: null } : { name, path: path.resolve(cwd, name) },
  )
}

/**
 * One after the other, so that the lines come in the order of the files.
 *
 * @param check Gives what a right file holds, in a few words. @throws GantryError
 * @returns 1 when a file is wrong or cannot be read.
 */
export async function checkEach(
  files: readonly TextFile[],
  { stdin, print }: { stdin: Readable; print: (text: string) => void },
  check: (content: string, file: TextFile) => string | Promise<string>,
): Promise<0 | 1> {
  let code: 0 | 1 = 0
  for (const file of files) {
    const { isRight, report } = await checkFile(file, stdin, check)
    print(`${report}\n`)
    if (!isRight) code = 1
  }
  return code
}

async function checkFile(
  file: TextFile,
  stdin: Readable,
  check: Parameters<typeof checkEach>[2],
): Promise<{ isRight: boolean; report: string }> {
  const name = printable(file.name)
  let content: string
  try {
    content = file.path === null ? await text(stdin) : await readFile(file.path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { isRight: false, report: `${name}: cannot be read (${reason})` }
  }
  try {
    return { isRight: true, report: `${name}: ok (${await check(content, file)})` }
  } catch (thrown) {
    return { isRight: false, report: asGantryError(thrown).message }
  }
}
