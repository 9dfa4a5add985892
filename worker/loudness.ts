/** How loud a sound is. */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { AudioJob } from '../core/contract/job'
import type { Attempt } from '../core/ports/job-queue'
import type { WorkerContext } from './context'
import { loudnessCommand } from './ffmpeg/audio-args'
import type { Loudness } from './gain'
import { runOnMaster } from './on-master'

/** Under this the meter's gate has let nothing through. Source: ITU-R BS.1770-4, annex 1 (absolute gate at -70 LUFS). */
const SILENCE_LUFS = -69

/**
 * Decodes the sound once more to measure it: a gain that is the same from start to end keeps its dynamics, which a meter
 * that only knows the past cannot.
 *
 * @throws What reading the master throws; FFMPEG_ codes.
 */
export async function measureLoudness(
  context: WorkerContext,
  job: AudioJob,
  attempt: string,
  lease: Attempt,
): Promise<Loudness> {
  let loudness: Loudness = { integratedLufs: null, truePeak: 0 }
  await runOnMaster(context, {
    ...{ source: job.source, limits: job.limits, signal: lease.signal },
    folderName: `${attempt}-loudness`,
    command: (input) => loudnessCommand(job, input),
    consumers: [async (pipe) => void (loudness = await readMeter(pipe))],
  })
  return loudness
}

/** The meter tells ten times a second what it has so far; the last word is the whole. */
export async function readMeter(pipe: Readable): Promise<Loudness> {
  let integrated = -Infinity
  let truePeak = 0
  for await (const line of createInterface({ input: pipe })) {
    const [, key, value] = /^lavfi\.r128\.(I|true_peaks_ch\d+)=(.+)$/.exec(line) ?? []
    if (key === 'I') integrated = Number(value)
    else if (key !== undefined) truePeak = Math.max(truePeak, Number(value))
  }
  return { integratedLufs: integrated > SILENCE_LUFS ? integrated : null, truePeak }
}
