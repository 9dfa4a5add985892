/**
 * Sets how many workers run.
 *
 * Implementation: local processes (`core/adapters/local-workers.ts`).
 */
export interface CapacityDriver {
  setWorkers(count: number): Promise<void>
  /** Stops all workers: asks them first, ends them after the grace time. */
  close(graceMs: number): Promise<void>
}
