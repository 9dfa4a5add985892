/** Requests: what is right, and what somebody may send who means no good. */
import { GantryError } from '../../core/contract/errors'
import { parseRequest } from '../../routes/parse-request'
import { parseMessage } from '../../scheduler/intake/message'

const SOURCE = '"source": { "bucket": "masters", "key": "a.mov" }'
const request = (...fields: string[]): string => `{ "v": 1, ${[SOURCE, ...fields].join(', ')} }`

function refusal(text: string): GantryError {
  try {
    parseRequest(text, 'request')
  } catch (error) {
    if (error instanceof GantryError && error.code === 'API_REQUEST_INVALID') return error
    throw error
  }
  throw new Error('the request was accepted')
}

it('takes all that can be asked for, by name or inline', () => {
  const text = request(
    '"ladder": { "name": "mine", "rungs": [{ "id": "360p", "shortSidePx": 360, "maxBitrateBps": 900000 }] }',
    '"destination": { "bucket": "team", "prefix": "a/", "retentionDays": 30 }',
    '"clip": { "inSeconds": 1.2345678, "outSeconds": 3 }, "posterAtSeconds": 0, "lane": "bulk", "force": "again-1"',
    '"captions": [{ "key": "a.de.SRT", "language": "de", "sdh": true }, { "key": "x", "format": "webvtt" }]',
  )
  expect(parseRequest(text, 'request')).toMatchObject({
    ladder: { name: 'mine', mp4: true, rungs: [{ id: '360p', crf: 23 }] },
    destination: { bucket: 'team', prefix: 'a', name: '{stem}-{id}', retentionDays: 30 },
    clip: { inSeconds: 1.234568, outSeconds: 3 },
    captions: [
      { key: 'a.de.SRT', sdh: true, forced: false },
      { key: 'x', format: 'webvtt' },
    ],
    ...{ posterAtSeconds: 0, lane: 'bulk', force: 'again-1' },
  })
})

const rungs = (count: number): string =>
  `"ladder": { "name": "a", "rungs": [${Array.from({ length: count }, (_, index) => `{ "id": "r${index}" }`).join()}] }`

it.each([
  ['no version', `{ ${SOURCE} }`, 'v is missing, it must be 1'],
  ['another version', `{ "v": 2, ${SOURCE} }`, 'v must be 1, got 2'],
  ['a clip from before the start', request('"clip": { "inSeconds": -1 }'), 'clip.inSeconds must be a number from 0'],
  [
    'a clip that ends before it begins',
    request('"clip": { "inSeconds": 5, "outSeconds": 4 }'),
    'above inSeconds (5), got 4',
  ],
  ['a clip of nothing', request('"clip": { "inSeconds": 5, "outSeconds": 5 }'), 'clip.outSeconds must be above'],
  [
    'a clip that is no number',
    request('"clip": { "inSeconds": "NaN" }'),
    "clip.inSeconds must be a number from 0 to 1_000_000, got 'NaN'",
  ],
  ['not a number', request('"clip": { "inSeconds": .nan }'), 'got .nan'],
  ['infinity', request('"posterAtSeconds": 1e309'), 'posterAtSeconds must be a number from 0 to 1_000_000, got 1e309'],
  [
    'a rung of kilobits',
    request('"ladder": { "name": "a", "rungs": [{ "id": "a", "shortSidePx": 360, "maxBitrateBps": 900 }] }'),
    'ladder.rungs[0].maxBitrateBps must be a whole number from 50_000 to 100_000_000, got 900 (kilobits by mistake? use 900_000)',
  ],
  ['1000 rungs', request(rungs(1_000)), 'ladder.rungs must be a list of 0 to 20 entries, got a list of 1000'],
  ['1001 rungs', request(rungs(1_001)), '1001 entries, at most 1000'],
  [
    'a segment that is not whole GOPs',
    request('"ladder": { "name": "a", "rungs": [], "segmentSeconds": 5 }'),
    'ladder.segmentSeconds must be a multiple of gopSeconds',
  ],
  [
    'a ladder by a path',
    request('"ladder": "../../etc/passwd"'),
    'ladder must be 1 to 64 lower-case letters, digits and hyphens, the first no hyphen, or a mapping with the fields name',
  ],
  [
    'a role',
    request('"destination": { "bucket": "team", "role": "arn:aws:iam::123456789012:role/x" }'),
    'destination.role is not a field',
  ],
  [
    'a KMS key',
    request('"destination": { "bucket": "team", "kmsKey": "alias/x" }'),
    'destination.kmsKey is not a field',
  ],
  [
    'captions of no known form',
    request('"captions": [{ "key": "a.ass" }]'),
    'captions[0].key must end in .srt or .vtt',
  ],
  [
    '33 files of captions',
    request(`"captions": [${Array(33).fill('{ "key": "a.srt" }').join()}]`),
    'captions must be a list of 0 to 32',
  ],
  [
    'a key of 1025 characters',
    `{ "v": 1, "source": { "bucket": "masters", "key": "${'x'.repeat(1_025)}" } }`,
    'source.key must be',
  ],
  ['a key with a line end', '{ "v": 1, "source": { "bucket": "masters", "key": "a\\nb" } }', "got 'a\\u000ab'"],
  ['half a surrogate', '{ "v": 1, "source": { "bucket": "masters", "key": "a\\ud800" } }', 'source.key must be'],
  ['__proto__', request('"__proto__": { "force": "x" }'), '__proto__ is not a field'],
  [
    '__proto__ in tags',
    request('"destination": { "bucket": "team", "tags": { "__proto__": "x" } }'),
    'tags.__proto__ is not a field',
  ],
  ['a key twice', request('"lane": "bulk", "lane": "normal"'), "the key 'lane' is given twice"],
  ['true for a word', request('"force": true'), 'a word of your own, got true (put it in quotes)'],
  ['lists in lists', request(`"captions": ${'['.repeat(20_000)}${']'.repeat(20_000)}`), 'nested too deeply'],
  ['64 KiB and more', request(`"force": "${'x'.repeat(65_536)}"`), 'at most 65_536 are allowed'],
  ['binary', '\u0000\u0001', 'request:1:'],
])('refuses %s', (_, text, part) => expect(refusal(text).message).toContain(part))

describe('a message', () => {
  const event = '{ "Records": [] }'
  it.each([
    ['a request', request(), 'request'],
    ['a request from SNS', JSON.stringify({ Type: 'Notification', Message: request() }), 'request'],
    ['events', event, 'events'],
    ['an event of EventBridge', '{ "version": "0", "source": "aws.s3", "detail-type": "Object Deleted" }', 'events'],
    ['events from SNS', JSON.stringify({ Message: event }), 'events'],
  ])('is taken for what it is: %s', (_, body, kind) => expect(Object.keys(parseMessage(body))).toEqual([kind]))

  it.each([
    [
      'meant as a request',
      '{ "v": 1, "sorce": {} }',
      'API_REQUEST_INVALID',
      "sorce is not a field (did you mean 'source'?)",
    ],
    ['a request in an envelope', JSON.stringify({ Message: '{"v":3}' }), 'API_REQUEST_INVALID', 'v must be 1, got 3'],
    ['neither', '{ "hello": 1 }', 'API_EVENT_INVALID', 'it has none of Records, detail-type, Message, v'],
    ['no JSON', 'v: 1', 'API_EVENT_INVALID', 'it is no JSON'],
  ])('says what is wrong with one that is %s', (_, body, code, part) => {
    expect(() => parseMessage(body)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(part) as string }) as Error,
    )
  })
})
