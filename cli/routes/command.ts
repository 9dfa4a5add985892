/** `gantry routes ...`: reads the files that are meant and prints what was asked for. */
import path from 'node:path'
import type { Readable } from 'node:stream'
import { jsonSchemaText } from '../../language/json-schema'
import { ROUTES } from '../../routes/language'
import { judge } from '../../routes/match'
import { REQUEST } from '../../routes/parse-request'
import type { Rule } from '../../routes/schema'
import { loadRoutes, readRoutes, type LoadedRoutes } from '../../scheduler/routing/load-routes'
import { checkEach } from '../input/text-files'
import type { RoutesOptions, TestedObject } from './arguments'

export interface RoutesContext {
  /** Holds `<name>.yaml` files of ladders. */
  builtInFolder: string
  /** The caller's folder, for paths in a file that comes by standard input. */
  cwd: string
  stdin: Readable
  print: (text: string) => void
}

/**
 * @returns 0, or 1 when a file that was to be checked is wrong or cannot be read.
 * @throws CONFIG_ROUTES_INVALID, LADDER_ codes for a file that an object was to be tested by.
 */
export async function routesCommand(options: RoutesOptions, context: RoutesContext): Promise<0 | 1> {
  const { builtInFolder, print } = context
  switch (options.action) {
    case 'check':
      return checkEach(options.files, context, async (text, { name, path: file }) => {
        const folder = file === null ? context.cwd : path.dirname(file)
        return phraseOf(await readRoutes(text, { name, folder, builtInFolder }))
      })
    case 'test':
      print(`${testLines(await loadRoutes(options.file, builtInFolder), options).join('\n')}\n`)
      return 0
    case 'schema':
      print(options.of === 'routes' ? jsonSchemaText(ROUTES) : jsonSchemaText(REQUEST))
      return 0
  }
}

function phraseOf({ routes, destinations }: LoadedRoutes): string {
  const count = (items: readonly unknown[], what: string): string =>
    `${items.length} ${what}${items.length === 1 ? '' : 's'}`
  return `${count(routes, 'rule')}, ${count(Object.keys(destinations), 'destination')}`
}

/** A line for each rule up to the one that wins, then what comes of it. */
export function testLines({ routes, ladders }: LoadedRoutes, object: TestedObject): string[] {
  const lines: string[] = []
  for (const [index, rule] of routes.entries()) {
    const verdict = judge(rule, object, { tags: object.tags, metadata: object.metadata })
    const shown = `routes[${index}]${rule.name === undefined ? '' : ` ${rule.name}`}`
    if (verdict.outcome === 'matches') {
      return [...lines, `${shown}: wins`, ...outcomeLines(rule, ladders[index]?.name ?? null)]
    }
    lines.push(`${shown}: no, ${verdict.outcome === 'differs' ? verdict.reason : `it needs ${verdict.needs}`}`)
  }
  return [...lines, 'no rule wins: the object goes by GANTRY_LADDER to GANTRY_OUTPUT']
}

function outcomeLines({ ignore, destination, lane }: Rule, ladder: string | null): string[] {
  if (ignore) return ['the object is left alone']
  const place =
    typeof destination === 'object' ? `${destination.bucket}/${destination.prefix}` : (destination ?? 'GANTRY_OUTPUT')
  return [`ladder: ${ladder ?? 'GANTRY_LADDER'}`, `destination: ${place}`, `lane: ${lane ?? 'normal'}`]
}
