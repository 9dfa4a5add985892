import type { Ladder } from './schema'

/** The same text for the same ladder, whatever the order of its fields was: what is hashed to tell ladders apart. */
export function canonicalLadder(ladder: Ladder): string {
  return JSON.stringify(ladder, (_, value: unknown) => (isRecord(value) ? sorted(value) : value))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
