/** Rules between the fields of a routes file: what is left to check after each field is right by itself. */
import { isRecord, records, type Report } from '../language/draft'
import { nearest } from '../language/nearest'

/** Fields that are wrong by themselves are `unknown` here, and are left to their own message. */
interface Draft {
  destinations?: unknown
  routes?: unknown
}

type DraftRule = Readonly<Record<string, unknown>>

export function checkRoutes(file: Draft, report: Report): void {
  const destinations = isRecord(file.destinations) ? file.destinations : {}
  for (const [name, destination] of Object.entries(destinations)) checkRole(destination, ['destinations', name], report)
  const names = new Map<unknown, number>()
  let takesAll: number | null = null
  for (const [index, rule] of records(file.routes)) {
    const at = ['routes', index]
    checkRule(rule, at, report)
    checkNamed(rule['destination'], Object.keys(destinations), at, report)
    checkRole(rule['destination'], [...at, 'destination'], report)
    const { name } = rule
    if (names.has(name)) report([...at, 'name'], `must be unique, and routes[${names.get(name)}] has the same`)
    else if (name !== undefined) names.set(name, index)
    if (takesAll !== null) report(at, `can never win, since routes[${takesAll}] before it has no match and takes all`)
    else if (rule['match'] === undefined) takesAll = index
  }
}

function checkRule(rule: DraftRule, at: (string | number)[], report: Report): void {
  if (isRecord(rule['match']) && Object.keys(rule['match']).length === 0) {
    report([...at, 'match'], 'must say something', 'leave it out for a rule that takes all')
  }
  if (rule['ignore'] !== true) return
  for (const field of ['ladder', 'destination', 'lane']) {
    if (rule[field] !== undefined) report([...at, field], 'must be left out where ignore is true')
  }
}

function checkNamed(given: unknown, names: readonly string[], at: (string | number)[], report: Report): void {
  if (typeof given !== 'string' || names.includes(given)) return
  const meant = nearest(given, names)
  const allowed = names.length === 0 ? 'there are none in this file' : `it has ${names.join(', ')}`
  const fix = meant === null ? undefined : `did you mean '${meant}'?`
  report([...at, 'destination'], `must be a name of the section destinations (${allowed})`, fix)
}

function checkRole(destination: unknown, at: (string | number)[], report: Report): void {
  if (!isRecord(destination) || destination['externalId'] === undefined || destination['role'] !== undefined) return
  report([...at, 'externalId'], 'must be left out where role is not given')
}
