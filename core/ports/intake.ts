import type { GantryError } from '../contract/errors'

/** What becomes of a message that told of objects. */
export type Verdict =
  /** Everything in it is recorded or of no interest: it may be forgotten. */
  | { outcome: 'done' }
  /** Not now: it is to come again, whole. */
  | { outcome: 'later'; reason: GantryError }
  /** Never: it goes where people look, with the reason. */
  | { outcome: 'reject'; reason: GantryError }

/** Works on a message. Never throws; any number of times, since all that it does is idempotent. */
export type TakeMessage = (body: string, signal: AbortSignal) => Promise<Verdict>

/**
 * Where messages about objects come from.
 *
 * Implementations: SQS (`core/adapters/sqs-intake.ts`), HTTP (`core/adapters/webhook-intake.ts`).
 */
export interface Intake {
  /** Stops taking. What is in work may finish for a while; then it is let go, to be delivered again. */
  close(): Promise<void>
}
