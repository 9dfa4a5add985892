import { FAILURES, type FailureCode } from './failures'

/** The one error type that leaves a module. `message` says what failed, what was received and what is allowed. */
export class GantryError extends Error {
  override readonly name = 'GantryError'
  readonly code: FailureCode
  /** Facts for logs and reports. Never a secret, never a URL with a signature. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: FailureCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }

  get retryable(): boolean {
    return FAILURES[this.code].retry
  }

  get remedy(): string {
    return FAILURES[this.code].remedy
  }
}

/** Wraps whatever was thrown, once: a GantryError stays itself, anything else becomes a retryable QUEUE_INTERNAL. */
export function asGantryError(thrown: unknown): GantryError {
  if (thrown instanceof GantryError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new GantryError('QUEUE_INTERNAL', `unexpected: ${message}`, {}, { cause: thrown })
}

export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(FAILURES, text)
}
