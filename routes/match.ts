/** Which rule an object goes by: the first that matches. Pure. */
import { isBelow } from '../core/contract/keys'
import type { ObjectAt } from '../core/contract/source'
import { quoted } from '../language/printable'
import type { Rule } from './schema'

type Labels = Readonly<Record<string, string>>

/** What is known of an object's labels; a kind that was not asked for is left out. */
export interface KnownLabels {
  tags?: Labels
  metadata?: Labels
}

export type LabelKind = keyof KnownLabels

export type Choice =
  | { outcome: 'rule'; index: number }
  | { outcome: 'none' }
  /** It depends on labels that are not known; asking costs a request, so it is done only then. */
  | { outcome: 'unknown'; needs: LabelKind }

export function chooseRule(rules: readonly Rule[], object: ObjectAt, labels: KnownLabels): Choice {
  for (const [index, rule] of rules.entries()) {
    const verdict = judge(rule, object, labels)
    if (verdict.outcome === 'matches') return { outcome: 'rule', index }
    if (verdict.outcome === 'unknown') return verdict
  }
  return { outcome: 'none' }
}

export type Verdict =
  | { outcome: 'matches' }
  /** Why not, for people. */
  | { outcome: 'differs'; reason: string }
  | { outcome: 'unknown'; needs: LabelKind }

/** One rule by itself. What the name tells comes before what must be asked for. */
export function judge({ match = {} }: Rule, object: ObjectAt, labels: KnownLabels): Verdict {
  const { bucket, prefix, suffixes } = match
  if (bucket !== undefined && bucket !== object.bucket) {
    return differs(`the bucket is ${quoted(object.bucket)}, not ${quoted(bucket)}`)
  }
  if (prefix !== undefined && !isBelow({ bucket: object.bucket, prefix }, object)) {
    return differs(`the key is not below ${quoted(prefix)}`)
  }
  if (suffixes !== undefined && !suffixes.some((suffix) => endsWith(object.key, suffix))) {
    return differs(`the key does not end in ${suffixes.map(quoted).join(' or ')}`)
  }
  for (const kind of ['metadata', 'tags'] as const) {
    const wanted = Object.entries(match[kind] ?? {})
    const known = labels[kind]
    if (wanted.length === 0) continue
    if (known === undefined) return { outcome: 'unknown', needs: kind }
    const missed = wanted.find(([name, value]) => !Object.hasOwn(known, name) || known[name] !== value)
    if (missed !== undefined) return differs(labelReason(kind, missed, known))
  }
  return { outcome: 'matches' }
}

function differs(reason: string): Verdict {
  return { outcome: 'differs', reason }
}

/** Cameras write `.MOV`. */
function endsWith(key: string, suffix: string): boolean {
  return key.toLowerCase().endsWith(suffix.toLowerCase())
}

function labelReason(kind: LabelKind, [name, value]: [string, string], known: Labels): string {
  const what = kind === 'tags' ? `the tag ${quoted(name)}` : `the metadata ${quoted(name)}`
  const has = Object.hasOwn(known, name) ? `is ${quoted(known[name] ?? '')}` : 'is not there'
  return `${what} ${has}, it must be ${quoted(value)}`
}
