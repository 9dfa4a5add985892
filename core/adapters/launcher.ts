/** The only way ffmpeg and ffprobe are started: limits, nothing inherited, gone with the parent. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type {
  LaunchCommand,
  LaunchedProcess,
  ProcessExit,
  ProcessLauncher,
  ProcessLimits,
} from '../ports/process-launcher'
import { meterCpu } from './cpu-meter'
import { findProgram, missingTool, type ToolName } from './find-program'

export interface LauncherOptions {
  /** Names or paths of the programs. */
  ffmpeg: string
  ffprobe: string
  platform?: NodeJS.Platform
  /** Folders to look for programs in, and the children's PATH; by default this process's own. */
  searchPath?: string
}

/** Encodes give way to the services beside them. */
const NICENESS = 10
const OPEN_FILES = 256
/** The kernel's limit and procfs count processor time by two clocks, seen to differ by 4 %. */
const SPENT_PART = 0.9

/**
 * A launcher for this machine.
 *
 * On Linux a chain of `setpriv`, `prlimit` and `nice` replaces itself step by step by the program, so the pid is the
 * program's own; it dies by SIGKILL with its parent, however that ends. Elsewhere there are no limits and no such
 * death. Everywhere: a session of its own (Ctrl-C in a terminal would make ffmpeg end "well" with a short file), no
 * stdin, and an environment of PATH, LANG, HOME and TMPDIR only.
 *
 * A program that cannot be started gives a process with pid 0 and empty output whose `exited` rejects with
 * CONFIG_TOOL_MISSING (or QUEUE_INTERNAL where the system has no room for a process). A child ended by its limit on
 * processor time reports SIGXCPU.
 */
export function createLauncher(options: LauncherOptions): ProcessLauncher {
  const platform = options.platform ?? process.platform
  const searchPath = options.searchPath ?? process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
  const found = new Map<ToolName, string>()
  const locate = (tool: ToolName, program: string): string => {
    const path = found.get(tool) ?? findProgram(program, searchPath)
    if (path === null) throw missingTool(tool, { program, platform, why: 'was not found' })
    found.set(tool, path)
    return path
  }
  const words = (command: LaunchCommand): string[] => {
    const program = locate(command.program, options[command.program])
    if (platform !== 'linux') return [program, ...command.argv]
    return [
      ...[locate('setpriv', 'setpriv'), '--pdeathsig', 'KILL', '--'],
      ...[locate('prlimit', 'prlimit'), ...limitWords(command.limits), '--'],
      ...[locate('nice', 'nice'), '-n', String(NICENESS), '--'],
      ...[program, ...command.argv],
    ]
  }

  return {
    launch: (command) => {
      let child: ChildProcess
      try {
        const [first = '', ...argv] = words(command)
        child = spawn(first, argv, {
          cwd: command.folder,
          env: { PATH: searchPath, LANG: 'C', HOME: command.folder, TMPDIR: command.folder },
          stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: command.pipes }, () => 'pipe' as const)],
          detached: true,
        })
      } catch (thrown) {
        return neverStarted(command, thrown)
      }
      return watch(child, command, options[command.program], platform)
    },
  }
}

/** Soft and hard limit are one: ffmpeg takes the soft one's SIGXCPU for a wish to end well with a short file. */
function limitWords(limits: ProcessLimits): string[] {
  return [
    `--as=${Math.ceil(limits.memoryBytes)}`,
    `--cpu=${Math.max(1, Math.ceil(limits.cpuSeconds))}`,
    `--fsize=${Math.ceil(limits.fileBytes)}`,
    `--nofile=${OPEN_FILES}`,
    '--core=0',
  ]
}

function watch(
  child: ChildProcess,
  command: LaunchCommand,
  program: string,
  platform: NodeJS.Platform,
): LaunchedProcess {
  const outputs = child.stdio.slice(1).map((stream) => (stream instanceof Readable ? stream : Readable.from([])))
  const [stdout = Readable.from([]), stderr = Readable.from([]), ...pipes] = outputs
  const pid = child.pid ?? 0
  const cpu = meterCpu(pid, outputs, pid === 0 ? 'aix' : platform)
  const stopper = makeStopper(pid)

  const exited = new Promise<ProcessExit>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (pid === 0) reject(startError(command, program, platform, cause))
    })
    child.once('exit', () => {
      cpu.stop()
      stopper.ended()
    })
    child.once('close', (code, signal) => {
      const cpuSeconds = cpu.seconds()
      const isSpent = (cpuSeconds ?? 0) >= command.limits.cpuSeconds * SPENT_PART
      const isLimit = signal === 'SIGKILL' && !stopper.hasKilled() && isSpent
      resolve({ code, signal: isLimit ? 'SIGXCPU' : signal, cpuSeconds })
    })
  })
  // A caller may look at the output first; until it asks, a failed start must not end this process.
  exited.catch(() => undefined)
  return { pid, stdout, stderr, pipes, exited, stop: (graceMs) => stopper.stop(graceMs) }
}

interface Stopper {
  stop(graceMs: number): void
  /** From here on the pid may be another process's. */
  ended(): void
  hasKilled(): boolean
}

function makeStopper(pid: number): Stopper {
  let isOver = pid === 0
  let isKilled = false
  let hardStop: NodeJS.Timeout | undefined
  return {
    stop: (graceMs) => {
      if (isOver || hardStop !== undefined) return
      signalGroup(pid, 'SIGTERM')
      hardStop = setTimeout(() => {
        isKilled = true
        signalGroup(pid, 'SIGKILL')
      }, graceMs)
    },
    ended: () => {
      isOver = true
      clearTimeout(hardStop)
    },
    hasKilled: () => isKilled,
  }
}

/**
 * The child leads its session and group, so the group's number is its pid. It may have ended a moment ago: nobody is
 * there (ESRCH), or only what waits to be reaped (EPERM on macOS).
 */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw thrown
  }
}

function startError(
  command: LaunchCommand,
  program: string,
  platform: NodeJS.Platform,
  cause: NodeJS.ErrnoException,
): GantryError {
  if (!existsSync(command.folder)) {
    const message = `${command.program} was not started: its folder '${command.folder}' is not there`
    return new GantryError('QUEUE_INTERNAL', message, {}, { cause })
  }
  if (cause.code === 'ENOENT' || cause.code === 'EACCES') {
    return missingTool(command.program, { program, platform, why: `did not start: ${cause.code}` }, cause)
  }
  const message = `${command.program} was not started: ${cause.message}`
  return new GantryError('QUEUE_INTERNAL', message, { errno: cause.code ?? null }, { cause })
}

function neverStarted(command: LaunchCommand, thrown: unknown): LaunchedProcess {
  const error =
    thrown instanceof GantryError
      ? thrown
      : new GantryError(
          'QUEUE_INTERNAL',
          `${command.program} was not started: ${String(thrown)}`,
          {},
          { cause: thrown },
        )
  const exited = Promise.reject<ProcessExit>(error)
  exited.catch(() => undefined)
  return {
    pid: 0,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    pipes: Array.from({ length: command.pipes }, () => Readable.from([])),
    exited,
    stop: () => undefined,
  }
}
