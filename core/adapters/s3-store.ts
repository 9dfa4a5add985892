/** The object store on S3 and what speaks its protocol. */
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { GantryError } from '../contract/errors'
import type { ObjectAt, Place } from '../contract/source'
import type { ObjectStat, ObjectStore, VersionedAt } from '../ports/object-store'
import { copyObject } from './s3-copy'
import { s3Error, s3Fault } from './s3-errors'
import { readObject } from './s3-read'
import type { Guard } from './s3-guard'
import { headObject, labelsOf, listObjects } from './s3-look'
import { writeObject, type WriteDefaults } from './s3-write'
import { abandonUpload, unfinishedUploads } from './s3-unfinished'
import { keyFault, keyInvalid } from './store-keys'

export interface S3StoreOptions {
  client: S3Client
  /** Places that are written to. What is elsewhere is a master: read only, with any key that S3 allows. */
  own: readonly Place[]
  defaults: WriteDefaults
  guard: Guard
  /** The URL of an object for a player. */
  urlOf: (at: ObjectAt) => string
}

/** Listing, reading and writing as the port says; errors leave as codes of the table. */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const check = keyChecker(options.own)
  return { ...lookingStore(options, check), ...changingStore(options, check) }
}

type Looking = Pick<ObjectStore, 'locate' | 'head' | 'labels' | 'read' | 'list' | 'unfinished'>

function lookingStore({ client, urlOf }: S3StoreOptions, check: KeyCheck): Looking {
  return {
    locate: (at) => {
      check(at)
      return urlOf(at)
    },
    head: async (at) => {
      check(at)
      return headObject(client, at)
    },
    labels: async (at, kind) => {
      check(at)
      return labelsOf(client, at, kind)
    },
    read: async (ref, range) => {
      check(ref)
      return readObject(client, ref, range)
    },
    list: (place) => listObjects(client, place),
    unfinished: (place) => unfinishedUploads(client, place),
  }
}

function changingStore({ client, guard, defaults }: S3StoreOptions, check: KeyCheck): Omit<ObjectStore, keyof Looking> {
  const writer = { client, defaults }
  const head = (at: VersionedAt): Promise<ObjectStat | null> => headObject(client, at)
  return {
    write: (at, body, how) =>
      guard(at, how.condition, head, (condition) => {
        check(at, 'to write')
        return writeObject(writer, at, body, { ...how, condition })
      }),
    copy: (from, to, how = {}) =>
      guard(to, undefined, head, async () => {
        check(from)
        check(to, 'to write')
        return copyObject(writer, from, to, how)
      }),
    remove: async (at) => {
      check(at, 'to write')
      await removeObject(client, at)
    },
    abandon: async (write) => {
      check(write, 'to write')
      await abandonUpload(client, write)
    },
  }
}

async function removeObject(client: S3Client, at: ObjectAt): Promise<void> {
  try {
    await client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key: at.key }))
  } catch (thrown) {
    if (s3Fault(thrown).name !== 'NoSuchKey') throw s3Error(thrown, at, 'remove')
  }
}

type KeyCheck = (at: ObjectAt, purpose?: 'to write') => void

/** @throws STORE_KEY_INVALID; STORE_DENIED for a write to where masters are. */
function keyChecker(own: readonly Place[]): KeyCheck {
  return ({ bucket, key }, purpose) => {
    const isOwn = own.some((place) => place.bucket === bucket && (place.prefix === '' || key.startsWith(place.prefix)))
    const fault = isOwn ? keyFault(key) : masterKeyFault(key)
    if (fault !== null) throw keyInvalid(key, fault)
    if (!isOwn && purpose === 'to write') {
      throw new GantryError('STORE_DENIED', `'s3://${bucket}/${key}' is neither in the state nor in the output`)
    }
  }
}

/** A user's key may look like anything; it is never a path here. Source: Amazon S3 user guide, "Object keys". */
function masterKeyFault(key: string): string | null {
  if (key === '') return 'it is empty'
  if (Buffer.byteLength(key) > 1_024) return 'it has more than 1024 bytes'
  return /\p{Cs}/u.test(key) ? 'it is not valid Unicode: half a surrogate pair' : null
}
