/** What a soak does is drawn from its seed alone. */
import { LEASE_MS, SHAPES, soakPlan, type PlannedFault } from '../support/soak/plan'

const MINUTE_MS = 60_000

it('gives the same plan for the same seed, and another for another', () => {
  expect(soakPlan(7, 20 * MINUTE_MS)).toEqual(soakPlan(7, 20 * MINUTE_MS))
  expect(soakPlan(8, 20 * MINUTE_MS)).not.toEqual(soakPlan(7, 20 * MINUTE_MS))
})

it('begins a long plan like a short one', () => {
  const [short, long] = [soakPlan(7, 2 * MINUTE_MS), soakPlan(7, 20 * MINUTE_MS)]
  expect(long.faults.slice(0, short.faults.length)).toEqual(short.faults)
})

it.each([1, 2, 3, 4, 5])('has six faults a minute and more, of every kind, with seed %i', (seed) => {
  const { faults, acts } = soakPlan(seed, 20 * MINUTE_MS)
  expect(faults.length).toBeGreaterThanOrEqual(120)
  const kinds = new Set(faults.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(
    [
      ...['answer 500', 'answer 503', 'black hole', 'cut', 'cut bodies', 'flush', 'freeze', 'kill', 'latency'],
      ...['refuse', 'slow', 'term'],
    ].sort(),
  )
  expect(new Set(acts.flatMap((act) => (act.act === 'put' ? [act.shape] : [])))).toEqual(new Set(SHAPES))
  expect(new Set(acts.map(({ act }) => act)).size).toBe(7)
})

it('freezes for less than a lease and for more', () => {
  const frozen = soakPlan(1, 60 * MINUTE_MS).faults.filter((fault) => fault.kind === 'freeze')
  const leaseOf = ({ target }: PlannedFault): number => LEASE_MS[target.startsWith('w') ? 'worker' : 'scheduler']
  for (const isLonger of [true, false]) {
    expect(frozen.filter((fault) => fault.forMs > leaseOf(fault) === isLonger).length).toBeGreaterThan(5)
  }
})

it('hurts no target before it is well again', () => {
  const last = new Map<string, number>()
  for (const fault of soakPlan(3, 60 * MINUTE_MS).faults) {
    expect(fault.atMs).toBeGreaterThan(last.get(fault.target) ?? 0)
    last.set(fault.target, fault.atMs + ('forMs' in fault ? fault.forMs : 0))
  }
})
