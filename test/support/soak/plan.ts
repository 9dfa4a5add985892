/** What happens in a soak and when, all of it from one seed. Pure. */
import { seededRandom, type SeededRandom } from '../seeded-random'

export const WORKERS = ['w1', 'w2'] as const
export const SCHEDULERS = ['s1', 's2'] as const
export const NETWORKED = ['redis', 's3', 'kafka'] as const

export type Process = (typeof WORKERS)[number] | (typeof SCHEDULERS)[number]

export type Fault =
  /** Started again under its name. */
  | { kind: 'kill'; target: Process }
  | { kind: 'term'; target: Process }
  | { kind: 'freeze'; target: Process; forMs: number }
  | { kind: 'flush'; target: 'redis' }
  | { kind: 'kill'; target: 'redis' }
  | { kind: 'kill'; target: 'kafka'; forMs: number }
  | { kind: 'black hole' | 'refuse'; target: (typeof NETWORKED)[number]; forMs: number }
  | { kind: 'latency'; target: (typeof NETWORKED)[number]; forMs: number; latencyMs: number }
  | { kind: 'slow'; target: (typeof NETWORKED)[number]; forMs: number; bytesPerSecond: number }
  | { kind: 'cut'; target: (typeof NETWORKED)[number] }
  /** Of a hundred requests so many. */
  | { kind: 'answer 500' | 'answer 503' | 'cut bodies'; target: 's3'; forMs: number; percent: number }

export type PlannedFault = Fault & { atMs: number }

export const SHAPES = ['sound', 'silent', 'portrait', 'real', 'not encodable', 'no media'] as const
export type Shape = (typeof SHAPES)[number]

export type Act =
  | { act: 'put'; shape: Shape }
  /** Of an asset that the number chooses among those that stand so. */
  | { act: 'overwrite' | 'repeat' | 'cancel' | 'retry' | 'redo' | 'delete'; choice: number }

export type PlannedAct = Act & { atMs: number }

export interface SoakPlan {
  faults: PlannedFault[]
  acts: PlannedAct[]
}

/** The leases that a soak runs with; frozen processes are so for less and for more than them. */
export const LEASE_MS = { worker: 4_000, scheduler: 10_000 } as const

/** Two cores make a small master in about this time, with all that breaks meanwhile. */
const PUT_EVERY_MS = 9_000
const QUIET_MS = 3_000
/** Between two faults: eight of them a minute. */
const GAP_MS = { from: 4_000, to: 11_000 } as const
/** A process that was ended is itself again after this. */
const RECOVERY_MS = 12_000

/** The same seed gives the same plan; a longer one begins like a shorter one. */
export function soakPlan(seed: number, lengthMs: number): SoakPlan {
  return { faults: faultsOf(seededRandom(seed), lengthMs), acts: actsOf(seededRandom(seed ^ 0x5eed), lengthMs) }
}

function faultsOf(random: SeededRandom, lengthMs: number): PlannedFault[] {
  const faults: PlannedFault[] = []
  /** When each target can be hurt again: two faults of one are one after the other. */
  const freeAt = new Map<string, number>()
  for (let atMs = QUIET_MS; atMs < lengthMs; atMs += random.integer(GAP_MS.from, GAP_MS.to)) {
    const fault = drawFault(random, (target) => (freeAt.get(target) ?? 0) <= atMs)
    faults.push({ ...fault, atMs })
    freeAt.set(fault.target, atMs + lastsMs(fault) + RECOVERY_MS)
  }
  return faults
}

function drawFault(random: SeededRandom, isFree: (target: string) => boolean): Fault {
  for (;;) {
    const fault = random.pick(FAULTS)(random)
    if (isFree(fault.target)) return fault
  }
}

function lastsMs(fault: Fault): number {
  return 'forMs' in fault ? fault.forMs : 0
}

type Draw = (random: SeededRandom) => Fault

const freeze: Draw = (random) => {
  const target = random.pick([...WORKERS, ...SCHEDULERS])
  const leaseMs = LEASE_MS[target.startsWith('w') ? 'worker' : 'scheduler']
  const isShort = random.next() < 0.4
  const forMs = isShort ? random.integer(300, leaseMs - 1_500) : random.integer(leaseMs + 1_000, leaseMs + 6_000)
  return { kind: 'freeze', target, forMs }
}
const latency: Draw = (random) => ({
  ...{ kind: 'latency', target: random.pick(NETWORKED), forMs: random.integer(2_000, 10_000) },
  latencyMs: random.integer(50, 400),
})
const slow: Draw = (random) => ({
  ...{ kind: 'slow', target: random.pick(NETWORKED), forMs: random.integer(2_000, 8_000) },
  bytesPerSecond: random.integer(20_000, 200_000),
})
const answers: Draw = (random) => ({
  ...{ kind: random.pick(['answer 500', 'answer 503', 'cut bodies'] as const), target: 's3' },
  ...{ forMs: random.integer(1_000, 8_000), percent: random.integer(20, 100) },
})

/** Each as likely as the others. */
const FAULTS: readonly Draw[] = [
  (random) => ({ kind: 'kill', target: random.pick(WORKERS) }),
  (random) => ({ kind: 'kill', target: random.pick(WORKERS) }),
  (random) => ({ kind: 'term', target: random.pick(WORKERS) }),
  (random) => ({ kind: 'kill', target: random.pick(SCHEDULERS) }),
  ...[freeze, freeze, latency, slow, answers, answers],
  () => ({ kind: 'flush', target: 'redis' }),
  () => ({ kind: 'kill', target: 'redis' }),
  (random) => ({ kind: 'kill', target: 'kafka', forMs: random.integer(1_000, 8_000) }),
  (random) => ({ kind: 'black hole', target: random.pick(NETWORKED), forMs: random.integer(1_000, 20_000) }),
  (random) => ({ kind: 'black hole', target: random.pick(NETWORKED), forMs: random.integer(1_000, 8_000) }),
  (random) => ({ kind: 'refuse', target: random.pick(NETWORKED), forMs: random.integer(1_000, 10_000) }),
  (random) => ({ kind: 'cut', target: random.pick(NETWORKED) }),
]

/** In ten masters one that cannot be encoded or is none. */
const PUT_SHAPES: readonly Shape[] = [
  ...(['sound', 'sound', 'sound', 'silent', 'silent', 'portrait', 'portrait', 'real', 'real'] as const),
  ...(['not encodable', 'no media'] as const),
]
const OTHERS = ['overwrite', 'repeat', 'cancel', 'retry', 'redo', 'delete'] as const
/** One act on what exists for so many new masters. */
const OTHER_SHARE = 0.6

function actsOf(random: SeededRandom, lengthMs: number): PlannedAct[] {
  const acts: PlannedAct[] = []
  for (let atMs = 0; atMs < lengthMs; atMs += PUT_EVERY_MS) {
    acts.push({ act: 'put', shape: random.pick(PUT_SHAPES), atMs })
    const other = { act: random.pick(OTHERS), choice: random.integer(0, 999), atMs: atMs + random.integer(500, 8_000) }
    if (random.next() < OTHER_SHARE && other.atMs < lengthMs) acts.push(other)
  }
  return acts.sort((a, b) => a.atMs - b.atMs)
}
