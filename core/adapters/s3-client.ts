/** The S3 client: endpoint, credentials, time limits. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Role } from '../contract/destination'
import { GantryError } from '../contract/errors'
import { retryAfterClockJumps } from './s3-clock'
import { retryWithin } from './s3-retry'

export interface S3Access {
  region: string
  /** For stores other than AWS, for example `http://s3.internal:7070`. */
  endpoint?: string
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`; most other stores need it. */
  pathStyle: boolean
  /** Role to take on for all requests, with the secret word its owner has agreed on. */
  role?: Role
  /** How long one request is tried again while the store gives passing errors. */
  retryMs: number
}

/** A host that does not take a connection in this time is not there. */
const CONNECT_MS = 5_000
/** From the first byte of a request to the headers of its answer; a part of 8 MiB at 1 Mb/s takes 67 s. */
const ANSWER_MS = 120_000
/** Reads of ffmpeg, uploads of segments and looks at records at once; the SDK's own limit of 50 makes some wait. */
const SOCKETS = 128

/** Without `credentials` it uses the chain of the SDK: environment, ECS task role, instance role, profile. */
export function createS3Client(access: S3Access, credentials?: S3ClientConfig['credentials']): S3Client {
  // Read by the SDK at its first call; else it prints a warning on stderr, between lines of JSON.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const own = credentials ?? roleCredentials(access)
  const client = new S3Client({
    region: access.region,
    forcePathStyle: access.pathStyle,
    followRegionRedirects: access.endpoint === undefined,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
    }),
    retryStrategy: retryWithin(access.retryMs),
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ...(own !== undefined && { credentials: own }),
  })
  retryAfterClockJumps(client)
  return client
}

/** As it is set, and `auto` for stores other than AWS. */
export function usesPathStyle(style: 'auto' | 'on' | 'off', endpoint: string | undefined): boolean {
  return style === 'auto' ? endpoint !== undefined : style === 'on'
}

/** @throws CONFIG_INVALID where neither Gantry's settings nor those of AWS say. */
export function knownRegion(region: string | undefined): string {
  if (region !== undefined) return region
  throw new GantryError('CONFIG_INVALID', 'GANTRY_S3_REGION is not set, nor is AWS_REGION')
}

function roleCredentials({ role, region }: S3Access): S3ClientConfig['credentials'] | undefined {
  if (role === undefined) return undefined
  return fromTemporaryCredentials({
    params: {
      RoleArn: role.arn,
      RoleSessionName: 'gantry',
      ...(role.externalId !== undefined && { ExternalId: role.externalId }),
    },
    clientConfig: { region },
  })
}
