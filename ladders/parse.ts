import { parseText } from '../language/parse'
import { LADDER } from './language'
import type { Ladder } from './schema'

/**
 * Reads a ladder from YAML 1.2 or JSON, with every default filled in.
 *
 * @param fileName For messages only.
 * @throws LADDER_INVALID with all that is wrong, a line for each.
 */
export function parseLadder(text: string, fileName: string): Ladder {
  return parseText(LADDER, text, fileName)
}
