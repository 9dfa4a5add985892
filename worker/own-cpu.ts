/** What a piece of work costs this process. */
export interface OwnCost {
  wallSeconds: number
  /** User plus system time of all of the process: of what else it does meanwhile, too. */
  cpuSeconds: number
}

export async function withOwnCost<T>(work: () => Promise<T>): Promise<OwnCost & { value: T }> {
  const [cpuBefore, startedMs] = [process.cpuUsage(), performance.now()]
  const value = await work()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { value, wallSeconds: (performance.now() - startedMs) / 1_000, cpuSeconds: (user + system) / 1e6 }
}
