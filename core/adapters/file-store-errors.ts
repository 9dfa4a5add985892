import { GantryError, type FailureCode } from '../contract/errors'

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
  EEXIST: 'STORE_CONFLICT',
  ENAMETOOLONG: 'STORE_KEY_INVALID',
}

/** The same for the bucket of masters, whose files are the user's. */
const SOURCE_CODES: Readonly<Partial<Record<FailureCode, FailureCode>>> = {
  STORE_NOT_FOUND: 'SOURCE_NOT_FOUND',
  STORE_DENIED: 'SOURCE_DENIED',
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
  return new GantryError(told, `'${path}': ${system ?? String(error)}`, { path }, { cause: error })
}

function isAbort(error: unknown): error is Error {
  return error instanceof Error && error.name === 'AbortError'
}

export function systemCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
