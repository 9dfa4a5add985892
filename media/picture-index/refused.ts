import { GantryError } from '../../core/contract/errors'
import type { NoPictureIndex } from '../../core/contract/picture-index'

/** Why an index is not used; `readPictureIndex` turns it into its answer, so it never leaves this folder. */
export function refused(reason: string, more: Pick<NoPictureIndex, 'isFragmented'> = {}): GantryError {
  return new GantryError('SOURCE_UNREADABLE', reason, more)
}
