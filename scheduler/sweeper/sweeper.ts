/** Sweeps from time to time, by the one scheduler that leads. */
import { asGantryError } from '../../core/contract/errors'
import type { Logger } from '../../core/service/logger'
import { createSweeps } from '../turns'
import { sweepLost, type SweepParts } from './sweep'

export interface SweeperOptions extends Omit<SweepParts, 'onTrouble'> {
  leads: () => boolean
  log: Logger
}

export interface Sweeper {
  /** Sweeps at once, for one that has just become the leader. */
  now(): void
  close(): Promise<void>
}

/** What is swept is a day old; an hour more does not matter. */
const SWEEP_MS = 3_600_000

export function startSweeper({ leads, log, ...parts }: SweeperOptions): Sweeper {
  const abort = new AbortController()
  const onTrouble = (thrown: unknown, what: string): void => {
    const { code, message } = asGantryError(thrown)
    log.warn({ code, reason: message, what }, 'not swept yet')
  }
  const sweep = async (): Promise<void> => {
    if (!leads()) return
    try {
      const swept = await sweepLost({ ...parts, onTrouble }, abort.signal)
      if (swept.objects + swept.writes > 0) log.info({ ...swept }, 'lost objects removed')
    } catch (error) {
      onTrouble(error, 'closed runs')
    }
  }
  const sweeps = createSweeps(sweep, SWEEP_MS)
  return {
    now: () => sweeps.now(),
    close: () => {
      abort.abort()
      return sweeps.close()
    },
  }
}
