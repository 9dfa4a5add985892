import type { Ladder } from './schema'

/**
 * The text by which two ladders are compared and digested: equal exactly when they make the same of every master.
 *
 * JSON with sorted keys and every default filled in, so that neither the order of fields nor writing out a default
 * matters. `name` and `description` are left out, since they change no output. Rungs keep their order, which the
 * playlists follow. A section that came later is left out as long as it asks for nothing, so that an asset of an older
 * version is still the same.
 */
export function canonicalLadder(ladder: Ladder): string {
  const { packaging } = ladder
  const isPlain = !Object.values(packaging).includes(true)
  const output = { ...ladder, packaging: isPlain ? undefined : packaging }
  return JSON.stringify({ ...output, name: undefined, description: undefined }, sortedKeys)
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
