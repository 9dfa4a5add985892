/** When work is done: one at a time, some at once, again after a while. */

/** One sweep at a time, the next a while after the last, or at once when asked. */
export function createSweeps(sweep: () => Promise<void>, pauseMs: number) {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let closed = false
  const arm = (ms: number): void => {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(go, ms)
  }
  const go = (): void => {
    running ??= sweep().finally(() => {
      running = null
      arm(pauseMs)
    })
  }
  arm(pauseMs)
  return {
    now: (): void => {
      // One that runs may be past what the caller means.
      if (running === null) arm(0)
      else void running.finally(() => arm(0))
    },
    close: async (): Promise<void> => {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Does `work` for each item, a number of them at once. */
export async function eachOf<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const running = new Set<Promise<void>>()
  for (const item of items) {
    const done = work(item).finally(() => running.delete(done))
    running.add(done)
    if (running.size >= atOnce) await Promise.race(running)
  }
  await Promise.all(running)
}

/** One at a time per key, in order of asking; different keys do not wait for each other. */
export function createTurns() {
  const last = new Map<string, Promise<void>>()
  return {
    take: (key: string, work: () => Promise<void>): Promise<void> => {
      const turn = (last.get(key) ?? Promise.resolve()).then(work)
      last.set(key, turn)
      void turn.finally(() => last.get(key) === turn && last.delete(key))
      return turn
    },
    idle: async (): Promise<void> => void (await Promise.all(last.values())),
  }
}
