/**
 * Takes the fragmented MP4 of one rendition from a pipe, cuts it into segments on the grid, measures each from its own
 * boxes and stores it while ffmpeg goes on. At most two segments are in memory; a slow store slows ffmpeg down.
 */
import type { Readable } from 'node:stream'
import { GantryError } from '../core/contract/errors'
import { TIMELINE_OFFSET_SECONDS } from '../core/contract/job'
import { at, outputKeys } from '../core/contract/keys'
import type { StoredObject, StoredSegment, TrackOutput } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { sha256Hex, storeOnce } from '../core/state/records'
import { shiftDecodeTimes, withEdit } from '../media/mp4/edit-list'
import { measureFragment, type FragmentMeasure } from '../media/mp4/fragment'
import { readInit, type InitFacts } from '../media/mp4/init'
import { createSplitter } from '../media/mp4/splitter'
import { keepTables } from './track-tables'

export interface TrackSinkOptions {
  store: ObjectStore
  /** The run's output. */
  output: Place
  kind: 'video' | 'audio'
  id: string
  /** Private to the attempt, for example `0000-k3x7qm2a`. */
  folder: string
  segmentSeconds: number
  /** How far before a grid line a fragment may start and still belong to the cell after it. */
  slackSeconds: number
  /** Null for sound. */
  picture: PictureTiming | null
  /** More samples than this means that the timeline is not believable. */
  maxSamples: number
  signal: AbortSignal
  /** Called with the position reached, in seconds of the timeline. */
  onAdvance: (seconds: number) => void
  /** Called after each segment with all that is stored; the next one waits for it. */
  onStored?: (soFar: StoredSoFar) => Promise<void>
}

export type StoredSoFar = Omit<TrackOutput, 'tables' | 'keyframeTicks'>

export interface PictureTiming {
  /** How long the last picture is shown: its own duration says when the next one is decoded. */
  shownSeconds: number
  /** What the edit list takes off in all pieces of the rendition, in pictures: how far the encoder reorders. */
  reorderedPictures: number
}

/** One fragment never comes near this: a GOP of an 8K rung at its ceiling is some 50 MB. */
const MAX_FRAGMENT_BYTES = 256 * 2 ** 20

interface Pending {
  number: number
  chunks: Uint8Array[]
  fragments: FragmentMeasure[]
}

/**
 * Reads the pipe to its end.
 *
 * @throws FFMPEG_OUTPUT_INVALID when the stream is no fragmented MP4 or ends within a box; FFMPEG_NO_OUTPUT when it has
 * no sample; FFMPEG_LIMIT over `maxSamples`; STORE_ codes when a segment cannot be stored.
 */
export async function storeTrack(pipe: Readable, options: TrackSinkOptions): Promise<TrackOutput> {
  const splitter = createSplitter({ maxPartBytes: MAX_FRAGMENT_BYTES })
  const track = trackWriter(options)
  for await (const chunk of pipe as AsyncIterable<Uint8Array>) {
    for (const part of splitter.push(chunk)) {
      if (part.type === 'init') await track.init(part.bytes)
      else await track.fragment(part.bytes)
    }
  }
  splitter.end()
  return track.end()
}

function trackWriter(options: TrackSinkOptions) {
  const uploads = segmentUploads(options, async (segments) => {
    await options.onStored?.(outputOf(present(init, options), segments, options))
  })
  const tables = keepTables(options)
  const keyframeTicks: number[] = []
  let init: Init | null = null
  let pending: Pending | null = null
  let samples = 0

  return {
    init: async (bytes: Uint8Array): Promise<void> => {
      init = await takeInit(options, bytes)
    },
    fragment: async (bytes: Uint8Array): Promise<void> => {
      const { facts, shiftTicks } = present(init, options)
      shiftDecodeTimes(bytes, shiftTicks)
      await tables.add(bytes)
      const measure = measureFragment(bytes, facts.defaults, facts.editTicks)
      samples += measure.samples
      checkSamples(samples, options)
      const number = cellOf(measure.startTicks, facts.timescaleHz, options)
      if (pending !== null && number > pending.number) await uploads.start(pending, facts.timescaleHz)
      if (pending === null || number > pending.number) pending = { number, chunks: [], fragments: [] }
      pending.chunks.push(bytes)
      pending.fragments.push(measure)
      if (options.kind === 'video') keyframeTicks.push(...measure.keyframeTicks)
      options.onAdvance(endOf(measure, options, facts.timescaleHz) / facts.timescaleHz - TIMELINE_OFFSET_SECONDS)
    },
    end: async (): Promise<TrackOutput> => {
      const begun = present(init, options)
      if (pending === null) throw noOutput(options)
      await uploads.start(pending, begun.facts.timescaleHz)
      const segments = await uploads.all()
      return { ...outputOf(begun, segments, options), samples, tables: await tables.end(), keyframeTicks }
    },
  }
}

function outputOf(
  { facts: { codec, timescaleHz }, stored: init }: Init,
  segments: readonly StoredSegment[],
  { id }: TrackSinkOptions,
): StoredSoFar {
  return { id, init, codec, timescaleHz, segments }
}

/** One upload goes on while the next segment is gathered; a second one waits for it. */
function segmentUploads(options: TrackSinkOptions, onStored: (soFar: readonly StoredSegment[]) => Promise<void>) {
  const segments: StoredSegment[] = []
  let running: Promise<void> = Promise.resolve()
  return {
    start: async (segment: Pending, timescaleHz: number): Promise<void> => {
      await running
      running = storeSegment(options, segment, timescaleHz).then((stored) => {
        segments.push(stored)
        return onStored(segments)
      })
      // A failure is met at the next start or at the end; until then it must not count as unhandled.
      running.catch(() => undefined)
    },
    all: async (): Promise<readonly StoredSegment[]> => {
      await running
      return segments
    },
  }
}

function checkSamples(samples: number, { maxSamples, id }: TrackSinkOptions): void {
  if (samples <= maxSamples) return
  const found = `more than ${maxSamples} samples came out of rendition '${id}'`
  throw new GantryError('FFMPEG_LIMIT', `${found}: its timestamps are not believable`)
}

/** The cell of the segment grid a fragment starts in, over the whole timeline of the asset. */
function cellOf(startTicks: number, timescaleHz: number, options: TrackSinkOptions): number {
  const seconds = startTicks / timescaleHz - TIMELINE_OFFSET_SECONDS
  return Math.max(0, Math.floor((seconds + options.slackSeconds) / options.segmentSeconds))
}

async function storeSegment(options: TrackSinkOptions, segment: Pending, timescaleHz: number): Promise<StoredSegment> {
  const bytes = Buffer.concat(segment.chunks)
  const key = outputKeys.segment(options.kind, options.id, options.folder, segment.number)
  await options.store.write(at(options.output, key), bytes, {
    contentType: 'video/iso.segment',
    caching: 'immutable',
    signal: options.signal,
  })
  const [first] = segment.fragments
  return {
    key,
    bytes: bytes.byteLength,
    sha256: sha256Hex(bytes),
    number: segment.number,
    startTicks: Math.min(...segment.fragments.map((fragment) => fragment.startTicks)),
    endTicks: Math.max(...segment.fragments.map((fragment) => endOf(fragment, options, timescaleHz))),
    samples: segment.fragments.reduce((sum, fragment) => sum + fragment.samples, 0),
    startsWithKeyframe: first?.startsWithKeyframe ?? false,
  }
}

function endOf(fragment: FragmentMeasure, { picture }: TrackSinkOptions, timescaleHz: number): number {
  return picture === null ? fragment.endTicks : fragment.lastTicks + Math.round(picture.shownSeconds * timescaleHz)
}

interface Init {
  facts: InitFacts
  stored: StoredObject
  /** By how much later the samples are decoded for the rendition's edit list than for ffmpeg's. */
  shiftTicks: number
}

async function takeInit(options: TrackSinkOptions, given: Uint8Array): Promise<Init> {
  const own = readInit(given)
  const { picture } = options
  if (picture === null) return { facts: own, stored: await storeInit(options, given), shiftTicks: 0 }
  const pictureTicks = Math.round(picture.shownSeconds * own.timescaleHz)
  const editTicks = picture.reorderedPictures * pictureTicks
  const stored = await storeInit(options, withEdit(given, editTicks))
  return { facts: { ...own, editTicks }, stored, shiftTicks: editTicks - own.editTicks }
}

function storeInit(options: TrackSinkOptions, bytes: Uint8Array): Promise<StoredObject> {
  const key = outputKeys.init(options.kind, options.id, sha256Hex(bytes))
  const target = { output: options.output, key, contentType: 'video/mp4' }
  return storeOnce(options.store, target, bytes, options.signal)
}

/** With `delay_moov` ffmpeg writes the init segment with the first fragment; a track without samples has none. */
function present<T>(init: T | null, options: TrackSinkOptions): T {
  if (init === null) throw noOutput(options)
  return init
}

function noOutput({ kind, id }: TrackSinkOptions): GantryError {
  const what = kind === 'video' ? 'picture' : 'sound'
  return new GantryError('FFMPEG_NO_OUTPUT', `no ${what} could be decoded for rendition '${id}'`)
}
