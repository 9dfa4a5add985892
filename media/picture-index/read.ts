/** When a master's pictures are shown, from the index in its container; the parts of it that are read are yielded. */
import type { PictureIndex } from '../../core/contract/picture-index'
import type { Container } from '../../core/contract/source'
import { GantryError } from '../../core/contract/errors'
import type { ByteWalk } from '../box-walk'
import { matroskaPictures } from './matroska'
import { indexedPictures } from './mp4'
import { readTables } from './mp4-tables'
import { refused } from './refused'

/**
 * @param bytes Length of the file.
 * @param streamIndex Of the picture that is encoded, as ffmpeg counts.
 */
export function* readPictureIndex(container: Container, bytes: number, streamIndex: number): ByteWalk<PictureIndex> {
  try {
    if (container === 'mp4') return indexedPictures(yield* readTables(bytes, streamIndex))
    if (container === 'matroska') return yield* matroskaPictures(bytes, streamIndex)
    throw refused(`its container (${container}) has no index of pictures that seeks can rely on`)
  } catch (thrown) {
    if (thrown instanceof GantryError && thrown.code === 'SOURCE_UNREADABLE') {
      return { kind: 'none', reason: thrown.message, ...thrown.details }
    }
    throw thrown
  }
}
