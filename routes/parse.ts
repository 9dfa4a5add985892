import { parseText } from '../language/parse'
import { ROUTES } from './language'
import type { RoutesFile } from './schema'

/**
 * Reads routes from YAML 1.2 or JSON, with every default filled in; the ladders they name are not looked for.
 *
 * @param fileName For messages only.
 * @throws CONFIG_ROUTES_INVALID with all that is wrong, a line for each.
 */
export function parseRoutes(text: string, fileName: string): RoutesFile {
  return parseText(ROUTES, text, fileName)
}
