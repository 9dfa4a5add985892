/** Messages of the intakes to submissions: which way each object goes, and what a request asks for. */
import type { Place } from '../../core/contract/source'
import { NO_REQUEST } from '../../core/contract/request'
import type { TakeMessage } from '../../core/ports/intake'
import type { OpenStore } from '../../core/ports/object-store'
import type { Logger } from '../../core/service/logger'
import type { RequestDocument } from '../../routes/request-schema'
import { askedOf, createRouter, type Router } from '../routing/router'
import type { Routing } from '../routing/routing'
import type { Scheduler } from '../scheduler'
import type { Submission } from '../submit'
import { createMessageTaker, type TakerParts } from './take-message'
import { allowedSource, findAsked } from './take-request'

export interface IntakeParts extends Pick<TakerParts, 'onCount'> {
  places: Pick<OpenStore, 'store' | 'state'>
  routing: Routing
  scheduler: Pick<Scheduler, 'submit'>
  log: Logger
}

/** Where Gantry itself writes: nothing from there is a master. */
export function ownPlaces({ places, routing }: Pick<IntakeParts, 'places' | 'routing'>): Place[] {
  return [places.state, ...routing.outputs]
}

/** Says what of a request can be said without asking the store. @throws API_ codes. */
export function requestCheck(parts: Pick<IntakeParts, 'places' | 'routing'>): (request: RequestDocument) => void {
  const where = { sources: parts.routing.settings.sources, ownPlaces: ownPlaces(parts) }
  return (request) => {
    allowedSource(request, where)
    askedOf(request, parts.routing)
  }
}

export function takerOf(parts: IntakeParts): TakeMessage {
  const { routing, places, onCount, log } = parts
  const { store } = places
  const router = createRouter(routing, (object, kind) => store.labels(object, kind))
  const common = {
    ...{ sources: routing.settings.sources, ownPlaces: ownPlaces(parts) },
    find: (at: Parameters<typeof store.head>[0]) => store.head(at),
  }
  return createMessageTaker({
    ...common,
    ...{ onCount, log },
    submit: async (source, signal) => {
      const route = await router.route(source)
      if (route === null) {
        log.debug({ bucket: source.bucket, key: source.key }, 'a rule leaves the object alone')
        return 'ignored'
      }
      return submitted(parts, { source, request: NO_REQUEST, again: 'same' }, route, signal)
    },
    submitRequest: async (document, signal) => {
      const { source, request, route } = await findAsked(document, { ...common, route: router.routeRequest })
      return submitted(parts, { source, request, again: 'once' }, route, signal)
    },
  })
}

async function submitted(
  { scheduler, log }: IntakeParts,
  asked: Pick<Submission, 'source' | 'request' | 'again'>,
  { rule, ...route }: NonNullable<Awaited<ReturnType<Router['route']>>>,
  signal: AbortSignal,
): Promise<'taken' | 'stale'> {
  const { assetId, run, outcome } = await scheduler.submit({ ...asked, ...route, retell: false }, signal)
  const { bucket, key } = asked.source
  const facts = { ladder: route.ladder.name, output: route.target.place, rule, lane: route.lane }
  log.info({ assetId, run, outcome, bucket, key, ...facts }, 'master taken')
  return outcome === 'stale' ? 'stale' : 'taken'
}
