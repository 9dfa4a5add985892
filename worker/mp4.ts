/** A progressive MP4 of one rung and the sound, from the stored segments, without encoding again. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { GantryError } from '../core/contract/errors'
import { TIMELINE_OFFSET_SECONDS, type Mp4Job } from '../core/contract/job'
import type { Intent, PlannedSound } from '../core/contract/intent'
import { outputKeys } from '../core/contract/keys'
import type { Mp4Marker } from '../core/contract/markers'
import { measure, storeOnce } from '../core/state/records'
import { readMarker, writeMarker } from '../core/state/run-records'
import { moovComesFirst } from '../media/mp4/layout'
import { attemptName, inFolder, markerBase } from './attempt'
import type { WorkerContext } from './context'
import type { CommandInput, FfmpegCommand } from './ffmpeg/command'
import { runOnSegments } from './remux'
import { objectsOf, viewRun } from './run-view'
import { endSeconds, type JoinedTrack } from './timeline'

/** Fixed name in the attempt's folder: no user text is near a command line. */
const FILE = 'out.mp4'
/** The index of a rung's MP4 is some 50 kB a minute; the layout check reads box headers only. */
const HEAD_BYTES = 64

export async function handleMp4(context: WorkerContext, job: Mp4Job, signal: AbortSignal): Promise<void> {
  if ((await readMarker<Mp4Marker>(context.store, job.state, job.part)) !== null) return
  const { intent, timeline } = await viewRun(context.store, job)
  const sounds = soundsOf(intent)
  const tracks = timeline.tracks.filter(({ id }) => id === job.rungId || sounds.has(id))
  const attempt = attemptName()
  const base = markerBase(job, attempt, context.workerId, context.now())
  if (job.rungId !== null && !tracks.some(({ id }) => id === job.rungId)) {
    await writeMarker<Mp4Marker>(context.store, job.state, { ...base, ...LEFT_OUT, rungId: job.rungId })
    return
  }
  const durationSeconds = Math.max(...tracks.map(endSeconds))
  const object = await inFolder(context.scratch, attempt, async (folder) => {
    await runOnSegments(context, job, {
      folder,
      inputs: tracks.map((track) => ({ objects: objectsOf(track), options: [] })),
      mediaSeconds: durationSeconds,
      command: (inputs) => remuxCommand(inputs, tracks, intent.sounds),
      signal,
    })
    const file = join(folder, FILE)
    await checkFastStart(file)
    const body = { ...(await measure(createReadStream(file))), open: () => createReadStream(file) }
    const target = { output: job.output, key: outputKeys.mp4(job.rungId), contentType: 'video/mp4' }
    return storeOnce(context.store, target, body, signal)
  })
  await writeMarker<Mp4Marker>(context.store, job.state, { ...base, rungId: job.rungId, object, durationSeconds })
}

/** Of an optional rung that could not be encoded. */
const LEFT_OUT = { object: null, durationSeconds: 0 } as const

/** All languages, in the ladder's first form: programs that open MP4 files rarely choose between forms. */
function soundsOf({ sounds }: Intent): Set<string> {
  const form = sounds[0]?.groups[0] ?? ''
  return new Set(sounds.flatMap(({ trackId, groups }) => (groups.includes(form) ? [trackId] : [])))
}

/**
 * `-copyts` keeps the sound's priming where it is (21 ms before the picture at 48 kHz): two inputs would else each be
 * shifted to their own start, and the sound would come late by it (measured). The edit list then hides the priming.
 */
export function remuxCommand(
  inputs: readonly CommandInput[],
  tracks: readonly JoinedTrack[],
  sounds: readonly PlannedSound[],
): FfmpegCommand {
  return {
    inputs: inputs.map((input, index) => (index === 0 ? { ...input, options: ['-copyts', ...input.options] } : input)),
    graph: null,
    outputs: [
      {
        target: FILE,
        options: [
          ...tracks.flatMap((track, index) => ['-map', `${index}:${track.kind === 'video' ? 'v' : 'a'}:0`]),
          ...languageWords(tracks, sounds),
          ...['-c', 'copy', '-output_ts_offset', String(-TIMELINE_OFFSET_SECONDS)],
          ...['-f', 'mp4', '-movflags', '+faststart'],
        ],
      },
    ],
  }
}

/** Tags were checked when the master was probed; one without gets none. */
function languageWords(tracks: readonly JoinedTrack[], sounds: readonly PlannedSound[]): string[] {
  const audio = tracks.filter(({ kind }) => kind === 'audio')
  return audio.flatMap(({ id }, index) => {
    const language = sounds.find(({ trackId }) => trackId === id)?.language ?? null
    return language === null ? [] : [`-metadata:s:a:${index}`, `language=${language}`]
  })
}

async function checkFastStart(file: string): Promise<void> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    if (!moovComesFirst(buffer.subarray(0, bytesRead), size)) {
      throw new GantryError('FFMPEG_OUTPUT_INVALID', 'the MP4 has its index at the end')
    }
  } finally {
    await handle.close()
  }
}
