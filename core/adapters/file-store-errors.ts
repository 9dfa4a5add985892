import { GantryError } from '../contract/errors'
import type { FailureCode } from '../contract/failures'

/** What the operating system's codes mean for an object. Source: errno(3). */
const CODES: Readonly<Record<string, FailureCode>> = {
  ENOENT: 'STORE_NOT_FOUND',
  ENOTDIR: 'STORE_NOT_FOUND',
  EISDIR: 'STORE_NOT_FOUND',
  EACCES: 'STORE_DENIED',
  EPERM: 'STORE_DENIED',
  EROFS: 'STORE_DENIED',
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
  // Over the largest file that the file system or a limit of the process allows.
  EFBIG: 'STORE_FULL',
  ENAMETOOLONG: 'STORE_KEY_INVALID',
  // A link where none is followed, or links that go round.
  ELOOP: 'STORE_KEY_INVALID',
  EXDEV: 'CONFIG_INVALID',
}

/** The same for the bucket of masters, whose files are the user's. */
const SOURCE_CODES: Readonly<Partial<Record<FailureCode, FailureCode>>> = {
  STORE_NOT_FOUND: 'SOURCE_NOT_FOUND',
  STORE_KEY_INVALID: 'SOURCE_NOT_FOUND',
  STORE_DENIED: 'SOURCE_DENIED',
}

const EXPLAINED: Readonly<Record<string, string>> = {
  EXDEV: 'the scratch folder must be on the same file system as the bucket',
  ELOOP: 'a link stands where an object or a folder should',
  ENAMETOOLONG: 'the name is too long for this file system',
}

/** Runs a file operation; whatever the system throws leaves as a code of the table. */
export async function translated<T>(path: string, isMaster: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeError(error, path, isMaster)
  }
}

export function storeError(error: unknown, path: string, isMaster: boolean): Error {
  if (error instanceof GantryError || isAbort(error)) return error
  const system = systemCode(error)
  const code = CODES[system ?? ''] ?? 'STORE_UNAVAILABLE'
  const told = (isMaster ? SOURCE_CODES[code] : undefined) ?? code
  const explained = EXPLAINED[system ?? '']
  const why = explained === undefined ? (system ?? String(error)) : `${explained} (${system ?? ''})`
  return new GantryError(told, `'${path}': ${why}`, { path }, { cause: error })
}

/** By name: what an AbortSignal gives is a DOMException, which need not be an Error of this realm. */
function isAbort(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
}

export function systemCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Nothing is at the path, or one of its folders is no folder. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
}
