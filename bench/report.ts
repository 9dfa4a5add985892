/** Pure: what was measured as a page for people, with the targets and whether they were met. */
import type { CaseName } from './arguments'
import type { CompareResult, CompareRound, GantryFigures } from './compare'
import type { MemoryOfMaster, MemoryResult } from './memory'
import type { Measured } from './meter'
import type { QualityResult } from './quality'
import type { ScalingResult } from './scaling'
import { median, ratioByRound, spreadOf, type Spread } from './statistics'
import { judge, TARGETS, type Target } from './targets'

export type CaseResult = CompareResult | ScalingResult | QualityResult | MemoryResult

export interface BenchReport {
  v: 1
  /** ISO 8601. */
  at: string
  machine: { cpu: string; cores: number; memoryBytes: number; load: number }
  versions: { node: string; ffmpeg: string }
  cases: Partial<Record<CaseName, CaseResult>>
}

export function headLines({ at, machine, versions }: BenchReport): string[] {
  const { cpu, cores, memoryBytes, load } = machine
  return [
    `${at}  ffmpeg ${versions.ffmpeg}, Node ${versions.node}`,
    `${cores} cores of ${cpu}, ${fixed(memoryBytes / 2 ** 30, 0)} GiB; load before ${fixed(load, 1)}`,
  ]
}

export function caseLines(result: CaseResult): string[] {
  switch (result.kind) {
    case 'compare':
      return compareLines(result)
    case 'scaling':
      return scalingLines(result)
    case 'quality':
      return qualityLines(result)
    case 'memory':
      return memoryLines(result)
  }
}

function compareLines({ master, rungs, rounds }: CompareResult): string[] {
  const of = (name: keyof CompareRound): Measured[] => rounds.map((round) => round[name])
  const perRung = rungs.length === 5 ? TARGETS.perRungOf5 : TARGETS.perRungOf4
  return [
    `${rungs.length} rungs of a ${master.heightPx}p master of ${master.seconds} s (${rungs.join(' ')}), ${rounds.length} rounds`,
    timesLine('gantry run, all of it', of('gantry')),
    timesLine('one ffmpeg', of('oneProcess')),
    timesLine('one ffmpeg a rung', of('processPerRung')),
    ...ratioLines('gantry / one ffmpeg', of('gantry'), of('oneProcess'), TARGETS.bare),
    ...ratioLines('gantry / one a rung', of('gantry'), of('processPerRung'), perRung),
    ...shareLines(rounds),
  ]
}

function timesLine(name: string, runs: readonly Measured[]): string {
  const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds))
  const wall = median(runs.map(({ wallSeconds }) => wallSeconds))
  return `  ${name.padEnd(26)}${fixed(cpu, 2).padStart(9)} CPU s${fixed(wall, 2).padStart(9)} s wall`
}

function ratioLines(name: string, over: readonly Measured[], under: readonly Measured[], target: Target): string[] {
  const ratio = (figure: keyof Measured): Spread =>
    ratioByRound(
      over.map((run) => run[figure]),
      under.map((run) => run[figure]),
    )
  return [
    targetLine(`${name}, CPU`, ratio('cpuSeconds'), target),
    targetLine(`${name}, wall`, ratio('wallSeconds'), target),
  ]
}

/** Where the time of the pipeline goes, and what it reads and writes. */
function shareLines(rounds: readonly CompareRound[]): string[] {
  const runs = rounds.map(({ gantry }) => gantry)
  const share = (of: (run: CompareRound['gantry']) => number): Spread =>
    spreadOf(runs.map((run) => of(run) / run.cpuSeconds))
  const bytes = ratioByRound(
    runs.map((run) => run.bytes),
    rounds.map(({ oneProcess }) => oneProcess.bytes),
  )
  const peak = (kind: 'scheduler' | 'worker' | 'ffmpeg'): string =>
    `${kind} ${megabytes(Math.max(...runs.map(({ tree }) => tree.peakRssBytes[kind])))}`
  return [
    targetLine(
      "Node's share of CPU",
      share(({ tree: { cpuSeconds } }) => cpuSeconds.scheduler + cpuSeconds.worker),
      TARGETS.node,
    ),
    figureLine(
      '  in it the workers',
      share(({ tree }) => tree.cpuSeconds.worker),
    ),
    figureLine(
      "encoders' share of CPU",
      share(({ encodeCpuSeconds }) => encodeCpuSeconds),
    ),
    targetLine('gate / encoders, CPU', spreadOf(runs.map(checkShare('gate'))), TARGETS.gate, 4),
    figureLine('gantry verify / encoders', spreadOf(runs.map(checkShare('verify'))), 4),
    figureLine(
      "redis' share of CPU",
      share(({ tree }) => tree.cpuSeconds.redis),
    ),
    targetLine('bytes stored / one ffmpeg', bytes, TARGETS.sameBytes),
    targetLine('bytes read / master, video', spreadOf(runs.map(({ read }) => read.video)), TARGETS.read),
    targetLine('bytes read / master, audio', spreadOf(runs.map(({ read }) => read.audio)), TARGETS.read),
    `  peak RSS: ${peak('scheduler')}, ${peak('worker')}, ${peak('ffmpeg')}`,
  ]
}

function checkShare(check: keyof GantryFigures['checkCpuSeconds']): (run: GantryFigures) => number {
  return ({ checkCpuSeconds, encodeCpuSeconds }) => checkCpuSeconds[check] / encodeCpuSeconds
}

function scalingLines({ seconds, pieces, rounds }: ScalingResult): string[] {
  const [one, two] = [rounds.map((round) => round.one), rounds.map((round) => round.two)]
  const ratio = (figure: keyof Measured): Spread =>
    ratioByRound(
      one.map((run) => run[figure]),
      two.map((run) => run[figure]),
    )
  return [
    `two workers of one encoder thread, a master of ${seconds} s in ${pieces} pieces, ${rounds.length} rounds`,
    timesLine('one worker', one),
    timesLine('two workers', two),
    targetLine('speed of two / of one', ratio('wallSeconds'), TARGETS.scaling),
    figureLine('CPU of one / of two', ratio('cpuSeconds')),
  ]
}

function qualityLines({ seconds, pieces, rungs }: QualityResult): string[] {
  return [
    `${pieces} pieces beside one, a master of ${seconds} s`,
    ...rungs.flatMap(({ id, whole, pieces: cut }) => [
      targetLine(`${id}: bytes / whole`, spreadOf([cut.bytes / whole.bytes]), TARGETS.pieceBytes),
      targetLine(`${id}: SSIM - ${fixed(whole.ssim, 4)}`, spreadOf([cut.ssim - whole.ssim]), TARGETS.pieceSsim, 4),
    ]),
  ]
}

function memoryLines({ masters }: MemoryResult): string[] {
  return masters.flatMap((master) => [memoryTitle(master), ...memoryOfMaster(master)])
}

function memoryTitle({ seconds, segments, mp4Bytes, cpuSeconds, wallSeconds }: MemoryOfMaster): string {
  const made = `${segments} segments, MP4 of ${megabytes(mp4Bytes)}`
  return `memory: ${seconds} s at one small rung, ${made}, ${fixed(cpuSeconds, 0)} CPU s, ${fixed(wallSeconds, 0)} s wall`
}

function memoryOfMaster({ peakRssBytes, scratch }: MemoryOfMaster): string[] {
  return [
    ...(['scheduler', 'worker'] as const).map((kind) =>
      targetLine(`peak RSS of ${kind}, MB`, spreadOf([peakRssBytes[kind] / 2 ** 20]), TARGETS.nodeMemory, 0),
    ),
    figureLine('peak RSS of ffmpeg, MB', spreadOf([peakRssBytes.ffmpeg / 2 ** 20]), 0),
    targetLine('scratch of picture and sound', spreadOf([scratch.media]), TARGETS.scratch, 0),
    figureLine('scratch of thumbnails, kB', spreadOf([scratch.pictures / 1_024]), 0),
  ]
}

function targetLine(name: string, spread: Spread, target: Target, digits = 3): string {
  const verdict = judge(spread.median, target) ? 'met' : 'MISSED'
  return `${figureLine(name, spread, digits)}  target ${target.words}: ${verdict}`
}

function figureLine(name: string, { median: middle, least, most }: Spread, digits = 3): string {
  const range = least === most ? '' : `(${fixed(least, digits)} to ${fixed(most, digits)})`
  return `  ${name.padEnd(28)}${fixed(middle, digits).padStart(9)} ${range.padEnd(18)}`.trimEnd()
}

function megabytes(bytes: number): string {
  return `${fixed(bytes / 2 ** 20, 0)} MB`
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-'
}
