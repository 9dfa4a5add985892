/** The table that a soak closes with. Pure. */
export interface SoakResult {
  seed: number
  minutes: number
  /** How often, by a name. */
  faults: ReadonlyMap<string, number>
  acts: ReadonlyMap<string, number>
  /** Newest runs by their last word; a failure with its code. */
  ends: ReadonlyMap<string, number>
  runs: number
  pieces: { made: number; redone: number }
  lifecycleEvents: number
  /** A worker that is killed cannot end what it began to upload; the sweeper has. */
  staleUploads: number
  /** Objects of attempts that lost, which the sweeper has removed. */
  swept: number
  drainSeconds: number
  breaks: readonly string[]
}

export function resultLines(result: SoakResult): string[] {
  const { pieces, breaks, seed, minutes } = result
  return [
    '',
    ...section('faults', result.faults),
    ...section('acts', result.acts),
    ...section('assets by their end', result.ends),
    row('runs', result.runs),
    row('pieces made', pieces.made),
    row('pieces begun again', pieces.redone),
    row('lifecycle events', result.lifecycleEvents),
    row('uploads of dead workers, swept', result.staleUploads),
    row('objects of lost attempts, swept', result.swept),
    row('seconds until nothing was open', Math.round(result.drainSeconds)),
    row('breaks', breaks.length),
    ...breaks.map((line) => `  ${line}`),
    `seed ${seed}: npm run soak -- --minutes ${minutes} --seed ${seed}`,
  ]
}

function section(title: string, counts: ReadonlyMap<string, number>): string[] {
  const sum = [...counts.values()].reduce((total, count) => total + count, 0)
  return [
    row(title, sum),
    ...[...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, n]) => row(`  ${name}`, n)),
  ]
}

const NAME_COLUMNS = 40

function row(name: string, count: number): string {
  return `${name.padEnd(NAME_COLUMNS)}${String(count).padStart(6)}`
}

/** How often each is there. */
export function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
