/** A routes file with the ladders that it names. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GantryError } from '../../core/contract/errors'
import { printable } from '../../language/printable'
import type { Ladder } from '../../ladders/schema'
import { parseRoutes } from '../../routes/parse'
import type { RoutesFile } from '../../routes/schema'
import { findLadder, ladderChoice } from '../find-ladder'

export interface LoadedRoutes extends RoutesFile {
  /** Of each rule, in order; null where it names none. */
  ladders: readonly (Ladder | null)[]
}

/**
 * @param path Absolute.
 * @throws CONFIG_ROUTES_INVALID; LADDER_NOT_FOUND, LADDER_INVALID for a ladder, with the rule that names it.
 */
export async function loadRoutes(path: string, builtInFolder: string): Promise<LoadedRoutes> {
  return readRoutes(await textOf(path), { name: path, folder: dirname(path), builtInFolder })
}

export interface RoutesFrom {
  /** For messages. */
  name: string
  /** Absolute; paths of ladders start there. */
  folder: string
  builtInFolder: string
}

/** @throws As `loadRoutes`. */
export async function readRoutes(text: string, from: RoutesFrom): Promise<LoadedRoutes> {
  const file = parseRoutes(text, from.name)
  const ladders: (Ladder | null)[] = []
  for (const [index, { ladder }] of file.routes.entries()) {
    ladders.push(ladder === undefined ? null : await ladderOf(ladder, index, from))
  }
  return { ...file, ladders }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new GantryError(
      'CONFIG_ROUTES_INVALID',
      `the routes file '${path}' cannot be read (${reason})`,
      {},
      { cause },
    )
  }
}

async function ladderOf(given: string, index: number, { name, folder, builtInFolder }: RoutesFrom): Promise<Ladder> {
  try {
    return await findLadder(ladderChoice(given, folder), builtInFolder)
  } catch (thrown) {
    if (!(thrown instanceof GantryError)) throw thrown
    const { code, message, details } = thrown
    throw new GantryError(code, `${printable(name)}: routes[${index}].ladder: ${message}`, details, { cause: thrown })
  }
}
