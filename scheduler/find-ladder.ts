/** A ladder by its built-in name or from a file. */
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { GantryError } from '../core/contract/errors'
import { parseLadder } from '../ladders/parse'
import type { Ladder } from '../ladders/schema'

/** A built-in ladder by its name, or a file. */
export type LadderChoice = { name: string } | { file: string }

/**
 * @param builtInFolder Holds `<name>.yaml` files.
 * @throws LADDER_NOT_FOUND with the names that there are; LADDER_INVALID.
 */
export async function findLadder(choice: LadderChoice, builtInFolder: string): Promise<Ladder> {
  const file = 'file' in choice ? choice.file : join(builtInFolder, `${choice.name}.yaml`)
  try {
    return parseLadder(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof GantryError) throw error
    const what = 'file' in choice ? `the ladder file '${file}'` : `a ladder named '${choice.name}'`
    const names = await builtInNames(builtInFolder)
    const message = `${what} cannot be read (${reasonOf(error)}); built in: ${names.join(', ')}; or give a YAML file`
    throw new GantryError('LADDER_NOT_FOUND', message, { file }, { cause: error })
  }
}

/** By name, the default one first. */
export async function builtInLadders(folder: string): Promise<Ladder[]> {
  const order = (name: string): string => (name === 'default' ? '' : name)
  const sorted = (await builtInNames(folder)).sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return Promise.all(sorted.map((name) => findLadder({ name }, folder)))
}

async function builtInNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).flatMap((file) => /^(.*)\.yaml$/.exec(file)?.[1] ?? [])
}

/** What looks like a path is one; a name has neither a separator nor the ending of a ladder file. */
export function ladderChoice(given: string, cwd: string): LadderChoice {
  const isFile = /[/\\]/.test(given) || /\.(ya?ml|json)$/i.test(given)
  return isFile ? { file: resolve(cwd, given) } : { name: given }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
