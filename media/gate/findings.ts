/** What the gate says of an asset. */
import type { Severity } from './rule'
import { RULES, type RuleId } from './rules'

export interface Finding {
  rule: RuleId
  severity: Severity
  /** Path below the asset, with the line where there is one: `r1/video/720p/playlist.m3u8:7`. */
  where: string
  message: string
  source: string
}

export type Report = (rule: RuleId, where: string, message: string) => void

/** A hostile playlist could break a rule a million times; more than this helps nobody. */
const MOST_OF_A_RULE = 25
/** Texts in messages are other people's. */
const MESSAGE_LENGTH = 400

export interface Findings {
  report: Report
  /** Errors first; within a severity in the order of the rules, then as they were found. */
  all: () => Finding[]
}

export function createFindings(): Findings {
  const found = new Map<RuleId, Finding[]>()
  const left = new Map<RuleId, number>()
  return {
    report: (rule, where, message) => {
      const before = found.get(rule) ?? []
      if (before.length >= MOST_OF_A_RULE) {
        left.set(rule, (left.get(rule) ?? 0) + 1)
        return
      }
      found.set(rule, [...before, findingOf(rule, where, message)])
    },
    all: () => inOrder(found, left),
  }
}

function inOrder(found: ReadonlyMap<RuleId, readonly Finding[]>, left: ReadonlyMap<RuleId, number>): Finding[] {
  const ids = Object.keys(RULES) as RuleId[]
  const all = ids.flatMap((rule) => {
    const more = left.get(rule) ?? 0
    const rest = more === 0 ? [] : [findingOf(rule, '', `and ${more} more`)]
    return [...(found.get(rule) ?? []), ...rest]
  })
  return (['error', 'warning', 'note'] as const).flatMap((wanted) => all.filter(({ severity }) => severity === wanted))
}

function findingOf(rule: RuleId, where: string, message: string): Finding {
  const { severity, source } = RULES[rule]
  const said = message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}...` : message
  return { rule, severity, where, message: said, source }
}
