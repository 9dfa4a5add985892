/** Routes with everything resolved that settings add: ladders, destinations, what requests may name. Pure. */
import type { Destination } from '../../core/contract/destination'
import { GantryError } from '../../core/contract/errors'
import { MAX_TAGS } from '../../core/contract/forms'
import { at, isBelow } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { Ladder } from '../../ladders/schema'
import { RETENTION_TAG, type DestinationSpec } from '../../routes/destination-schema'
import { DEFAULT_NAME } from '../../routes/name'
import type { Rule } from '../../routes/schema'
import type { LoadedRoutes } from './load-routes'
import type { Target } from './target'

export interface RoutingSettings {
  state: Place
  output: Place
  /** Where masters are taken from. */
  sources: readonly Place[]
  /** Where requests may bring destinations of their own. */
  openPlaces: readonly Place[]
  /** Of masters that ask for none. */
  ladder: Ladder
  /** All built-in ones, by name. */
  builtIn: readonly Ladder[]
  tags: Readonly<Record<string, string>>
  kmsKey: string | undefined
}

export interface Routing {
  rules: readonly Rule[]
  /** What each rule says beside the settings, in order. */
  ladders: readonly (Ladder | null)[]
  targets: readonly (Target | null)[]
  fallback: { ladder: Ladder; target: Target }
  /** What requests may name. */
  namedLadders: ReadonlyMap<string, Ladder>
  namedTargets: ReadonlyMap<string, Target>
  /** Where Gantry may write outputs; nothing from there is taken as a master. */
  outputs: readonly Place[]
  settings: RoutingSettings
}

const NO_ROUTES: LoadedRoutes = { destinations: {}, routes: [], ladders: [] }

/** @throws CONFIG_ROUTES_INVALID for destinations that do not go with the settings. */
export function routingOf(loaded: LoadedRoutes | null, settings: RoutingSettings): Routing {
  const { destinations, routes: rules, ladders } = loaded ?? NO_ROUTES
  const checked = (spec: DestinationSpec, where: string): Target => {
    const target = targetOf(spec, settings)
    const fault = placeFault(target.place, settings)
    if (fault !== null) throw new GantryError('CONFIG_ROUTES_INVALID', `${where}: ${fault}`)
    return target
  }
  const named = new Map(
    Object.entries(destinations).map(([name, spec]) => [name, checked(spec, `destinations.${name}`)]),
  )
  const targets = rules.map(({ destination }, index) => {
    if (destination === undefined) return null
    if (typeof destination !== 'string') return checked(destination, `routes[${index}].destination`)
    return named.get(destination) ?? null
  })
  const own: Target = { place: settings.output, template: DEFAULT_NAME }
  const places = [...named.values(), ...targets].flatMap((target) => target?.place ?? [])
  const known = [...ladders.flatMap((ladder) => ladder ?? []), settings.ladder, ...settings.builtIn]
  return {
    ...{ rules, ladders, targets, settings },
    fallback: { ladder: settings.ladder, target: own },
    // The first of a name counts: a team's own before the built-in one.
    namedLadders: new Map(known.toReversed().map((ladder) => [ladder.name, ladder])),
    namedTargets: named,
    outputs: [settings.output, ...places, ...settings.openPlaces],
  }
}

/** A destination as jobs carry it: what it does not say is as the settings say. */
export function targetOf(spec: DestinationSpec, { tags, kmsKey }: RoutingSettings): Target {
  const { bucket, prefix, name, role, externalId, publicUrl = null } = spec
  const retention = spec.retentionDays === undefined ? {} : { [RETENTION_TAG]: String(spec.retentionDays) }
  const all = { ...tags, ...spec.tags, ...retention }
  if (Object.keys(all).length > MAX_TAGS) {
    const count = `${Object.keys(all).length} tags with those of GANTRY_S3_TAGS, S3 takes ${MAX_TAGS}`
    throw new GantryError('CONFIG_ROUTES_INVALID', `the destination ${bucket}/${prefix} has ${count}`)
  }
  const place = { bucket, prefix }
  const destination: Destination = {
    place,
    role: role === undefined ? null : { arn: role, ...(externalId !== undefined && { externalId }) },
    // A key of the settings is one of their account, which a role of another may not use.
    kmsKey: spec.kmsKey ?? (role === undefined ? (kmsKey ?? null) : null),
    tags: all,
    publicUrl,
  }
  return { place, template: name, destination }
}

/** What keeps assets from being put into a place; null where nothing does. */
export function placeFault(
  place: Place,
  { state, sources }: Pick<RoutingSettings, 'state' | 'sources'>,
): string | null {
  const shown = shownPlace(place)
  if (overlaps(place, state)) return `${shown} overlaps the state, which holds records that nobody else may write`
  const lost = sources.find((source) => contains(place, source))
  return lost === undefined
    ? null
    : `masters of ${shownPlace(lost)} would never be taken, since ${shown} holds what Gantry writes`
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: Place, inner: Place): boolean {
  return isBelow(outer, at({ bucket: inner.bucket, prefix: inner.prefix.replace(/\/$/, '') }, 'x'))
}

function overlaps(one: Place, other: Place): boolean {
  return contains(one, other) || contains(other, one)
}

function shownPlace({ bucket, prefix }: Place): string {
  return prefix === '' ? `'${bucket}'` : `'${bucket}/${prefix}'`
}
