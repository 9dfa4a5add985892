/** S3 as the services use it: one client for masters, state and outputs, and one for each role of a destination. */
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { Destination, Role } from '../contract/destination'
import { isBelow } from '../contract/keys'
import type { ObjectAt, Place } from '../contract/source'
import { createS3Client, knownRegion, usesPathStyle } from './s3-client'
import { s3Error } from './s3-errors'
import { hasConditionalWrites, lockedGuard, nativeGuard, type Guard, type NamedLock } from './s3-guard'
import { createS3Store } from './s3-store'
import { splitStore } from './split-store'
import type { ObjectStore, OpenStore } from '../ports/object-store'
import type { WriteDefaults } from './s3-write'

export interface S3StoreSettings {
  /** Of the buckets; the caller knows what else names it. */
  region: string | undefined
  endpoint: string | undefined
  pathStyle: 'auto' | 'on' | 'off'
  role: Role | undefined
  retryMs: number
  defaults: WriteDefaults
  /** Where players find the output. */
  publicUrl: string | undefined
  /** For stores without conditional writes. */
  lock: NamedLock
  warn: (message: string) => void
}

/**
 * Connects, and looks whether the store keeps to conditions of writes.
 *
 * @throws CONFIG_INVALID, STORE_DENIED, STORE_NOT_FOUND (a bucket), STORE_UNAVAILABLE.
 */
export async function openS3Store(
  { state, output }: { state: Place; output: Place },
  settings: S3StoreSettings,
): Promise<OpenStore> {
  const { defaults, publicUrl } = settings
  const region = knownRegion(settings.region)
  const isPathStyle = usesPathStyle(settings.pathStyle, settings.endpoint)
  const clients = clientsByRole({ ...settings, region, isPathStyle })
  const client = clients.of(settings.role)
  const check = async (): Promise<void> => {
    await Promise.all([state, output].map((place) => checkPlace(client, place)))
  }
  try {
    await check()
    const guard = await guardOf(client, state, settings)
    const ownUrl = (at: ObjectAt): string =>
      publicUrlOf(at, output, publicUrl) ?? storeUrl(at, { ...settings, region, isPathStyle })
    const store = createS3Store({ client, own: [state, output], defaults, guard, urlOf: ownUrl })
    const insideOf = ({ place, role, kmsKey, tags, publicUrl: url }: Destination): ObjectStore =>
      createS3Store({
        client: clients.of(role ?? settings.role),
        own: [place],
        defaults: { cacheControl: defaults.cacheControl, tags, ...(kmsKey !== null && { kmsKeyId: kmsKey }) },
        guard,
        urlOf: (at) => publicUrlOf(at, place, url ?? undefined) ?? ownUrl(at),
      })
    const storeOf: OpenStore['storeOf'] = (destination) =>
      destination === undefined
        ? store
        : splitStore({
            ...{ base: store, inside: insideOf(destination) },
            isInside: (at) => isBelow(destination.place, at) && !isBelow(state, at),
          })
    return { store, state, output, storeOf, check, close: clients.close }
  } catch (error) {
    clients.close()
    throw error
  }
}

/** The credentials of a role are kept and renewed by its client, so there is one for each, made when first asked for. */
function clientsByRole(
  settings: Pick<S3StoreSettings, 'endpoint' | 'retryMs'> & { region: string; isPathStyle: boolean },
) {
  const { region, endpoint, retryMs, isPathStyle: pathStyle } = settings
  const clients = new Map<string, S3Client>()
  return {
    of: (role: Role | undefined): S3Client => {
      const name = JSON.stringify([role?.arn, role?.externalId])
      const client =
        clients.get(name) ??
        createS3Client({
          ...{ region, pathStyle, retryMs },
          ...(endpoint !== undefined && { endpoint }),
          ...(role !== undefined && { role }),
        })
      clients.set(name, client)
      return client
    },
    close: (): void => clients.forEach((client) => client.destroy()),
  }
}

async function guardOf(client: S3Client, state: Place, { lock, warn }: S3StoreSettings): Promise<Guard> {
  if (await hasConditionalWrites(client, state)) return nativeGuard
  warn(
    'this S3 store takes no notice of If-None-Match or If-Match on writes: they are made under a lock in Redis. ' +
      'A process that hangs in the middle of a write for longer than the lock lasts may overwrite a record. ' +
      'A store with conditional writes is safer',
  )
  return lockedGuard(lock)
}

/** A listing of one key: it needs the bucket, the credentials and the right to list, as the reconciler does. */
async function checkPlace(client: S3Client, { bucket, prefix }: Place): Promise<void> {
  try {
    await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }))
  } catch (thrown) {
    throw s3Error(thrown, { bucket, key: prefix }, 'list')
  }
}

function publicUrlOf(at: ObjectAt, output: Place, publicUrl: string | undefined): string | null {
  const inside = output.prefix === '' ? '' : `${output.prefix}/`
  if (publicUrl === undefined || at.bucket !== output.bucket || !at.key.startsWith(inside)) return null
  return `${publicUrl.replace(/\/$/, '')}/${encoded(at.key.slice(inside.length))}`
}

function storeUrl(
  { bucket, key }: ObjectAt,
  { endpoint, region, isPathStyle }: { endpoint: string | undefined; region: string; isPathStyle: boolean },
): string {
  const host = endpoint ?? `https://s3.${region}.amazonaws.com`
  const { protocol, host: authority, pathname } = new URL(host)
  const path = pathname === '/' ? '' : pathname.replace(/\/$/, '')
  return isPathStyle
    ? `${protocol}//${authority}${path}/${bucket}/${encoded(key)}`
    : `${protocol}//${bucket}.${authority}${path}/${encoded(key)}`
}

function encoded(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
