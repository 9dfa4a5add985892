/** Of each entry of an I-frame playlist the tables that it begins with: one small request, seldom two. */
import { keyOf } from '../../media/gate/asset'
import type { IFrameMedia, PictureLook } from '../../media/gate/description'
import { lookAtPicture } from '../../media/gate/measure-picture'
import type { GateMediaPlaylist, GateSegment } from '../../media/gate/media-playlist'
import { inTurns } from './in-turns'
import { looksOf, partOf, rangeOf, readInits, type Init } from './read-media'
import { headOf, type Reading } from './reading'

/** Tables of a GOP are some KiB. */
const HEAD_BYTES = 16 * 1024
/** Tables of a GOP of hours. */
const MOST_HEAD_BYTES = 4 * 1024 * 1024

export async function readIFrames(reading: Reading, playlist: GateMediaPlaylist): Promise<IFrameMedia> {
  const inits = await readInits(reading, playlist)
  const pictures: (PictureLook | null)[] = playlist.segments.map(() => null)
  // What a playlist names a thousand times is read once.
  const seen = new Map<string, Promise<PictureLook | null>>()
  await inTurns(playlist.segments, async (segment, index) => {
    const key = `${keyOf(segment)} ${segment.init === null ? '' : keyOf(segment.init)}`
    const look = seen.get(key) ?? lookAt(reading, segment, inits)
    seen.set(key, look)
    pictures[index] = await look
  })
  return { inits: looksOf(inits), pictures }
}

/** Null for what has no init segment, as MPEG-TS, or one that cannot be used. */
async function lookAt(
  reading: Reading,
  { path, range, init, isEncrypted }: GateSegment,
  inits: ReadonlyMap<string, Init>,
): Promise<PictureLook | null> {
  const known = init === null ? undefined : inits.get(keyOf(init))
  const found = path === null ? null : await headOf(reading, path)
  if (path === null || found === null || isEncrypted || known === undefined || known.tracks.length === 0) return null
  const part = partOf(path, range, found.bytes)
  for (let bytes = Math.min(HEAD_BYTES, part.bytes); bytes <= MOST_HEAD_BYTES;) {
    const read = bytes === 0 ? null : await reading.source.read(path, rangeOf(part, 0, bytes), bytes)
    const head = read ?? Buffer.alloc(0)
    const look = lookAtPicture(head, head.byteLength < bytes ? head.byteLength : part.bytes, known.tracks)
    if (!('wantedBytes' in look)) return look
    bytes = look.wantedBytes
  }
  return { fault: 'cut', message: `the tables of the fragment are longer than ${MOST_HEAD_BYTES} bytes` }
}
