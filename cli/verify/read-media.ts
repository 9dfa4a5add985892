/** Init segments and tables of one media playlist, and with `--deep` what a decoder says of each segment. */
import { GantryError } from '../../core/contract/errors'
import { keyOf } from '../../media/gate/asset'
import type { InitLook, PlaylistMedia, SegmentLook } from '../../media/gate/description'
import { lookAtInit, measureSegment, type InitTracks } from '../../media/gate/measure'
import type { GateMediaPlaylist, GateSegment, Named } from '../../media/gate/media-playlist'
import { inTurns } from './in-turns'
import { headOf, type Reading } from './reading'
import { readSegmentTables } from './segment-tables'

const INIT_BYTES = 4 * 1024 * 1024
const TEXT_BYTES = 1024
/** A minute of 8K. */
const SEGMENT_BYTES = 512 * 1024 * 1024

export interface Init {
  look: InitLook
  tracks: readonly InitTracks[]
  bytes: Buffer
}

export async function readMedia(
  reading: Reading,
  playlist: GateMediaPlaylist,
  isText: boolean,
): Promise<PlaylistMedia> {
  const inits = await readInits(reading, playlist)
  const segments: (SegmentLook | null)[] = playlist.segments.map(() => null)
  // What a playlist names a thousand times is read once.
  const seen = new Map<string, Promise<SegmentLook | null>>()
  await inTurns(playlist.segments, async (segment, index) => {
    if (segment.path === null) return
    const key = `${keyOf(segment)} ${segment.init === null ? '' : keyOf(segment.init)}`
    const look = seen.get(key) ?? lookAt(reading, segment, inits, isText)
    seen.set(key, look)
    segments[index] = await look
  })
  const looks = looksOf(inits)
  const told = reading.deep?.tracksOf(playlist.path)
  if (told !== undefined && looks.size === 0) looks.set('', { tracks: told })
  return { inits: looks, segments }
}

/** By `keyOf`, each once. */
export async function readInits(reading: Reading, { segments }: GateMediaPlaylist): Promise<Map<string, Init>> {
  const inits = new Map<string, Init>()
  for (const { init } of segments) {
    if (init?.path == null || inits.has(keyOf(init))) continue
    const read = await readInit(reading, init)
    if (read !== null) inits.set(keyOf(init), read)
  }
  return inits
}

export function looksOf(inits: ReadonlyMap<string, Init>): Map<string, InitLook> {
  return new Map([...inits].map(([key, { look }]) => [key, look]))
}

async function readInit(reading: Reading, init: Named): Promise<Init | null> {
  const { path, range } = init
  if (path === null || (await headOf(reading, path)) === null) return null
  const part = range === null ? null : { start: range.offset, end: range.offset + range.bytes - 1 }
  const bytes = await readUpTo(reading, path, part, INIT_BYTES)
  if (typeof bytes === 'string') return { look: { fault: bytes }, tracks: [], bytes: Buffer.alloc(0) }
  return { ...lookAtInit(bytes), bytes }
}

async function lookAt(
  reading: Reading,
  segment: GateSegment,
  inits: ReadonlyMap<string, Init>,
  isText: boolean,
): Promise<SegmentLook | null> {
  const { path, range, init } = segment
  const found = path === null ? null : await headOf(reading, path)
  if (path === null || found === null || segment.isEncrypted) return null
  const part = partOf(path, range, found.bytes)
  const { bytes } = part
  if (bytes === 0) return { fault: 'it is empty' }
  if (isText) {
    const text = await readUpTo(reading, path, rangeOf(part, 0, Math.min(TEXT_BYTES, bytes)), TEXT_BYTES)
    return { text: typeof text === 'string' ? '' : text.toString('utf8') }
  }
  const known = init === null ? undefined : inits.get(keyOf(init))
  const isKnown = known !== undefined && known.tracks.length > 0
  const measured = isKnown ? await measure(reading, part, known) : null
  return init !== null && !isKnown ? measured : lookDeeper(reading, { segment, part, init: known }, measured)
}

/** Bytes of an object that are one segment. */
export interface Part {
  path: string
  start: number
  bytes: number
}

/** As far as the object goes. */
export function partOf(path: string, range: Named['range'], objectBytes: number): Part {
  const start = range?.offset ?? 0
  return { path, start, bytes: Math.min(range?.bytes ?? objectBytes, Math.max(0, objectBytes - start)) }
}

export function rangeOf({ start }: Part, offset: number, bytes: number): { start: number; end: number } {
  return { start: start + offset, end: start + offset + bytes - 1 }
}

async function lookDeeper(
  reading: Reading,
  { segment, part, init }: { segment: GateSegment; part: Part; init: Init | undefined },
  measured: SegmentLook | null,
): Promise<SegmentLook | null> {
  if (reading.deep === null || (measured !== null && 'fault' in measured)) return measured
  const bytes = await readUpTo(reading, part.path, rangeOf(part, 0, part.bytes), SEGMENT_BYTES)
  if (typeof bytes === 'string') return { fault: bytes }
  return reading.deep.look({ playlist: segment.playlist, init: init?.bytes ?? null, bytes }, measured)
}

async function measure({ source }: Reading, part: Part, { tracks }: Init): Promise<SegmentLook> {
  const read = async (offset: number, bytes: number): Promise<Buffer> =>
    (await source.read(part.path, rangeOf(part, offset, bytes), bytes)) ?? Buffer.alloc(0)
  try {
    return measureSegment(await readSegmentTables(read, part.bytes), tracks)
  } catch (thrown) {
    if (thrown instanceof GantryError && thrown.code === 'FFMPEG_OUTPUT_INVALID') return { fault: thrown.message }
    throw thrown
  }
}

/** A text is what is wrong with it. */
async function readUpTo(
  { source }: Reading,
  path: string,
  range: { start: number; end: number } | null,
  maxBytes: number,
): Promise<Buffer | string> {
  const bytes = range === null ? ((await source.head(path))?.bytes ?? 0) : range.end - range.start + 1
  if (bytes > maxBytes) return `it has ${bytes} bytes, at most ${maxBytes} are read`
  return (await source.read(path, range, maxBytes)) ?? 'it is gone'
}
