/** Watches a folder and tells of each master in it, once it has been written to its end. */
import { access, constants, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import { GantryError } from '../../core/contract/errors'
import { FileSettler, type SettleTimes } from './file-settler'
import { hasMediaName, isHiddenName, isOwnFolder, isPartialName } from './media-names'
import { systemCode } from '../system-code'

export interface InboxOptions extends SettleTimes {
  /** A file whose name is not of media: it is left alone. */
  onSkipped: (file: string) => void
  /** SOURCE_NOT_FOUND: the inbox itself is gone. SOURCE_DENIED, SOURCE_UNREADABLE: the rest of it is still watched. */
  onError: (error: GantryError) => void
}

export const INBOX_TIMES: SettleTimes = { stableMs: 2_000, pollMs: 250 }

export interface Inbox {
  /** Afterwards nothing is reported any more and no timer or watcher is left. Twice is the same as once. */
  close(): Promise<void>
}

/**
 * Calls `onFile` with the absolute path of each master: those that are there already, and those that come later, in any
 * subfolder. A file that is replaced or written again is reported again; one that is deleted before it is ready is not
 * reported at all, and neither is an empty one. Hidden and partial names are passed over; symbolic links are not
 * followed into folders. The folder is made if it is missing. Resolves when the folder is being watched.
 *
 * Settling is done here and not by the watcher: it waits only for files that appear later, so one that was half copied
 * at the start would be reported at once, and it looks at sizes only, which some copying tools set in advance.
 *
 * @throws STORE_DENIED when the folder cannot be made, SOURCE_DENIED when it may not be read.
 */
export async function watchInbox(
  folder: string,
  onFile: (file: string) => void,
  options: InboxOptions,
): Promise<Inbox> {
  const root = path.resolve(folder)
  await openFolder(root)
  const settler = new FileSettler(onFile, options)
  const watcher = watch(root, {
    followSymlinks: false,
    ignored: (entry) => isPassedOver(root, entry),
  })
  watcher.on('add', (file) => {
    if (hasMediaName(file)) settler.watch(file)
    else options.onSkipped(file)
  })
  watcher.on('change', (file) => {
    if (hasMediaName(file)) settler.watch(file)
  })
  watcher.on('unlink', (file) => {
    settler.forget(file)
  })
  tellWhenGone(watcher, root, options.onError)
  watcher.on('error', (thrown) => {
    options.onError(watchError(root, thrown))
  })
  await new Promise<void>((resolve) => void watcher.once('ready', resolve))

  return {
    async close() {
      settler.close()
      await watcher.close()
    },
  }
}

async function openFolder(root: string): Promise<void> {
  await mkdir(root, { recursive: true }).catch((cause: unknown) => {
    throw new GantryError('STORE_DENIED', `inbox folder '${root}' cannot be made (${systemCode(cause)})`, {}, { cause })
  })
  await access(root, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
    throw new GantryError('SOURCE_DENIED', `inbox folder '${root}' may not be read by this user`, {}, { cause })
  })
}

/** Only what lies below the inbox is judged: the inbox itself may have any name and place. */
function isPassedOver(folder: string, entry: string): boolean {
  const parts = path
    .relative(folder, entry)
    .split(path.sep)
    .filter((part) => part !== '')
  return parts.some((part) => isHiddenName(part) || isPartialName(part) || isOwnFolder(part))
}

/**
 * The watcher reports the removal of its own root only where it had content, so each renaming that the system tells of
 * makes us look. A folder that is made again under the same name is not the one that is watched.
 */
function tellWhenGone(watcher: FSWatcher, root: string, onError: InboxOptions['onError']): void {
  let told = false
  watcher.on('raw', (kind) => {
    if (kind !== 'rename' || told) return
    access(root).catch((cause: unknown) => {
      if (told || watcher.closed) return
      told = true
      const message = `the inbox folder '${root}' was removed or moved away; make it again and start again`
      onError(new GantryError('SOURCE_NOT_FOUND', message, { folder: root }, { cause }))
    })
  })
}

function watchError(folder: string, cause: unknown): GantryError {
  const code = systemCode(cause)
  const message = `inbox folder '${folder}' cannot be watched everywhere (${code})`
  const denied = code === 'EACCES' || code === 'EPERM'
  return new GantryError(denied ? 'SOURCE_DENIED' : 'SOURCE_UNREADABLE', message, { systemCode: code }, { cause })
}
