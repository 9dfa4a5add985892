/** A launcher whose process does what the test says: it prints, writes to its pipes and ends when told. */
import { PassThrough } from 'node:stream'
import type { LaunchCommand, ProcessExit, ProcessLauncher } from '../../core/ports/process-launcher'

export interface ScriptedFfmpeg {
  launcher: ProcessLauncher
  /** What it was started with. */
  commands: LaunchCommand[]
  stdout: PassThrough
  stderr: PassThrough
  /** Where progress is written. */
  progress: PassThrough
  /** The first output. */
  output: PassThrough
  /** Grace times that it was asked to stop with, in order. */
  stops: number[]
  /** Ends its outputs, then the process. */
  exit(exit: Partial<ProcessExit>): void
  /** As the real one that cannot be started. */
  failToStart(error: Error): void
}

/** @param onStop What it does when it is asked to stop; by default it ends by SIGTERM. */
export function scriptedFfmpeg(onStop?: (ffmpeg: ScriptedFfmpeg) => void): ScriptedFfmpeg {
  let resolve: (exit: ProcessExit) => void
  let reject: (error: Error) => void
  const exited = new Promise<ProcessExit>((...settle) => ([resolve, reject] = settle))
  exited.catch(() => undefined)
  const [stdout, stderr, progress, output] = [
    new PassThrough(),
    new PassThrough(),
    new PassThrough(),
    new PassThrough(),
  ]
  const endOutputs = (): void => [stdout, stderr, progress, output].forEach((stream) => stream.end())
  const ffmpeg: ScriptedFfmpeg = {
    ...{ commands: [], stdout, stderr, progress, output, stops: [] },
    launcher: {
      launch: (command) => {
        ffmpeg.commands.push(command)
        return {
          ...{ pid: 1, stdout, stderr, pipes: [progress, output], exited },
          stop: (graceMs) => {
            ffmpeg.stops.push(graceMs)
            if (onStop === undefined) ffmpeg.exit({ code: null, signal: 'SIGTERM' })
            else onStop(ffmpeg)
          },
        }
      },
    },
    exit: (exit) => {
      endOutputs()
      resolve({ code: 0, signal: null, cpuSeconds: 1.5, ...exit })
    },
    failToStart: (error) => {
      endOutputs()
      reject(error)
    },
  }
  return ffmpeg
}
