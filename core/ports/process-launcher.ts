import type { Readable } from 'node:stream'

/**
 * Starts ffmpeg and ffprobe, and nothing else: cleared environment, own session and folder, limits, and on Linux
 * death together with the parent.
 */
export interface ProcessLauncher {
  launch(command: LaunchCommand): LaunchedProcess
}

export interface LaunchCommand {
  program: 'ffmpeg' | 'ffprobe'
  argv: readonly string[]
  /** Working folder; the process's own, made and removed by the caller. */
  folder: string
  limits: ProcessLimits
  /** How many pipes to open from descriptor 3 on. */
  pipes: number
}

export interface ProcessLimits {
  /** Address space. Below 2 GiB a five-rung 1080p ladder fails. */
  memoryBytes: number
  cpuSeconds: number
  /** Largest file it may write. */
  fileBytes: number
}

export interface LaunchedProcess {
  /** 0 when the process did not start. */
  pid: number
  stdout: Readable
  stderr: Readable
  /** Descriptors 3, 4, ... in order. */
  pipes: readonly Readable[]
  /** Resolves when the process has ended and all its output was read; never rejects after a start. */
  exited: Promise<ProcessExit>
  /** SIGTERM to the whole group, then SIGKILL after the grace time. Twice is the same as once. */
  stop(graceMs: number): void
}

export interface ProcessExit {
  code: number | null
  signal: NodeJS.Signals | null
  /** User plus system time where the platform tells. */
  cpuSeconds: number | null
}
