/** What the state knows of the machines that encode (`fleet/`). */

/**
 * What a worker found out about its machine at its start (`fleet/machines/<hash>.json`): one record for all machines
 * that are alike.
 */
export interface MachineRecord extends MachineKind {
  v: 1
  /** User and system time that ffmpeg took for the test picture (worker/ffmpeg/test-picture.ts). */
  cpuSeconds: number
  /** ISO 8601. */
  at: string
}

/** Machines that are alike in this encode at one speed. */
export interface MachineKind {
  /** Of the processor, as the system calls it. */
  cpu: string
  /** As Node calls it: `x64`, `arm64`. */
  arch: string
  ffmpegBuild: string
  /** Per rung; null: x264 decides. */
  encoderThreads: number | null
}

/** After this long a worker that starts measures again. */
const FRESH_DAYS = 7
/** After this long without a worker that starts the machines are taken to be gone. */
const COUNTED_DAYS = 30
/** Clocks of machines differ; what is dated further ahead was written by a wrong one. */
const CLOCK_SLACK_DAYS = 1

const DAY_MS = 86_400_000

/** Below 0 for what is dated ahead; NaN for what is no date. */
export function ageDays(at: string, now: Date): number {
  return (now.getTime() - Date.parse(at)) / DAY_MS
}

export function isFresh({ at }: MachineRecord, now: Date): boolean {
  return isYounger(at, now, FRESH_DAYS)
}

/** Whether machines of this kind are taken to be there. */
export function isCounted({ at }: MachineRecord, now: Date): boolean {
  return isYounger(at, now, COUNTED_DAYS)
}

function isYounger(at: string, now: Date, days: number): boolean {
  const age = ageDays(at, now)
  return age >= -CLOCK_SLACK_DAYS && age < days
}

/** Whether what was read is such a record; the state is private, but a planner must not stumble over what is in it. */
export function isMachineRecord(value: unknown): value is MachineRecord {
  if (typeof value !== 'object' || value === null) return false
  const { v, cpu, arch, ffmpegBuild, encoderThreads, cpuSeconds, at } = value as Partial<MachineRecord>
  return (
    v === 1 &&
    [cpu, arch, ffmpegBuild, at].every((text) => typeof text === 'string') &&
    (encoderThreads === null || Number.isInteger(encoderThreads)) &&
    Number.isFinite(cpuSeconds) &&
    (cpuSeconds ?? 0) > 0 &&
    Number.isFinite(Date.parse(at ?? ''))
  )
}
