/** The language of routes files: what is in them, and how messages and editors speak of it. */
import { rootOf, type Language } from '../language/language'
import { routesSchema, type RoutesFile } from './schema'

/** In the words of `docs/routes.md`; a test holds the two together. */
const OF_DESTINATION: Readonly<Record<string, string>> = {
  bucket: 'Bucket that assets are published to.',
  prefix: 'Folder in the bucket that assets go below.',
  name: 'Folder of an asset below the prefix; it must hold `{id}` or `{assetId}`.',
  tags: 'Tags of every object, beside those of `GANTRY_S3_TAGS`; of one name, this one counts.',
  'tags.*': 'Value of the tag.',
  retentionDays: 'Written as the tag `gantry-retention-days` on every object, for a lifecycle rule of the bucket.',
}

const OF_OPERATOR: Readonly<Record<string, string>> = {
  ...OF_DESTINATION,
  role: 'Role to take on for the bucket; without it as whom Gantry is.',
  externalId: 'External id that the role asks for.',
  kmsKey: 'KMS key that objects are encrypted with.',
  publicUrl: 'Where players find the prefix, a CDN for example; without it the URL of the store.',
}

/** The meanings of a section, below its place. */
export function below(place: string, meanings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(meanings).map(([name, meaning]) => [`${place}.${name}`, meaning]))
}

export const DESTINATION_MEANINGS = OF_DESTINATION

const MEANINGS: Readonly<Record<string, string>> = {
  destinations: 'Places for assets, by names that rules and requests use.',
  'destinations.*': 'One place and how it is written to.',
  ...below('destinations.*', OF_OPERATOR),
  routes: 'Rules; the first that matches an object counts.',
  'routes[].name': 'Shown in logs and by `gantry routes test`.',
  'routes[].match': 'What the object must be; all that is given must hold. A rule without it takes all.',
  'routes[].match.bucket': 'Name of the bucket.',
  'routes[].match.prefix':
    'Folder that the key is below, by whole parts: `films` takes `films/a.mov`, not `films2/a.mov`.',
  'routes[].match.suffixes': 'Ends of the key, one of which it must have; capitals do not count.',
  'routes[].match.tags': 'Object tags that must be there with these values.',
  'routes[].match.tags.*': 'Value of the tag.',
  'routes[].match.metadata': 'User metadata that must be there with these values, by names without `x-amz-meta-`.',
  'routes[].match.metadata.*': 'Value of the metadata.',
  'routes[].ladder': 'Built-in ladder, or a ladder file, by a path from the routes file on.',
  'routes[].destination': 'Name of a destination, or a destination of its own.',
  ...below('routes[].destination', OF_OPERATOR),
  'routes[].lane': 'Whose turn comes first: all of `interactive` before `normal`, all of `normal` before `bulk`.',
  'routes[].ignore': 'The object is left alone.',
}

export const ROUTES: Language<RoutesFile> = {
  noun: 'a routes file',
  code: 'CONFIG_ROUTES_INVALID',
  schema: routesSchema,
  root: rootOf(routesSchema),
  otherNames: {
    rules: ['routes'],
    when: ['match'],
    if: ['match'],
    suffix: ['suffixes'],
    extension: ['suffixes'],
    extensions: ['suffixes'],
    folder: ['prefix'],
    path: ['prefix'],
    key: ['prefix'],
    output: ['destination'],
    target: ['destination'],
    priority: ['lane'],
    skip: ['ignore'],
    template: ['name'],
    rolearn: ['role'],
    kms: ['kmsKey'],
    kmskeyid: ['kmsKey'],
    retention: ['retentionDays'],
    url: ['publicUrl'],
    cdn: ['publicUrl'],
  },
  meanings: MEANINGS,
  title: 'Gantry routes',
  description: 'Which ladder and which destination an object goes by. Rules between fields: gantry routes check FILE',
}
