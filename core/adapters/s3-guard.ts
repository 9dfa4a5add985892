/** Conditional writes: by the store where it has them, else under a lock. */
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { randomBytes } from 'node:crypto'
import { GantryError } from '../contract/errors'
import { at } from '../contract/keys'
import type { ObjectAt, Place } from '../contract/source'
import type { ObjectStat, WriteCondition } from '../ports/object-store'
import { afterConflicts } from './s3-conflicts'
import { s3Error, s3Fault } from './s3-errors'

/** Runs a write so that its condition holds; `write` gets the condition that the store itself is to check. */
export type Guard = (
  where: ObjectAt,
  condition: WriteCondition | undefined,
  head: (where: ObjectAt) => Promise<ObjectStat | null>,
  write: (condition: WriteCondition | undefined) => Promise<ObjectStat>,
) => Promise<ObjectStat>

/** One holder of a name at a time, among all processes. */
export interface NamedLock {
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>
}

/** The store checks. */
export const nativeGuard: Guard = async (_where, condition, _head, write) => write(condition)

/**
 * For stores without conditional writes: look and write under a lock that all writers take, also those without a
 * condition, which else could slip in between. As safe as the lock: a process that is frozen between its look and its
 * write for longer than the lock lasts may still overwrite.
 */
export function lockedGuard(lock: NamedLock): Guard {
  return (where, condition, head, write) =>
    lock.withLock(`${where.bucket}/${where.key}`, async () => {
      if (condition !== undefined) {
        const found = await head(where)
        const holds = 'absent' in condition ? found === null : found?.etag === condition.etag
        if (!holds) {
          const name = `'s3://${where.bucket}/${where.key}'`
          throw new GantryError('STORE_CONFLICT', `${name} was not written: it is not as the condition says`)
        }
      }
      return write(undefined)
    })
}

/** How a store says that it does not know a header. */
const UNKNOWN_HEADER = ['NotImplemented', 'InvalidArgument', 'InvalidRequest']

/**
 * Whether a store keeps to the conditions of writes, found by trying: a second `If-None-Match: *` on one key and an
 * `If-Match` with a wrong etag must both be refused. Stores that do not know them write in silence.
 *
 * @param place Where a small object may be written for a moment.
 * @throws STORE_DENIED, STORE_NOT_FOUND (no such bucket), STORE_UNAVAILABLE.
 */
export async function hasConditionalWrites(client: S3Client, place: Place): Promise<boolean> {
  const where = at(place, `probe/${randomBytes(8).toString('hex')}`)
  const target = { Bucket: where.bucket, Key: where.key, Body: 'conditional writes?' }
  const put = async (condition: { IfNoneMatch?: string; IfMatch?: string } = {}): Promise<void> => {
    await afterConflicts(() => client.send(new PutObjectCommand({ ...target, ...condition })))
  }
  const refuses = async (condition: { IfNoneMatch: string } | { IfMatch: string }): Promise<boolean> => {
    try {
      await put(condition)
      return false
    } catch (thrown) {
      if (s3Fault(thrown).status === 412) return true
      if (UNKNOWN_HEADER.includes(s3Fault(thrown).name)) return false
      throw s3Error(thrown, where, 'write')
    }
  }
  try {
    await put()
    return (await refuses({ IfNoneMatch: '*' })) && (await refuses({ IfMatch: '"0123456789abcdef0123456789abcdef"' }))
  } catch (thrown) {
    throw s3Error(thrown, where, 'write')
  } finally {
    await client.send(new DeleteObjectCommand({ Bucket: where.bucket, Key: where.key })).catch(() => undefined)
  }
}
