/** Settings of the object store. */
import { FORM_WORDS, FORMS } from '../contract/forms'
import { httpUrl, list, oneOf, region, text, whole, type Setting } from './setting-kinds'

const storeUrl = text('must be s3://bucket/prefix or a folder as file:///path', FORMS.storeUrl)

const places = list(
  'must be buckets or bucket/prefix with commas in between, for example masters,archive/films',
  FORMS.place,
)

const tags = list(
  'must be key=value pairs with commas in between',
  /^[\w+\-.:/@ ]{1,128}=[\w+\-.:/@ ]{0,256}$/,
).optional()

const header = (usual: string) => text('must be a Cache-Control header', /^[\x20-\x7e]{1,200}$/).default(usual)

export const STORE_SETTINGS = {
  GANTRY_STATE: { schema: storeUrl, meaning: 'where plans and markers are kept; private' },
  GANTRY_OUTPUT: { schema: storeUrl, meaning: 'where assets are published' },
  GANTRY_SOURCES: {
    schema: places,
    meaning: 'buckets, or bucket/prefix, that masters are taken from; events of others are refused',
  },
  GANTRY_DESTINATIONS: {
    schema: places.optional(),
    meaning: 'buckets, or bucket/prefix, in which requests may bring destinations of their own; without it none',
  },
  GANTRY_PUBLIC_URL: {
    schema: httpUrl('must be a URL as https://host/path').optional(),
    meaning: 'where players find GANTRY_OUTPUT, a CDN for example; without it the URL of the store',
  },
  GANTRY_S3_ENDPOINT: {
    schema: httpUrl('must be a URL as http://host:port').optional(),
    meaning: 'an S3 server other than AWS',
  },
  GANTRY_S3_REGION: {
    schema: region.optional(),
    meaning: 'region of the buckets; without it AWS_REGION',
  },
  GANTRY_S3_PATH_STYLE: {
    schema: oneOf(['auto', 'on', 'off'], 'auto'),
    meaning: 'endpoint/bucket/key in place of bucket.endpoint/key; auto: where an endpoint is set',
  },
  GANTRY_S3_ROLE_ARN: {
    schema: text(`must be ${FORM_WORDS.roleArn}`, FORMS.roleArn).optional(),
    meaning: 'role to take on for the store, for buckets of another account',
  },
  GANTRY_S3_EXTERNAL_ID: {
    schema: text(`must be ${FORM_WORDS.externalId}`, FORMS.externalId).optional(),
    meaning: 'external id that the role asks for',
  },
  GANTRY_S3_KMS_KEY: {
    schema: text(`must be ${FORM_WORDS.kmsKey}`, FORMS.kmsKey).optional(),
    meaning: 'KMS key that what is written is encrypted with; without it the default of the bucket',
  },
  GANTRY_S3_TAGS: { schema: tags, meaning: 'tags of what is written, as team=video,cost=42' },
  GANTRY_S3_CACHE_IMMUTABLE: {
    schema: header('public, max-age=31536000, immutable'),
    meaning: 'Cache-Control of what is never changed: segments, playlists of a run, MP4s, pictures',
  },
  GANTRY_S3_CACHE_REVALIDATE: {
    schema: header('public, max-age=5'),
    meaning: 'Cache-Control of master.m3u8, manifest.mpd and asset.json, which a newer run replaces',
  },
  GANTRY_S3_RETRY_SECONDS: {
    schema: whole(1, 600, 60),
    meaning: 'how long a request to S3 is tried again before the failure is told',
  },
} as const satisfies Record<string, Setting>
