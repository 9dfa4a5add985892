import { GantryError } from '../../core/contract/errors'

/** Why an index is not used; `readPictureIndex` turns it into its answer, so it never leaves this folder. */
export function refused(reason: string): GantryError {
  return new GantryError('SOURCE_UNREADABLE', reason)
}
