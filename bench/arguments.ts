/** The command line of the bench as typed data. */
import path from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'

export const CASES = ['720p', '1080p', 'scaling', 'quality', 'memory'] as const

export type CaseName = (typeof CASES)[number]

export interface BenchOptions {
  cases: readonly CaseName[]
  rounds: number
  scale: Scale
  /** Absolute; null without one. */
  jsonFile: string | null
}

/** How much is encoded, in media seconds. */
export interface Scale {
  ladderSeconds: number
  scalingSeconds: number
  /** Pieces that the master of `scaling` is cut into. */
  scalingPieces: number
  qualitySeconds: number
  qualityPieceSeconds: number
  /** Of the short and of the long master. */
  memorySeconds: readonly [short: number, long: number]
}

const FULL: Scale = {
  ladderSeconds: 60,
  scalingSeconds: 60,
  scalingPieces: 12,
  qualitySeconds: 120,
  qualityPieceSeconds: 30,
  memorySeconds: [360, 10_800],
}

/** About two minutes in all; too short for the targets to be met, since starting costs the same for any master. */
const QUICK: Scale = {
  ladderSeconds: 6,
  scalingSeconds: 12,
  scalingPieces: 6,
  qualitySeconds: 12,
  qualityPieceSeconds: 4,
  memorySeconds: [30, 300],
}

const DEFAULT_ROUNDS = 3
const MAX_ROUNDS = 99
const MAX_SECONDS = 3_600

export type ParsedBench =
  { kind: 'bench'; options: BenchOptions } | { kind: 'help'; text: string } | { kind: 'usage'; message: string }

interface Raw {
  only: CaseName[]
  rounds?: number
  seconds?: number
  quick?: boolean
  json?: string
}

/** @param cwd Absolute folder of the caller. */
export function parseBench(argv: readonly string[], cwd: string): ParsedBench {
  let text = ''
  const command = benchCommand((written) => (text += written))
  try {
    command.parse(argv, { from: 'user' })
    return { kind: 'bench', options: optionsOf(command.opts<Raw>(), cwd) }
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return { kind: 'help', text }
    return { kind: 'usage', message: `${thrown.message.replace(/^error: /, '').replace(/\.$/, '')}; see bench --help` }
  }
}

function benchCommand(print: (text: string) => void): Command {
  return new Command('bench')
    .description(
      'Compares what Gantry costs with bare ffmpeg, on this machine: runs of both take turns, and the medians are told. ' +
        'GANTRY_FFMPEG names the build. What is measured and why: docs/performance.md.',
    )
    .usage('[options]')
    .addOption(new Option('--only <case...>', 'some cases').choices(CASES).default([...CASES], 'all'))
    .option('--rounds <n>', `rounds of each case (default: ${DEFAULT_ROUNDS}, 1 with --quick)`, wholeTo(MAX_ROUNDS))
    .option('--seconds <n>', 'length of the masters of 720p, 1080p and scaling', wholeTo(MAX_SECONDS))
    .option('--quick', 'short masters and one round, about two minutes; too short for the targets')
    .option('--json <file>', 'write all figures there')
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .allowExcessArguments(false)
    .exitOverride()
}

function optionsOf({ only, rounds, seconds, quick = false, json }: Raw, cwd: string): BenchOptions {
  const scale = quick ? QUICK : FULL
  return {
    cases: CASES.filter((name) => only.includes(name)),
    rounds: rounds ?? (quick ? 1 : DEFAULT_ROUNDS),
    scale: seconds === undefined ? scale : { ...scale, ladderSeconds: seconds, scalingSeconds: seconds },
    jsonFile: json === undefined ? null : path.resolve(cwd, json),
  }
}

function wholeTo(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
    if (value < 1 || value > most) throw new InvalidArgumentError(`it must be a whole number from 1 to ${most}`)
    return value
  }
}
