/** 409: requests got in each other's way, and the store asks for another try. */
import { setTimeout as delay } from 'node:timers/promises'
import { s3Fault } from './s3-errors'

const TRIES = 6
const DELAY_MS = 50

/**
 * Repeats a write that the store answers with 409. S3 does so when two conditional writes to one key meet; versitygw
 * also when a neighbour's delete takes the folder away that the object was to lie in.
 *
 * Sources: Amazon S3 API reference, PutObject, `ConditionalRequestConflict`; versity/versitygw#1988.
 *
 * @throws What the last try threw.
 */
export async function afterConflicts<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write()
    } catch (thrown) {
      if (s3Fault(thrown).status !== 409 || tries === TRIES) throw thrown
      await delay(DELAY_MS * tries * Math.random())
    }
  }
}
