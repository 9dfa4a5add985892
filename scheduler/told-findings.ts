/** What a failure's details say of the output, in the form in which it is told. Pure. */
import type { OutputFinding } from '../core/contract/output-finding'

/** An event is read by people and sent to all who listen; `gantry verify` tells the rest. */
const MOST_TOLD = 20
/** The gate cuts its messages shorter; a path may be as long as a key. */
const MOST_CHARACTERS = 1_100

/**
 * @param details Of a failed job, which may be of another version.
 * @returns At most 20, in the gate's order; none for a failure that is not the gate's.
 */
export function findingsIn(details: Readonly<Record<string, unknown>>): OutputFinding[] {
  const { findings } = details
  if (!Array.isArray(findings)) return []
  return (findings as unknown[]).flatMap((one) => findingOf(one) ?? []).slice(0, MOST_TOLD)
}

function findingOf(value: unknown): OutputFinding | null {
  if (typeof value !== 'object' || value === null) return null
  const { rule, where, message } = value as Readonly<Record<string, unknown>>
  if (typeof rule !== 'string' || typeof where !== 'string' || typeof message !== 'string') return null
  return { rule: cut(rule), where: cut(where), message: cut(message) }
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text
}
