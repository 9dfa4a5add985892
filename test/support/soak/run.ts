/** A soak: steady work, faults from a seed, and at the end a judge over everything. */
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../seeded-random'
import { faultDoer, faultText } from './faults'
import { startSoakFleet, type SoakFleet } from './fleet'
import { judged } from './judge'
import { soakLoad, type SoakLoad } from './load'
import { soakMasters } from './masters'
import { soakPlan } from './plan'
import { countOf, resultLines, type SoakResult } from './report'

/** With all faults lifted, what is open must come to its end in this time. */
const DRAIN_MS = 600_000
const LOOK_MS = 500
/** What has just been closed may have put something into the queue. */
const STILL_LOOKS = 4

type Tell = (line: string) => void

/** @param tell Gets a line for each fault and act, and the closing table. */
export async function runSoak(options: { seed: number; minutes: number }, tell: Tell): Promise<SoakResult> {
  const { seed, minutes } = options
  tell(`seed ${seed}, ${minutes} minutes`)
  const fleet = await startSoakFleet()
  const load = soakLoad(fleet, soakMasters(fleet.folder, seededRandom(seed ^ 0xf17e)))
  try {
    const done = await carryOut(fleet, load, options, tell)
    const startedMs = performance.now()
    const isStill = await drained(load)
    const drainSeconds = (performance.now() - startedMs) / 1_000
    tell(isStill ? 'nothing is open any more' : 'something stays open')
    const found = await judged(fleet)
    const breaks = [...done.troubles, ...found.breaks]
    const result = { ...options, ...done, drainSeconds, ...found, breaks }
    resultLines(result).forEach(tell)
    return result
  } finally {
    load.close()
    await fleet.close()
  }
}

async function carryOut(
  fleet: SoakFleet,
  load: SoakLoad,
  { seed, minutes }: { seed: number; minutes: number },
  tell: Tell,
): Promise<Pick<SoakResult, 'faults' | 'acts'> & { troubles: string[] }> {
  const plan = soakPlan(seed, minutes * 60_000)
  const doer = faultDoer(fleet, seededRandom(seed ^ 0xfa17))
  const startedMs = performance.now()
  const at = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7)} s`
  const until = (atMs: number): Promise<unknown> => delay(Math.max(0, atMs - (performance.now() - startedMs)))
  const acts: string[] = []
  const making: Promise<void>[] = []
  const troubles: string[] = []
  const breakAll = async (): Promise<void> => {
    for (const fault of plan.faults) {
      await until(fault.atMs)
      tell(`${at()}  ${faultText(fault)}`)
      const told = (error: unknown): void => void troubles.push(`${faultText(fault)}: ${String(error)}`)
      making.push(doer.make(fault).catch(told))
    }
  }
  const actAll = async (): Promise<void> => {
    for (const act of plan.acts) {
      await until(act.atMs)
      const outcome = await load.act(act)
      acts.push(act.act)
      tell(`${at()}    ${act.act}: ${outcome}`)
    }
  }
  await Promise.all([breakAll(), actAll()])
  await Promise.all(making)
  await doer.liftAll()
  tell(`${at()}  all faults are lifted`)
  const faults = countOf(plan.faults.map(({ kind, target }) => `${kind} ${target}`))
  return { faults, acts: countOf(acts), troubles }
}

async function drained(load: SoakLoad): Promise<boolean> {
  const untilMs = performance.now() + DRAIN_MS
  for (let still = 0; still < STILL_LOOKS;) {
    if (performance.now() > untilMs) return false
    still = (await load.unfinished()) === 0 ? still + 1 : 0
    await delay(LOOK_MS)
  }
  return true
}
