import type { Ladder } from './schema'

/**
 * The text by which two ladders are compared and digested: equal exactly when they make the same of every master.
 *
 * JSON with sorted keys and every default filled in, so that neither the order of fields nor writing out a default
 * matters. `name` and `description` are left out, since they change no output. Rungs keep their order, which the
 * playlists follow.
 */
export function canonicalLadder(ladder: Ladder): string {
  return JSON.stringify({ ...ladder, name: undefined, description: undefined }, sortedKeys)
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
