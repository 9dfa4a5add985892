/** Makes a QuickTime file point at another file for its samples, as editors' reference movies do. */
import { box, bytesOf, zeros } from './media-bytes'

const PARENTS = ['moov', 'trak', 'mdia', 'minf', 'dinf']

/**
 * The same boxes with every data reference replaced by an alias. The index must stand behind the media, or its offsets
 * would be wrong. Source: QuickTime File Format, data reference atoms; Inside Macintosh, alias records.
 */
export function withExternalMedia(movie: Buffer, path: string): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at + 8 <= movie.length;) {
    const size = movie.readUInt32BE(at)
    const type = movie.toString('latin1', at + 4, at + 8)
    const body = movie.subarray(at + 8, at + size)
    if (PARENTS.includes(type)) parts.push(box(type, withExternalMedia(body, path)))
    else
      parts.push(
        type === 'dref' ? box('dref', bytesOf([0, 0, 0, 0, 0, 0, 0, 1], alias(path))) : movie.subarray(at, at + size),
      )
    at += size
  }
  return bytesOf(...parts)
}

/** An alias that names a file by its absolute path (record 2) one folder down. */
function alias(path: string): Uint8Array {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const volume = bytesOf([4], 'disk'.padEnd(27, '\0'))
  const file = bytesOf([name.length], name.padEnd(63, '\0'))
  const record = bytesOf([0, 2, path.length >> 8, path.length & 255], path, path.length % 2 === 0 ? [] : [0])
  const levels = [0, 1, 0, 1]
  const end = [255, 255, 0, 0]
  return box('alis', bytesOf(zeros(4), zeros(10), volume, zeros(12), file, zeros(16), levels, zeros(16), record, end))
}
