/** Findings for people, grouped by rule. Pure. */
import type { Finding } from '../../media/gate/findings'
import { RULES, type RuleId } from '../../media/gate/rules'
import { printable } from '../view/text-width'
import { paint, type Style } from '../view/style'

const STYLES = { error: 'red', warning: 'yellow', note: 'cyan' } as const satisfies Record<string, Style>

/** @param name Of the asset, as it was given. */
export function verifyReport(name: string, findings: readonly Finding[], colour: boolean): string[] {
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  return [...rules.flatMap((rule) => ruleLines(rule, findings, colour)), `${printable(name)}: ${summary(findings)}`]
}

function ruleLines(rule: RuleId, findings: readonly Finding[], colour: boolean): string[] {
  const { severity, meaning, source } = RULES[rule]
  const own = findings.filter((finding) => finding.rule === rule)
  return [
    `${paint(severity, STYLES[severity], colour)} ${paint(rule, 'bold', colour)}: ${meaning} (${source})`,
    ...own.map(({ where, message }) => `  ${printable([where, message].filter((part) => part !== '').join(': '))}`),
    '',
  ]
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'ok, nothing found'
  const counts = (['error', 'warning', 'note'] as const).flatMap((wanted) => {
    const count = findings.filter(({ severity }) => severity === wanted).length
    return count === 0 ? [] : [`${count} ${wanted}${count === 1 ? '' : 's'}`]
  })
  return counts.join(', ')
}

/** 0 nothing or notes, 1 errors, 3 warnings only. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 3 {
  const has = (wanted: Finding['severity']): boolean => findings.some(({ severity }) => severity === wanted)
  return has('error') ? 1 : has('warning') ? 3 : 0
}
