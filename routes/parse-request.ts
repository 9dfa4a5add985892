import { rootOf, type Language } from '../language/language'
import { parseText } from '../language/parse'
import { LADDER } from '../ladders/language'
import { below, DESTINATION_MEANINGS } from './language'
import { requestSchema, type RequestDocument } from './request-schema'

/** In the words of `docs/routes.md`; a test holds the two together. */
const MEANINGS: Readonly<Record<string, string>> = {
  v: 'Version of this form.',
  source: 'The master; `gantry run` takes it from the command line.',
  'source.bucket': 'Bucket of the master, one of `GANTRY_SOURCES`.',
  'source.key': 'Key of the master, as it is.',
  'source.versionId': 'Version of the master, where its bucket keeps versions.',
  ladder: 'Name of a ladder, or a ladder of its own; without it as the routes say.',
  ...below('ladder', LADDER.meanings),
  destination: 'Name of a destination, or one of its own within `GANTRY_DESTINATIONS`; without it as the routes say.',
  ...below('destination', DESTINATION_MEANINGS),
  clip: 'Only a part of the master, which is an asset of its own.',
  'clip.inSeconds': 'Where the part begins.',
  'clip.outSeconds': 'Where it ends; without it at the end of the master.',
  posterAtSeconds: 'Where the poster is taken, on the timeline of the asset.',
  captions: 'Files of captions beside the master, timed to the whole of it.',
  'captions[].bucket': "Bucket of the file, one of `GANTRY_SOURCES`; without it the master's.",
  'captions[].key': 'Key of the file; for `gantry run` a path, from the request on.',
  'captions[].format': 'How the file is written.',
  'captions[].language': 'Language of the text.',
  'captions[].forced': 'To be shown also to viewers who did not ask: signs, foreign words.',
  'captions[].sdh': 'Says sounds, too, for those who do not hear them.',
  lane: 'Whose turn comes first; without it as the routes say.',
  force: 'Makes a finished asset anew, once for each word.',
}

export const REQUEST: Language<RequestDocument> = {
  noun: 'a request',
  code: 'API_REQUEST_INVALID',
  schema: requestSchema,
  root: rootOf(requestSchema),
  otherNames: {
    ...LADDER.otherNames,
    version: ['v'],
    input: ['source'],
    master: ['source'],
    output: ['destination'],
    start: ['inSeconds'],
    in: ['inSeconds'],
    end: ['outSeconds'],
    out: ['outSeconds'],
    poster: ['posterAtSeconds'],
    posterat: ['posterAtSeconds'],
    subtitles: ['captions'],
    lang: ['language'],
    priority: ['lane'],
    template: ['name'],
    retention: ['retentionDays'],
    path: ['key'],
    file: ['key'],
  },
  meanings: MEANINGS,
  title: 'Gantry request',
  description: 'What is asked of one master. Rules between fields are told when it is sent',
}

/**
 * Reads a request from JSON or YAML 1.2, at most 64 KiB, with every default filled in.
 *
 * @param name For messages only.
 * @throws API_REQUEST_INVALID with all that is wrong, a line for each.
 */
export function parseRequest(text: string, name: string): RequestDocument {
  return parseText(REQUEST, text, name)
}
