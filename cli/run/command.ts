/** `gantry run`: from words on the command line to published assets, or a service on an inbox. */
import type { Logger } from '../../core/service/logger'
import { asGantryError, type GantryError } from '../../core/contract/errors'
import { exitCodeOf } from '../view/end-report'
import { INBOX_TIMES, watchInbox } from '../input/inbox'
import { nodeInputFs } from '../input/input-fs'
import { expandInputs } from '../input/inputs'
import type { Asked } from '../input/request-file'
import type { RunOptions } from './arguments'
import { makeDemoMaster } from './demo-master'
import type { Display } from './display'
import { startFleet, type Fleet, type FleetOptions, type FleetSettings } from './fleet'

export interface RunContext {
  options: RunOptions
  settings: FleetSettings
  asked: Asked
  /** The caller's folder. */
  cwd: string
  searchPath: string
  display: Display
  log: Logger
  workerScript: string
  /** Aborted when the user or the system asks to stop. */
  signal: AbortSignal
}

/**
 * Runs the command to its end and releases all it started.
 *
 * @returns 0: everything is published; 1: something failed. When `signal` aborted, what was done so far decides nothing:
 * the caller knows why it stopped.
 * @throws SOURCE_, LADDER_ and CONFIG_ codes for what keeps it from starting.
 */
export async function runCommand(context: RunContext): Promise<0 | 1> {
  const { work } = context.options
  for (const note of context.asked.notes) context.display.note(note)
  if (work.mode === 'inbox') return serveInbox(context, work.folder)
  const files = work.mode === 'demo' ? [await demoMaster(context)] : await inputFiles(context, work.args)
  return encodeFiles(context, files)
}

async function demoMaster({ cwd, settings, display, signal }: RunContext): Promise<string> {
  display.note('making a 20 s demo film')
  return makeDemoMaster(cwd, { ffmpeg: settings.GANTRY_FFMPEG, ffprobe: settings.GANTRY_FFPROBE }, signal)
}

async function inputFiles({ cwd, options, display }: RunContext, args: readonly string[]): Promise<string[]> {
  const { files, skipped } = await expandInputs(args, { cwd, outFolder: options.outFolder }, nodeInputFs())
  for (const { path, reason } of skipped) display.note(`passed over: ${path} (${reason})`)
  return [...files]
}

/** Ends when each of its assets is closed. */
async function encodeFiles(context: RunContext, files: readonly string[]): Promise<0 | 1> {
  const closed = new Set<string>()
  const given = new Set<string>()
  let refused = 0
  let told: () => void = () => undefined
  const fleet = await startFleet({
    ...fleetOptions(context),
    again: 'renew',
    resumeAll: false,
    onClosed: (assetId) => {
      closed.add(assetId)
      told()
    },
  })
  try {
    for (const file of files) {
      if (context.signal.aborted) break
      const assetId = await submitted(context, fleet, file)
      if (assetId === null) refused += 1
      else given.add(assetId)
    }
    await new Promise<void>((resolve) => {
      told = () => [...given].every((assetId) => closed.has(assetId)) && resolve()
      context.signal.addEventListener('abort', () => resolve(), { once: true })
      told()
      if (context.signal.aborted) resolve()
    })
  } finally {
    context.display.stop()
    await fleet.close()
  }
  return refused > 0 ? 1 : exitCodeOf(context.display.view())
}

/** Runs until it is asked to stop; what earlier runs left open is finished too. */
async function serveInbox(context: RunContext, folder: string): Promise<0> {
  const { display, signal } = context
  const fleet = await startFleet({
    ...fleetOptions(context),
    again: 'same',
    resumeAll: true,
    onClosed: () => undefined,
  })
  const pending = new Set<Promise<unknown>>()
  try {
    const inbox = await watchInbox(folder, (file) => track(pending, submitted(context, fleet, file)), {
      ...INBOX_TIMES,
      onSkipped: (file) => display.note(`passed over: ${file} (its name is not of media)`),
      onError: (error) => display.note(errorLine(error)),
    })
    display.note(`watching ${folder}: put video files there; Ctrl-C stops`)
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await inbox.close()
    await Promise.allSettled(pending)
  } finally {
    display.stop()
    await fleet.close()
  }
  return 0
}

/** @returns The asset, or null for a file that could not even be looked at; that was said. */
async function submitted({ display, signal, asked }: RunContext, fleet: Fleet, file: string): Promise<string | null> {
  try {
    return (await fleet.submit(file, asked)).assetId
  } catch (thrown) {
    if (!signal.aborted) display.note(errorLine(asGantryError(thrown)))
    return null
  }
}

export function fleetOptions(
  context: Omit<RunContext, 'asked' | 'options'> & { options: Pick<RunOptions, 'outFolder' | 'workers'> },
): Omit<FleetOptions, 'again' | 'resumeAll' | 'onClosed'> {
  const { options, settings, display, log } = context
  return {
    ...{ settings, log, signal: context.signal, searchPath: context.searchPath },
    ...{ outFolder: options.outFolder, cwd: context.cwd },
    workers: options.workers ?? settings.GANTRY_WORKERS,
    workerScript: context.workerScript,
    onEvent: (event) => display.event(event),
    onWorkerLog: (line) => display.note(line),
  }
}

export function errorLine(error: GantryError): string {
  return `${error.code}: ${error.message}\n  what to do: ${error.remedy}`
}

function track(pending: Set<Promise<unknown>>, work: Promise<unknown>): void {
  pending.add(work)
  void work.finally(() => pending.delete(work))
}
