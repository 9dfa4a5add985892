/** What one of several schedulers does for all: brings on every open asset, and sweeps. */
import type { Lease } from '../core/ports/lease'
import type { OpenStore } from '../core/ports/object-store'
import { startLeadership, type Leadership } from '../core/service/leader'
import type { Release } from '../core/service/lifecycle'
import type { Logger } from '../core/service/logger'
import type { Target } from './routing/target'
import type { Scheduler } from './scheduler'
import { startSweeper } from './sweeper/sweeper'

export interface LeadOptions {
  take: () => Promise<Lease | null>
  lastsMs: number
  places: Pick<OpenStore, 'store' | 'state' | 'output' | 'storeOf'>
  /** Where assets go beside the output. */
  targets: readonly Target[]
  scheduler: Pick<Scheduler, 'sweep'>
  onChange: (leads: boolean) => void
  onStop: (name: string, release: Release) => void
  log: Logger
}

/** Tries to lead until it is stopped; a new leader looks at all that is open at once. */
export function lead(options: LeadOptions): Leadership {
  const { places, scheduler, log, onStop } = options
  const { store, state, storeOf } = places
  const sweeper = startSweeper({
    ...{ store, state, storeOf, log, now: () => new Date() },
    outputs: [{ place: places.output }, ...options.targets],
    leads: () => leadership.leads(),
  })
  onStop('sweeper', () => sweeper.close())
  const leadership = startLeadership({
    take: options.take,
    lastsMs: options.lastsMs,
    onChange: (leads) => {
      options.onChange(leads)
      if (!leads) return
      scheduler.sweep()
      sweeper.now()
    },
    log,
  })
  onStop('leadership', () => leadership.close())
  return leadership
}
