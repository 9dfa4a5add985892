/** Values that a schema has not passed yet: rules between fields meet them wherever single fields are wrong. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The entries of a list that are mappings, with their places. */
export function records(list: unknown): [number, Readonly<Record<string, unknown>>][] {
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown, index): [number, Record<string, unknown>][] =>
    isRecord(entry) ? [[index, entry]] : [],
  )
}

/** `rule` completes "<path> ..."; `fix` is what to do instead. */
export type Report = (path: (string | number)[], rule: string, fix?: string) => void
