/** From what stands on the command line to the list of masters. */
import path from 'node:path'
import { GantryError } from '../../core/contract/errors'
import { hasMediaName, isDoubtfulName, isHiddenName, isOwnFolder, isPartialName, TS_SYNC_BYTE } from './media-names'
import { systemCode } from '../system-code'

/** The part of `node:fs/promises` that is used; symbolic links are followed. */
export interface InputFs {
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean }>
  readdir(path: string): Promise<string[]>
  realpath(path: string): Promise<string>
  /** The first byte; null for an empty file. */
  firstByte(path: string): Promise<number | null>
}

export interface ExpandedInputs {
  /** Absolute paths, each file once, in the order of the command line and then by name. */
  files: string[]
  skipped: SkippedInput[]
}

export interface SkippedInput {
  path: string
  reason: 'no media name' | 'not a file' | 'not readable' | 'still being written'
}

export interface InputLimits {
  maxFiles: number
  /** Entries looked at: bounds a walk that was pointed at a whole disk by mistake. */
  maxEntries: number
}

export const INPUT_LIMITS: InputLimits = { maxFiles: 10_000, maxEntries: 250_000 }

interface Walk extends ExpandedInputs {
  fs: InputFs
  limits: InputLimits
  outFolder: string
  /** Real paths of files and folders that were taken: a link can lead to what was seen, or round in a circle. */
  seen: Set<string>
  /** Media files met so far, those met again included. */
  met: number
  entries: number
}

/** `clip2` comes before `clip10`. */
const BY_NAME = new Intl.Collator('en', { numeric: true })

/**
 * The masters that the arguments name.
 *
 * A file is taken as given, whatever its name: probing will say what it is. A folder is walked in the order of names;
 * hidden entries, the folders Gantry writes and published assets are passed over in silence, names that are not of
 * media, sockets, devices and what may not be read are returned in `skipped`.
 *
 * @param outFolder Absolute; never walked into, so that output does not become input.
 * @throws SOURCE_NOT_FOUND when an argument is not there or a folder holds no media; SOURCE_DENIED when it may not be
 * read; SOURCE_UNREADABLE for sockets, devices and FIFOs; API_USAGE for what is no path, and over the limits.
 */
export async function expandInputs(
  args: readonly string[],
  where: { cwd: string; outFolder: string },
  fs: InputFs,
  limits: InputLimits = INPUT_LIMITS,
): Promise<ExpandedInputs> {
  const walk: Walk = {
    ...{ files: [], skipped: [], seen: new Set(), met: 0, entries: 0 },
    ...{ fs, limits, outFolder: where.outFolder },
  }
  for (const arg of args) await takeArgument(arg, where.cwd, walk)
  return { files: walk.files, skipped: walk.skipped }
}

async function takeArgument(arg: string, cwd: string, walk: Walk): Promise<void> {
  checkArgument(arg)
  const full = path.resolve(cwd, arg)
  try {
    const facts = await walk.fs.stat(full)
    if (facts.isFile()) {
      await takeFile(full, walk)
      return
    }
    if (facts.isDirectory()) {
      await takeGivenFolder(arg, full, walk)
      return
    }
  } catch (thrown) {
    throw thrown instanceof GantryError ? thrown : cannotOpen(arg, full, thrown)
  }
  throw new GantryError(
    'SOURCE_UNREADABLE',
    `'${arg}' is a socket, device or FIFO: a master is read in any order, so it must be a regular file`,
    { path: full },
  )
}

function checkArgument(arg: string): void {
  const fault =
    arg === ''
      ? 'an input is empty'
      : arg.includes('\0')
        ? 'an input holds a zero byte'
        : arg === '-'
          ? 'standard input cannot be a master, since a master is read in any order'
          : /^[a-z][a-z0-9+.-]+:\/\//i.test(arg)
            ? `'${arg}' is a URL`
            : null
  if (fault) throw new GantryError('API_USAGE', `${fault}; give files or folders of this machine`, { input: arg })
}

async function takeGivenFolder(arg: string, full: string, walk: Walk): Promise<void> {
  const { met, skipped } = { met: walk.met, skipped: walk.skipped.length }
  const real = await walk.fs.realpath(full)
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  await takeEntries(full, await walk.fs.readdir(full), walk)
  if (walk.met > met) return
  const others = walk.skipped.length - skipped
  throw new GantryError(
    'SOURCE_NOT_FOUND',
    `folder '${arg}' holds no media${others > 0 ? ` (${others} other entries were left out)` : ''}; ` +
      'names must end like .mp4, .mov or .mkv, and a file with another name can be given by itself',
    { path: full, skipped: others },
  )
}

async function takeEntries(folder: string, names: readonly string[], walk: Walk): Promise<void> {
  for (const name of [...names].sort(BY_NAME.compare)) {
    walk.entries++
    if (walk.entries > walk.limits.maxEntries) throw tooMany('entries', walk.limits.maxEntries, folder)
    if (isHiddenName(name)) continue
    try {
      await takeEntry(path.join(folder, name), name, walk)
    } catch (thrown) {
      if (thrown instanceof GantryError) throw thrown
      // One that vanished, a link to nowhere or a folder without permission does not hold up the others.
      walk.skipped.push({ path: path.join(folder, name), reason: 'not readable' })
    }
  }
}

async function takeEntry(full: string, name: string, walk: Walk): Promise<void> {
  const facts = await walk.fs.stat(full)
  if (facts.isDirectory()) return takeFoundFolder(full, name, walk)
  const reason = !facts.isFile() ? 'not a file' : await nameFault(full, name, walk.fs)
  if (reason) walk.skipped.push({ path: full, reason })
  else await takeFile(full, walk)
}

async function nameFault(full: string, name: string, fs: InputFs): Promise<SkippedInput['reason'] | null> {
  if (isPartialName(name)) return 'still being written'
  if (!hasMediaName(name)) return 'no media name'
  return isDoubtfulName(name) && (await fs.firstByte(full)) !== TS_SYNC_BYTE ? 'no media name' : null
}

async function takeFoundFolder(full: string, name: string, walk: Walk): Promise<void> {
  if (isOwnFolder(name) || full === walk.outFolder) return
  const real = await walk.fs.realpath(full)
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  const names = await walk.fs.readdir(full)
  if (!isOutput(names)) await takeEntries(full, names, walk)
}

/** An output folder of another run, whatever its name, or an asset that was published. */
function isOutput(names: readonly string[]): boolean {
  return names.includes('.gantry') || (names.includes('master.m3u8') && names.includes('asset.json'))
}

async function takeFile(full: string, walk: Walk): Promise<void> {
  const real = await walk.fs.realpath(full)
  walk.met++
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  walk.files.push(full)
  if (walk.files.length > walk.limits.maxFiles) throw tooMany('masters', walk.limits.maxFiles, path.dirname(full))
}

function tooMany(what: string, allowed: number, folder: string): GantryError {
  return new GantryError(
    'API_USAGE',
    `the inputs hold more than ${allowed} ${what} (the limit was passed in '${folder}'); give fewer folders at once`,
    { allowed, folder },
  )
}

function cannotOpen(arg: string, full: string, cause: unknown): GantryError {
  const code = systemCode(cause)
  const details = { path: full, systemCode: code }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new GantryError('SOURCE_NOT_FOUND', `there is no file or folder '${arg}' (looked at ${full})`, details, {
      cause,
    })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new GantryError('SOURCE_DENIED', `'${arg}' may not be read by this user`, details, { cause })
  }
  const reason = code === '' ? 'for an unknown reason' : `(${code})`
  return new GantryError('SOURCE_UNREADABLE', `'${arg}' cannot be opened ${reason}`, details, { cause })
}
