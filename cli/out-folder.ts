/** Where a command on one machine keeps things. */
import { join } from 'node:path'

/** In the caller's folder. */
export const DEFAULT_OUT = 'gantry-out'

/** Plans, markers, what is known of speeds; private. @param outFolder Absolute. */
export function stateFolderOf(outFolder: string): string {
  return join(outFolder, '.gantry')
}
