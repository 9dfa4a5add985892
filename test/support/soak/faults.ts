/** Does the faults of a plan to a fleet, and lifts them. */
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { redisTarget } from '../../../core/adapters/redis-connection'
import type { Fault as HttpFault } from '../fault-proxy'
import type { Behaviour } from '../faults/tcp-way'
import type { SeededRandom } from '../seeded-random'
import type { SoakFleet } from './fleet'
import { NETWORKED, type Fault, type PlannedFault, type Process } from './plan'

export interface FaultDoer {
  /** Resolves when the fault is over and who was ended runs again; the faults of one target come one after the other. */
  make(fault: PlannedFault): Promise<void>
  /** After the faults that are under way. */
  liftAll(): Promise<void>
}

export function faultDoer(fleet: SoakFleet, random: SeededRandom): FaultDoer {
  const turns = new Map<string, Promise<void>>()
  return {
    make: (fault) => {
      const made = (turns.get(fault.target) ?? Promise.resolve()).then(() => make(fleet, fault, random))
      turns.set(fault.target, made)
      return made
    },
    liftAll: async () => {
      await Promise.all(turns.values())
      for (const server of NETWORKED) fleet.services.network(server).behave('pass')
      if (fleet.services.proxy !== null) fleet.services.proxy.decide = () => null
    },
  }
}

function make(fleet: SoakFleet, fault: Fault, random: SeededRandom): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      if (fault.target === 'kafka') return killKafka(fleet, fault.forMs)
      // Its starter starts it again by itself, on the same socket, and empty.
      if (fault.target === 'redis') return Promise.resolve(void process.kill(fleet.services.redis.pid, 'SIGKILL'))
      return end(fleet, fault.target, 'SIGKILL')
    case 'term':
      return end(fleet, fault.target, 'SIGTERM')
    case 'freeze':
      return freeze(fleet, fault.target, fault.forMs)
    case 'flush':
      return flush(fleet)
    case 'cut':
      return Promise.resolve(fleet.services.network(fault.target).cut())
    case 'black hole':
    case 'refuse':
    case 'latency':
    case 'slow':
      return disturb(fleet, fault)
    case 'answer 500':
    case 'answer 503':
    case 'cut bodies':
      return answerBadly(fleet, fault, random)
  }
}

async function killKafka({ services: { kafka } }: SoakFleet, forMs: number): Promise<void> {
  kafka.process().signal('SIGKILL')
  await kafka.process().stop()
  await delay(forMs)
  await kafka.startAgain()
}

async function end(fleet: SoakFleet, name: Process, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  fleet.named(name).signal(signal)
  await fleet.startAgain(name)
}

async function freeze(fleet: SoakFleet, name: Process, forMs: number): Promise<void> {
  const frozen = fleet.named(name)
  frozen.signal('SIGSTOP')
  await delay(forMs)
  frozen.signal('SIGCONT')
}

async function flush({ services }: SoakFleet): Promise<void> {
  const redis = new Redis(redisTarget(services.redis.url))
  try {
    await redis.flushall()
  } finally {
    redis.disconnect()
  }
}

type NetworkFault = Extract<Fault, { kind: 'black hole' | 'refuse' | 'latency' | 'slow' }>

async function disturb({ services }: SoakFleet, fault: NetworkFault): Promise<void> {
  const network = services.network(fault.target)
  network.behave(behaviourOf(fault))
  await delay(fault.forMs)
  network.behave('pass')
}

function behaviourOf(fault: NetworkFault): Behaviour {
  switch (fault.kind) {
    case 'latency':
      return { latencyMs: fault.latencyMs }
    case 'slow':
      return { bytesPerSecond: fault.bytesPerSecond }
    case 'black hole':
    case 'refuse':
      return fault.kind
  }
}

type AnswerFault = Extract<Fault, { percent: number }>

/** Of what is cut so many bytes arrive at most. */
const CUT_BYTES = 2_000

async function answerBadly(
  { services: { proxy } }: SoakFleet,
  fault: AnswerFault,
  random: SeededRandom,
): Promise<void> {
  if (proxy === null) return
  proxy.decide = () => (random.integer(1, 100) > fault.percent ? null : httpFault(fault.kind, random))
  await delay(fault.forMs)
  proxy.decide = () => null
}

function httpFault(kind: AnswerFault['kind'], random: SeededRandom): HttpFault {
  if (kind === 'cut bodies') return { cutAfter: random.integer(1, CUT_BYTES) }
  return { answer: kind === 'answer 500' ? 500 : 503 }
}

/** For a line of the report. */
export function faultText(fault: Fault): string {
  const { kind, target, ...rest } = fault
  const figures = Object.entries(rest).filter(([name]) => name !== 'atMs')
  return [kind, target, ...figures.map(([name, value]) => `${name} ${value}`)].join(' ')
}
