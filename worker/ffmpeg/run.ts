/** Runs ffmpeg once, through the launcher: watches it, ends it, and says in our words how it ended. */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { asGantryError, GantryError } from '../../core/contract/errors'
import type { FailureCode } from '../../core/contract/failures'
import type { LaunchedProcess, ProcessExit, ProcessLauncher, ProcessLimits } from '../../core/ports/process-launcher'
import { classifyFailure, damageOf, isDecodeWarning, isRetimed, type Damage } from './classify'
import { progressReader, type ProgressBlock } from './progress'

/** Words every ffmpeg of ours starts with. Progress comes on descriptor 3, outputs from 4 on. */
export const GLOBAL_WORDS: readonly string[] = [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+warning'],
  ...['-progress', 'pipe:3', '-stats_period', '0.5'],
]

/** Descriptor of the first output pipe. */
export const FIRST_OUTPUT_PIPE = 4

export interface FfmpegRun {
  argv: readonly string[]
  folder: string
  limits: ProcessLimits
  /** One consumer per output pipe, in order. A consumer that throws ends ffmpeg. */
  consumers: readonly ((pipe: Readable) => Promise<void>)[]
  onProgress: (block: ProgressBlock) => void
  /** No progress for this long means stuck. */
  stallSeconds: number
  /** A figure that counts as progress when it moves, beside what ffmpeg reports. */
  position?: () => number
  signal: AbortSignal
}

export interface FfmpegOutcome {
  wallSeconds: number
  cpuSeconds: number | null
  stderrTail: readonly string[]
  decodeWarnings: number
  corruptPictures: number
  lostPackets: number
  retimedPackets: number
}

/** The last lines kept for the report; ffmpeg prints its reason at the end. */
const STDERR_TAIL_LINES = 30
/** ffmpeg may flush its encoders for seconds after SIGTERM (seen with slow presets); then it is killed. */
const STOP_GRACE_MS = 5_000

/**
 * Resolves when ffmpeg exited 0 and every consumer has taken its pipe to the end. That is no proof of a right
 * output: ffmpeg exits 0 on a cut input, so the caller still counts and asks the gateway.
 *
 * @throws The abort reason; FFMPEG_STALLED; what a consumer threw; else the code `classifyFailure` finds.
 */
export async function runFfmpeg(launcher: ProcessLauncher, run: FfmpegRun): Promise<FfmpegOutcome> {
  run.signal.throwIfAborted()
  const startedMs = performance.now()
  const child = launcher.launch({
    program: 'ffmpeg',
    argv: run.argv,
    folder: run.folder,
    limits: run.limits,
    pipes: 1 + run.consumers.length,
  })
  const errors = collectErrors(child.stderr)
  child.stdout.resume()

  const ending = new AbortController()
  const end = (reason: unknown): void => {
    ending.abort(asGantryError(reason))
    child.stop(STOP_GRACE_MS)
  }
  const stall = setTimeout(() => {
    end(new GantryError('FFMPEG_STALLED', `ffmpeg made no progress for ${run.stallSeconds} s`))
  }, run.stallSeconds * 1_000)
  const onAbort = (): void => end(run.signal.reason)
  run.signal.addEventListener('abort', onAbort, { once: true })
  const consumed = consumePipes(child, run, () => stall.refresh(), end)

  const exit = await child.exited.finally(() => {
    clearTimeout(stall)
    run.signal.removeEventListener('abort', onAbort)
  })
  await consumed
  await errors.closed
  const { reason } = ending.signal as { reason?: unknown }
  if (reason !== undefined && !isConsequence(reason, exit)) throw asGantryError(reason)
  if (exit.code !== 0) throw exitError(exit, errors.tail)
  return {
    wallSeconds: (performance.now() - startedMs) / 1_000,
    cpuSeconds: exit.cpuSeconds,
    ...damageReport(errors),
  }
}

function damageReport(errors: ErrorLines): Omit<FfmpegOutcome, 'wallSeconds' | 'cpuSeconds'> {
  const { tail, decodeWarnings, damage, retimedPackets } = errors
  const { corrupt: corruptPictures, lost: lostPackets } = damage
  return { stderrTail: tail, decodeWarnings, corruptPictures, lostPackets, retimedPackets }
}

/** Settles when every pipe is read; a consumer's error ends ffmpeg and is kept, the other pipes drain. */
async function consumePipes(
  child: LaunchedProcess,
  run: FfmpegRun,
  alive: () => void,
  end: (reason: unknown) => void,
): Promise<void> {
  const [progress, ...outputs] = child.pipes
  const read = progressReader()
  let reached = ''
  progress?.setEncoding('utf8').on('data', (text: string) => {
    for (const block of read(text)) {
      // Newer ffmpeg reports on a timer, so only a figure that moved counts as life.
      const now = `${String(block.frames)} ${String(block.outSeconds)} ${run.position?.() ?? 0}`
      if (now !== reached) alive()
      reached = now
      run.onProgress(block)
    }
  })
  await Promise.all(
    run.consumers.map(async (consume, index) => {
      const pipe = outputs[index]
      if (pipe === undefined) return
      try {
        await consume(pipe)
      } catch (error) {
        end(error)
        pipe.resume()
      }
    }),
  )
}

interface ErrorLines {
  tail: string[]
  decodeWarnings: number
  damage: Record<Damage, number>
  retimedPackets: number
  closed: Promise<void>
}

/** A line may be as long as a hostile title; what is kept is short. */
const LINE_CHARS = 400

function collectErrors(stderr: Readable): ErrorLines {
  const lines = createInterface({ input: stderr })
  const errors: ErrorLines = {
    tail: [],
    decodeWarnings: 0,
    damage: { corrupt: 0, lost: 0 },
    retimedPackets: 0,
    closed: new Promise((resolve) => lines.once('close', resolve)),
  }
  let wasWarning = false
  let damage: Damage | null = null
  lines.on('line', (line) => {
    if (line.trim() === '') return
    const repeated = repeats(line)
    if (repeated === 0) [wasWarning, damage] = [isDecodeWarning(line), damageOf(line)]
    if (wasWarning) errors.decodeWarnings += Math.max(1, repeated)
    if (damage !== null) errors.damage[damage] += Math.max(1, repeated)
    if (isRetimed(line)) errors.retimedPackets += 1
    errors.tail.push(printable(line).slice(0, LINE_CHARS))
    if (errors.tail.length > STDERR_TAIL_LINES) errors.tail.shift()
  })
  return errors
}

/** How often the line before is said again; 0 for a line of its own. */
function repeats(line: string): number {
  return Number(/Last message repeated (\d{1,9}) times/.exec(line)?.[1] ?? 0)
}

/** Without the gateway's random path and without control characters of a hostile title. */
function printable(line: string): string {
  return line.replace(/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}/g, 'master').replace(/\p{Cc}/gu, ' ')
}

/** What ffmpeg exits with when it is asked to end. */
const ASKED_TO_END = 255

/** An empty pipe of an ffmpeg that failed by itself says nothing that its own last words do not say better. */
function isConsequence(reason: unknown, { code }: ProcessExit): boolean {
  return asGantryError(reason).code === 'FFMPEG_NO_OUTPUT' && code !== null && code !== 0 && code !== ASKED_TO_END
}

/** ffmpeg's exit code when more than two thirds (its `-max_error_rate`) of what it decoded was damaged. */
const TOO_MUCH_DAMAGE = 69

function exitError({ code: exited, signal }: ProcessExit, tail: readonly string[]): GantryError {
  if (exited === TOO_MUCH_DAMAGE) {
    const message = 'more than two thirds of what is in a track of the master cannot be decoded'
    return new GantryError('SOURCE_UNREADABLE', message, { stderrTail: tail })
  }
  const code = exitCode(signal, tail)
  if (code === 'FFMPEG_NO_OUTPUT') {
    return new GantryError(code, 'there is nothing to decode in a track of the master', { stderrTail: tail })
  }
  const how = signal === null ? `code ${String(exited)}` : `signal ${signal}`
  const reason = tail.at(-1) ?? 'it printed nothing'
  return new GantryError(code, `ffmpeg ended with ${how}: ${reason}`, { stderrTail: tail })
}

/** One that was killed had not come to its verdict: the damage it told of until then is not why it ended. */
function exitCode(signal: NodeJS.Signals | null, tail: readonly string[]): FailureCode {
  if (signal === 'SIGXCPU' || signal === 'SIGXFSZ') return 'FFMPEG_LIMIT'
  const told = classifyFailure(tail)
  return signal !== null && told.startsWith('SOURCE_') ? 'FFMPEG_EXIT' : told
}
