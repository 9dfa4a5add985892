/** Starts programs and waits for them. The only file of the bench that does. */
import { spawn } from 'node:child_process'
import { GantryError } from '../core/contract/errors'

export interface ProgramRun {
  argv: readonly string[]
  folder: string
  /** Complete. */
  env: Readonly<Record<string, string>>
  /** A session of its own, as the product gives to ffmpeg. */
  ownSession?: boolean
  onStart?: (pid: number) => void
  signal: AbortSignal
}

export interface ProgramOutput {
  stdout: string
  stderr: string
}

/** As the product starts its encoders; else a busy machine would slow down the one and not the other. */
const NICENESS = 10
/** Lines of a program that ended badly which are told. */
const TOLD_LINES = 5

/** @throws QUEUE_SHUTDOWN when `signal` aborted; FFMPEG_EXIT, QUEUE_INTERNAL when the program fails or does not start. */
export async function runProgram(program: string, run: ProgramRun): Promise<ProgramOutput> {
  run.signal.throwIfAborted()
  const child = spawn(program, run.argv, {
    ...{ cwd: run.folder, env: run.env, detached: run.ownSession === true },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = (): void => void child.kill('SIGTERM')
  run.signal.addEventListener('abort', stop, { once: true })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  if (child.pid !== undefined) run.onStart?.(child.pid)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    run.signal.throwIfAborted()
    if (code !== 0) throw endedBadly(program, code, stderr)
    return { stdout, stderr }
  } finally {
    run.signal.removeEventListener('abort', stop)
  }
}

/** One ffmpeg as the product starts it. */
export function runFfmpeg(program: string, run: Omit<ProgramRun, 'ownSession'>): Promise<ProgramOutput> {
  const argv = ['-n', String(NICENESS), '--', program, '-hide_banner', '-nostdin', '-y', ...run.argv]
  return runProgram('nice', { ...run, argv, ownSession: true })
}

function endedBadly(program: string, code: number | null, stderr: string): GantryError {
  const said = stderr.trim().split('\n').slice(-TOLD_LINES).join('\n  ')
  const name = program === 'nice' ? 'ffmpeg' : program
  return new GantryError(name === 'ffmpeg' ? 'FFMPEG_EXIT' : 'QUEUE_INTERNAL', `${name} ended with ${code}:\n  ${said}`)
}
