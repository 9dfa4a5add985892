import { GantryError } from '../contract/errors'
import type { FailureCode } from '../contract/failures'
import type { ObjectAt } from '../contract/source'

/** What S3 calls an error, by the table. Source: Amazon S3 API reference, "Error responses". */
const CODES: Readonly<Record<string, FailureCode>> = {
  NoSuchKey: 'STORE_NOT_FOUND',
  NotFound: 'STORE_NOT_FOUND',
  NoSuchVersion: 'STORE_NOT_FOUND',
  NoSuchBucket: 'STORE_NOT_FOUND',
  MethodNotAllowed: 'STORE_NOT_FOUND',
  PreconditionFailed: 'STORE_CONFLICT',
  ConditionalRequestConflict: 'STORE_CONFLICT',
  AccessDenied: 'STORE_DENIED',
  AllAccessDisabled: 'STORE_DENIED',
  AccountProblem: 'STORE_DENIED',
  InvalidAccessKeyId: 'STORE_DENIED',
  SignatureDoesNotMatch: 'STORE_DENIED',
  ExpiredToken: 'STORE_DENIED',
  InvalidToken: 'STORE_DENIED',
  Forbidden: 'STORE_DENIED',
  CredentialsProviderError: 'STORE_DENIED',
  InvalidObjectState: 'SOURCE_ARCHIVED',
  KeyTooLongError: 'STORE_KEY_INVALID',
  InvalidURI: 'STORE_KEY_INVALID',
  XMinioInvalidObjectName: 'STORE_KEY_INVALID',
  QuotaExceeded: 'STORE_FULL',
  InsufficientStorage: 'STORE_FULL',
}

/** HEAD has no body, so there is only the status to go by. */
const STATUSES: Readonly<Record<number, FailureCode>> = {
  401: 'STORE_DENIED',
  403: 'STORE_DENIED',
  404: 'STORE_NOT_FOUND',
  // A delete marker. Source: Amazon S3 API reference, HeadObject.
  405: 'STORE_NOT_FOUND',
  409: 'STORE_CONFLICT',
  412: 'STORE_CONFLICT',
  507: 'STORE_FULL',
}

export interface S3Fault {
  name: string
  message: string
  status: number | undefined
  /** How often the request was sent; more than once means that an earlier answer may be lost. */
  attempts: number
}

/** The facts of whatever the SDK threw. */
export function s3Fault(thrown: unknown): S3Fault {
  const fault = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    name?: unknown
    Code?: unknown
    message?: unknown
    $metadata?: { httpStatusCode?: number; attempts?: number }
  }
  const name = typeof fault.Code === 'string' ? fault.Code : fault.name
  return {
    name: typeof name === 'string' ? name : 'unknown',
    message: typeof fault.message === 'string' ? fault.message : String(thrown),
    status: fault.$metadata?.httpStatusCode,
    attempts: fault.$metadata?.attempts ?? 1,
  }
}

/** The error that leaves the adapter; one that is ours already, or the reason of an abort, stays itself. */
export function s3Error(thrown: unknown, at: ObjectAt, doing: string, signal?: AbortSignal): unknown {
  if (thrown instanceof GantryError) return thrown
  if (signal?.aborted === true) return signal.reason
  const fault = s3Fault(thrown)
  const code = CODES[fault.name] ?? STATUSES[fault.status ?? 0] ?? 'STORE_UNAVAILABLE'
  const status = fault.status === undefined ? '' : ` ${fault.status}`
  const where = `s3://${at.bucket}/${at.key}`
  const tries = fault.attempts > 1 ? ` after ${fault.attempts} attempts` : ''
  return new GantryError(
    code,
    `cannot ${doing} '${where}':${status} ${fault.name}${tries}: ${fault.message}`,
    { bucket: at.bucket, key: at.key },
    { cause: thrown },
  )
}
