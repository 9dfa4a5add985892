/** A worker's first look at its machine: how fast it encodes, told to the planner through the state. */
import { isFresh, type MachineKind } from '../core/contract/fleet'
import { asGantryError } from '../core/contract/errors'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import type { ProcessLauncher } from '../core/ports/process-launcher'
import type { Logger } from '../core/service/logger'
import { dropOldMachines, findMachine, noteMachine } from '../core/state/machines'
import { attemptName, inFolder } from './attempt'
import { ffmpegWords } from './ffmpeg/command'
import { GLOBAL_WORDS, runFfmpeg } from './ffmpeg/run'
import { testPictureCommand } from './ffmpeg/test-picture'

export interface CalibrationParts {
  store: ObjectStore
  state: Place
  launcher: ProcessLauncher
  scratch: string
  memoryBytes: number
  kind: MachineKind
  log: Logger
  now: () => Date
  signal: AbortSignal
}

/** It takes a third of a second on the machine that the reference speeds come from; what is far slower is not worth a wait. */
const LIMITS = { cpuSeconds: 5, wallMs: 15_000, stallSeconds: 10 }

/**
 * Measures the machine unless one like it was measured in the last days. Workers that start at once may all measure; one
 * record comes of it. Without one the planner takes the reference's speeds, so a failure is logged and stops nothing.
 */
export async function calibrate(parts: CalibrationParts): Promise<void> {
  const { store, state, kind, log, now, signal } = parts
  try {
    const found = await findMachine(store, state, kind)
    if (found?.record && isFresh(found.record, now())) return
    const cpuSeconds = await encodeTestPicture(parts)
    if (cpuSeconds === null) {
      log.info('machine not measured: the system does not tell processor time')
      return
    }
    const record = { v: 1 as const, ...kind, cpuSeconds, at: now().toISOString() }
    await noteMachine(store, state, record, found)
    log.info({ ...kind, cpuSeconds }, 'machine measured')
    await dropOldMachines(store, state, now())
  } catch (thrown) {
    if (signal.aborted) return
    const { code, message } = asGantryError(thrown)
    log.warn({ code, reason: message }, 'machine not measured; plans go by what is known of others')
  }
}

/** @returns Null where the system does not tell. @throws What `runFfmpeg` throws. */
function encodeTestPicture(parts: CalibrationParts): Promise<number | null> {
  const { launcher, memoryBytes, kind } = parts
  return inFolder(parts.scratch, attemptName(), async (folder) => {
    const { cpuSeconds } = await runFfmpeg(launcher, {
      argv: [...GLOBAL_WORDS, ...ffmpegWords(testPictureCommand(kind.encoderThreads))],
      folder,
      limits: { memoryBytes, cpuSeconds: LIMITS.cpuSeconds, fileBytes: 0 },
      consumers: [drain],
      onProgress: () => undefined,
      stallSeconds: LIMITS.stallSeconds,
      signal: AbortSignal.any([parts.signal, AbortSignal.timeout(LIMITS.wallMs)]),
    })
    return cpuSeconds
  })
}

/** What comes out is of no use. */
async function drain(pipe: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of pipe) void chunk
}
