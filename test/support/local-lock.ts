import type { NamedLock } from '../../core/adapters/s3-guard'

/** One holder of a name at a time, within this process. */
export function localLock(): NamedLock {
  const last = new Map<string, Promise<unknown>>()
  return {
    withLock: (name, work) => {
      const turn = (last.get(name) ?? Promise.resolve()).then(work)
      last.set(
        name,
        turn.catch(() => undefined),
      )
      return turn
    },
  }
}
