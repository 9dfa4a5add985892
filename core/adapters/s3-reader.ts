/** A store of which one place is read, with nothing but an S3 client behind it: no Redis, no probe by writing. */
import type { Place } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'
import type { Settings } from '../service/settings'
import { createS3Client, knownRegion, usesPathStyle } from './s3-client'
import { nativeGuard } from './s3-guard'
import { createS3Store } from './s3-store'

export const S3_READER_NAMES = [
  ...(['GANTRY_S3_ENDPOINT', 'GANTRY_S3_REGION', 'GANTRY_S3_PATH_STYLE', 'GANTRY_S3_ROLE_ARN'] as const),
  ...(['GANTRY_S3_EXTERNAL_ID', 'GANTRY_S3_RETRY_SECONDS'] as const),
] as const

/** @throws CONFIG_INVALID without a region. */
export function openS3Reader(
  place: Place,
  settings: Pick<Settings, (typeof S3_READER_NAMES)[number]>,
  awsRegion: string | undefined,
): { store: ObjectStore; close: () => void } {
  const { GANTRY_S3_ENDPOINT: endpoint, GANTRY_S3_PATH_STYLE: style } = settings
  const { GANTRY_S3_ROLE_ARN: arn, GANTRY_S3_EXTERNAL_ID: externalId } = settings
  const client = createS3Client({
    region: knownRegion(settings.GANTRY_S3_REGION ?? awsRegion),
    pathStyle: usesPathStyle(style, endpoint),
    retryMs: settings.GANTRY_S3_RETRY_SECONDS * 1_000,
    ...(endpoint !== undefined && { endpoint }),
    ...(arn !== undefined && { role: { arn, ...(externalId !== undefined && { externalId }) } }),
  })
  const store = createS3Store({
    client,
    own: [place],
    defaults: { tags: {}, cacheControl: { immutable: '', revalidate: '' } },
    guard: nativeGuard,
    urlOf: ({ bucket, key }) => `s3://${bucket}/${key}`,
  })
  return { store, close: () => client.destroy() }
}
