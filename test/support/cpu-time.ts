/** CPU milliseconds of this process so far. A bound on work is one on these: wall time is that of whatever else runs, too. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
