/** The JSON Schema of ladder files, by which editors complete and mark them. */
import { LADDER_ROOT, type Field } from './fields'

/** What each field is for, in the words of `docs/ladders.md`; a test holds the two together. */
export const MEANINGS: Readonly<Record<string, string>> = {
  name: 'Shown in reports.',
  description: 'For people.',
  segmentSeconds: 'Length of a segment; a multiple of `gopSeconds`.',
  gopSeconds: 'Time between keyframes.',
  rungs: 'The renditions of the picture; none makes an audio-only asset of every master.',
  'rungs[].id': "Folder name of the rendition; each its own, the sounds' included.",
  'rungs[].shortSidePx':
    'The shorter side of the picture: the height of a landscape picture, the width of a portrait one.',
  'rungs[].codec': 'Picture codec. HEVC is written as `hvc1`, AV1 by SVT-AV1 at a constant picture rate.',
  'rungs[].bits': 'Depth of a sample; 10 for hevc and av1 only.',
  'rungs[].crf':
    "Constant quality on the codec's own scale; lower is better and larger, 6 less is about twice the size. At most 40 for h264 and hevc.",
  'rungs[].bitrateBps': 'Average bit rate to aim for, in place of `crf`.',
  'rungs[].maxBitrateBps':
    'Cap on the bit rate, over a buffer of 2 seconds; not below that of a smaller rung of the codec.',
  'rungs[].maxFps': 'A master with more pictures a second gets every second of them (or fourth, eighth).',
  'rungs[].preset': 'Slower ones make smaller files at more cost.',
  'rungs[].profile': "H.264 profile; only players of old age need a lower one. The other codecs' follows from `bits`.",
  'rungs[].required':
    'Whether a master fails when this rung cannot be encoded. One that is not required is left out then, with a warning.',
  audio: 'The forms each sound is made in; every rung is offered with each.',
  'audio[].id': 'Folder name, and id of the group in the playlist.',
  'audio[].codec': 'Sound codec.',
  'audio[].bitrateBps': 'Bit rate at these channels; fewer channels get their share. At least 192_000 for 6.',
  'audio[].channels':
    'Masters with more are mixed down; one with fewer keeps its own where the ladder has no smaller form.',
  'audio[].loudnessLufs':
    'Loudness of the whole by EBU R128, reached by one gain from start to end; -23 for broadcast, -16 usual for the web.',
  hdr: 'What becomes of a PQ or HLG master: BT.709 in every rung, or kept in those with 10 bits and mapped in the others.',
  captions: 'Whether text subtitles become WebVTT renditions.',
  thumbnails: 'Pictures for previews and posters.',
  'thumbnails.posterAtFraction': 'Where the poster is taken: 0 is the start of the master, 1 its end.',
  'thumbnails.posterMaxWidthPx': 'Largest width of the poster.',
  'thumbnails.imageIntervalSeconds': 'Time between single pictures; at least `gopSeconds`.',
  'thumbnails.imageWidthPx': 'Width of a single picture.',
  'thumbnails.spriteIntervalSeconds': 'Time between tiles for the seek bar; at least `gopSeconds`.',
  'thumbnails.spriteTileWidthPx': 'Width of a tile.',
  'thumbnails.spriteColumns': 'Tiles beside each other on a sheet.',
  'thumbnails.spriteRows': 'Rows of tiles on a sheet.',
  mp4: 'Also make a progressive MP4 of every rung.',
}

/** A schema or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * Draft 2020-12. It refuses nothing that `parseLadder` takes, but cannot say the rules between fields, which
 * `gantry ladders check` tells.
 */
export function ladderJsonSchema(): JsonSchema {
  const { $schema, ...root } = asRecord(LADDER_ROOT)
  return {
    $schema,
    title: 'Gantry ladder',
    description: 'Which renditions Gantry makes of a master. Rules between fields: gantry ladders check FILE',
    ...described(root, ''),
  }
}

/** The text that is checked in as `ladders/schema.json`, in the layout of the repository's formatter. */
export function jsonSchemaText(): string {
  return `${laidOut(ladderJsonSchema(), '')}\n`
}

/** Keys of ours, which a validator does not know. */
const FOR_MESSAGES = ['allowed', 'ownDefault']

/** Each property with its meaning. */
function described(field: Field, prefix: string): JsonSchema {
  const { properties, items, ...own } = field
  return {
    ...Object.fromEntries(Object.entries(own).filter(([key]) => !FOR_MESSAGES.includes(key))),
    ...groupedAllowed(field),
    ...(properties && { properties: describedProperties(properties, prefix) }),
    ...(items && { items: described(items, `${prefix}[]`) }),
  }
}

function describedProperties(properties: Readonly<Record<string, Field>>, prefix: string): JsonSchema {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`
      const byDefault = field.ownDefault === undefined ? '' : ` Default: ${field.ownDefault}.`
      return [name, { description: `${MEANINGS[path] ?? ''}${byDefault}`, ...described(field, path) }]
    }),
  )
}

/** Smaller numbers are never grouped. */
const LEAST_GROUPED = 1_000

/** Our reader takes `5_000_000` for a number; to an editor, which reads plain YAML 1.2, it is text. */
function groupedAllowed({ type, maximum = 0 }: Field): JsonSchema {
  if (type !== 'integer' || maximum < LEAST_GROUPED) return {}
  return { type: ['integer', 'string'], pattern: '^[0-9]+(_[0-9]+)+$' }
}

/** Lists of words and figures on one line, as the formatter has them. */
function laidOut(value: unknown, indent: string): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[${value.map((entry) => laidOut(entry, indent)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const lines = entries.map(([key, child]) => `${inner}${JSON.stringify(key)}: ${laidOut(child, inner)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function asRecord(field: Field): Field & { $schema?: unknown } {
  return field
}
