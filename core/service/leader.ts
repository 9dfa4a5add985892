/** One of several processes leads: it holds a lease and renews it. */
import type { Lease } from '../ports/lease'
import type { Logger } from './logger'

export interface LeaderOptions {
  /** Takes the lease if nobody has it. */
  take: () => Promise<Lease | null>
  /** How long the lease lasts without renewal. */
  lastsMs: number
  onChange: (leads: boolean) => void
  log: Logger
}

export interface Leadership {
  leads(): boolean
  /** Lets another lead at once. */
  close(): Promise<void>
}

/** Renewals a lease lives through; one may get lost. */
const RENEWALS = 3

/**
 * Tries for the lease until closed. A leader whose lease cannot be renewed in time stops leading by its own clock. For a
 * moment two may lead (a process that was frozen): what a leader does is written so that this only costs work.
 */
export function startLeadership(options: LeaderOptions): Leadership {
  let lease: Lease | null = null
  let untilMs = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined

  const set = (next: Lease | null): void => {
    const changes = (next === null) !== (lease === null)
    lease = next
    if (!changes) return
    options.log.info({ leads: next !== null }, 'leadership changed')
    options.onChange(next !== null)
  }
  const turn = async (): Promise<void> => {
    const askedMs = performance.now()
    try {
      if (lease === null) set(await options.take())
      else if (!(await lease.renew())) set(null)
      if (lease !== null) untilMs = askedMs + options.lastsMs
    } catch (error) {
      options.log.debug({ err: error }, 'lease')
      if (performance.now() >= untilMs) set(null)
    }
    if (!closed) timer = setTimeout(next, options.lastsMs / RENEWALS)
  }
  const next = (): void => {
    running = turn()
  }
  let running = turn()
  return {
    leads: () => lease !== null && performance.now() < untilMs,
    close: async () => {
      closed = true
      clearTimeout(timer)
      await running
      const held = lease
      set(null)
      // A lease that cannot be given back runs out.
      await held?.letGo().catch((error: unknown) => options.log.debug({ err: error }, 'lease'))
    },
  }
}
