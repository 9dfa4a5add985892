/** Which way an object goes: by the rules, and by what a request says itself. */
import { GantryError } from '../../core/contract/errors'
import type { Labels, LabelKind, VersionedAt } from '../../core/ports/object-store'
import type { Ladder } from '../../ladders/schema'
import { chooseRule, type KnownLabels } from '../../routes/match'
import type { RequestDocument } from '../../routes/request-schema'
import type { Lane } from '../admit'
import { contains, placeFault, targetOf, type Routing } from './routing'
import type { Target } from './target'

export interface Route {
  ladder: Ladder
  target: Target
  lane: Lane
  /** Name of the rule, or its place in the file; null where none matched. */
  rule: string | null
}

export interface Router {
  /** @returns null for an object that a rule leaves alone. @throws STORE_ codes where labels are needed. */
  route: (object: VersionedAt) => Promise<Route | null>
  /** What a request says goes before the rules; an object that a rule ignores goes by the settings then. */
  routeRequest: (request: RequestDocument, object: VersionedAt) => Promise<Route>
}

/** @param labels Asked for only where a rule needs them that may still win. */
export function createRouter(
  routing: Routing,
  labels: (object: VersionedAt, kind: LabelKind) => Promise<Labels | null>,
): Router {
  const { rules, fallback } = routing
  const choose = async (object: VersionedAt): Promise<number | null> => {
    const known: KnownLabels = {}
    for (;;) {
      const choice = chooseRule(rules, object, known)
      if (choice.outcome === 'rule') return choice.index
      if (choice.outcome === 'none') return null
      // Whoever takes the object away meanwhile is met when it is opened.
      known[choice.needs] = (await labels(object, choice.needs)) ?? {}
    }
  }
  const route: Router['route'] = async (object) => {
    const index = await choose(object)
    if (index === null) return { ...fallback, lane: 'normal', rule: null }
    const rule = rules[index]
    if (rule?.ignore === true) return null
    return {
      ladder: routing.ladders[index] ?? fallback.ladder,
      target: routing.targets[index] ?? fallback.target,
      lane: rule?.lane ?? 'normal',
      rule: rule?.name ?? `routes[${index}]`,
    }
  }
  return {
    route,
    routeRequest: async (request, object) => {
      const byRules = (await route(object)) ?? { ...fallback, lane: 'normal' as const, rule: null }
      const asked = askedOf(request, routing)
      return { ...byRules, ...asked, lane: request.lane ?? byRules.lane }
    },
  }
}

/**
 * What a request itself says of ladder and destination.
 *
 * @throws API_REQUEST_INVALID for a ladder that is not known, API_DESTINATION_NOT_ALLOWED.
 */
export function askedOf(request: RequestDocument, routing: Routing): Partial<Pick<Route, 'ladder' | 'target'>> {
  return {
    ...(request.ladder !== undefined && { ladder: askedLadder(request.ladder, routing) }),
    ...(request.destination !== undefined && { target: askedTarget(request.destination, routing) }),
  }
}

function askedLadder(asked: NonNullable<RequestDocument['ladder']>, { namedLadders }: Routing): Ladder {
  if (typeof asked !== 'string') return asked
  const ladder = namedLadders.get(asked)
  if (ladder !== undefined) return ladder
  const names = [...namedLadders.keys()].sort().join(', ')
  throw new GantryError('API_REQUEST_INVALID', `ladder must be one of ${names} or a ladder of its own, got '${asked}'`)
}

function askedTarget(asked: NonNullable<RequestDocument['destination']>, routing: Routing): Target {
  const { namedTargets, settings } = routing
  if (typeof asked === 'string') {
    const target = namedTargets.get(asked)
    if (target !== undefined) return target
    const names = namedTargets.size === 0 ? 'there are none' : `there are ${[...namedTargets.keys()].join(', ')}`
    throw notAllowed(`destination must be one of the routes file (${names}), got '${asked}'`)
  }
  const target = targetOf(asked, settings)
  if (!settings.openPlaces.some((open) => contains(open, target.place))) {
    throw notAllowed(`destination '${asked.bucket}/${asked.prefix}' is not within GANTRY_DESTINATIONS`)
  }
  const fault = placeFault(target.place, settings)
  if (fault !== null) throw notAllowed(`destination: ${fault}`)
  return target
}

function notAllowed(message: string): GantryError {
  return new GantryError('API_DESTINATION_NOT_ALLOWED', message)
}
