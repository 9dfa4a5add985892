import { compareSequencers } from '../../core/contract/sequencer'
import { GantryError } from '../../core/contract/errors'
import { parseS3Events, type ParsedMessage } from '../../scheduler/intake/s3-events'
import { seededRandom, type SeededRandom } from '../support/seeded-random'

const ETAG = 'd41d8cd98f00b204e9800998ecf8427e'

/** Amazon S3 user guide, "Event message structure", with all its fields. */
function awsRecord(object: object, eventName = 'ObjectCreated:Put'): object {
  return {
    ...{ eventVersion: '2.1', eventSource: 'aws:s3', awsRegion: 'us-west-2', eventTime: '1970-01-01T00:00:00.000Z' },
    eventName,
    userIdentity: { principalId: 'AIDAJDPLRKLG7UEXAMPLE' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'testConfigRule',
      bucket: {
        name: 'films',
        ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
        arn: 'arn:aws:s3:::films',
      },
      object: { key: 'a.mp4', size: 1_024, eTag: ETAG, sequencer: '0055AED6DCD90281E5', ...object },
    },
  }
}

/** Written as Go writes it: `s3event/event.go` of versitygw 1.8.0. */
function versitygwRecord(object: object): object {
  return {
    ...{ eventVersion: '2.2', eventSource: 'aws:s3', awsRegion: 'us-east-1', eventTime: '2025-03-01T12:00:00+01:00' },
    eventName: 's3:ObjectCreated:CompleteMultipartUpload',
    userIdentity: { PrincipalId: 'test-access' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': '', 'x-amz-id-2': '' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'webhook-global',
      bucket: { name: 'films', ownerIdentity: { PrincipalId: 'test-access' }, arn: 'arn:aws:s3:::/films/a.mp4' },
      object: { key: 'a.mp4', size: 0, eTag: `"${ETAG}"`, versionId: null, sequencer: '1F', ...object },
    },
    glacierEventData: {
      restoreEventData: { lifecycleRestorationExpiryTime: '', lifecycleRestoreStorageClass: '' },
    },
  }
}

/** Amazon S3 user guide, "EventBridge event message structure". */
function eventBridge(object: object, type = 'Object Created'): object {
  return {
    ...{ version: '0', id: '17793124-05d4-b198-2fde-7ededc63b103', 'detail-type': type, source: 'aws.s3' },
    ...{ account: '111122223333', time: '2021-11-12T00:00:00Z', region: 'ca-central-1' },
    resources: ['arn:aws:s3:::films'],
    detail: {
      version: '0',
      bucket: { name: 'films' },
      object: { key: 'a.mp4', size: 5, etag: ETAG, sequencer: '00617F08299329D189', ...object },
      ...{ 'request-id': 'N4N7GDK58NMKJ12R', requester: '123456789012', 'source-ip-address': '1.2.3.4' },
      reason: 'PutObject',
    },
  }
}

/** Amazon SNS developer guide, "Parsing Amazon SNS message formats". */
function sns(message: string): object {
  return {
    ...{ Type: 'Notification', MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324' },
    ...{ TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic', Subject: 'Amazon S3 Notification', Message: message },
    ...{ Timestamp: '2012-05-02T00:54:06.655Z', SignatureVersion: '1', Signature: 'EXAMPLEw6JRN' },
  }
}

const records = (...list: unknown[]): string => JSON.stringify({ Records: list })
const keysOf = (body: string): (readonly string[])[] => parseS3Events(body).arrived.map(({ keys }) => keys)
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

function refusal(body: string): GantryError {
  try {
    parseS3Events(body)
  } catch (thrown) {
    if (thrown instanceof GantryError) return thrown
    throw thrown
  }
  throw new Error('it was taken')
}

function expectShortLine(message: string): void {
  expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  expect(message.length).toBeLessThanOrEqual(600)
}

describe('a notification of AWS', () => {
  it('gives bucket, key, etag and sequencer', () => {
    const arrived = [{ bucket: 'films', keys: ['a.mp4'], etag: ETAG, sequencer: '0055AED6DCD90281E5' }]
    expect(parseS3Events(records(awsRecord({})))).toEqual({ arrived, ignored: [], rejected: [] })
  })

  it.each([
    ['a space', 'red+flower.jpg', 'red flower.jpg'],
    ['a plus', 'a%2Bb.mp4', 'a+b.mp4'],
    ['a per cent sign', '100%25.mp4', '100%.mp4'],
    ['what looks encoded, once', '%2541.mp4', '%41.mp4'],
    ['a hash and a question mark', 'a%23b%3Fc.mp4', 'a#b?c.mp4'],
    ['letters of Europe', 'M%C3%BCnchen/%C3%A9t%C3%A9.mp4', 'München/été.mp4'],
    ['an emoji', '%F0%9F%8E%AC.mp4', '🎬.mp4'],
    ['a combining mark, not composed', 'e%CC%81.mp4', 'e\u0301.mp4'],
    ['a newline', 'a%0Ab.mp4', 'a\nb.mp4'],
  ])('decodes a key with %s like a form; the raw text is the other candidate', (_, encoded, key) => {
    expect(keysOf(records(awsRecord({ key: encoded })))).toEqual([[key, encoded]])
  })

  it.each(['100%.mp4', 'a%zz.mp4', 'a%C3.mp4', 'films/a-b_c.mp4', 'Füße 1.mp4', '../../etc/passwd', '//a//b'])(
    'leaves the key %j alone, which cannot or need not be decoded',
    (key) => {
      expect(keysOf(records(awsRecord({ key })))).toEqual([[key]])
    },
  )

  it('takes a key of 1,024 bytes all encoded, and does not offer the text that no store takes', () => {
    const key = '🎬'.repeat(256)
    expect(keysOf(records(awsRecord({ key: encodeURIComponent(key) })))).toEqual([[key]])
  })

  it('hands on a version, but not the "null" of a bucket that keeps none any more', () => {
    const versions = ['096fKKXTRTtl3on89fVO.nfljtsv6qko', 'null', '', null, undefined]
    const { arrived } = parseS3Events(records(...versions.map((versionId) => awsRecord({ versionId }))))
    expect(arrived.map(({ versionId }) => versionId)).toEqual([versions[0], ...Array<undefined>(4).fill(undefined)])
    expect(Object.keys(arrived[1] ?? {})).not.toContain('versionId')
  })

  it('has no etag and no sequencer where the event has none', () => {
    const { arrived } = parseS3Events(records(awsRecord({ eTag: undefined, sequencer: '' })))
    expect(arrived).toEqual([{ bucket: 'films', keys: ['a.mp4'], etag: null }])
  })

  it.each(['ObjectCreated:Post', 'ObjectCreated:Copy', 's3:ObjectCreated:Put', 'ObjectRestore:Completed'])(
    'takes %s',
    (name) => {
      expect(keysOf(records(awsRecord({}, name)))).toEqual([['a.mp4']])
    },
  )

  it.each([
    ...['ObjectRemoved:Delete', 'ObjectRemoved:DeleteMarkerCreated', 'ObjectRestore:Post', 'ObjectRestore:Delete'],
    ...['LifecycleExpiration:Delete', 'LifecycleTransition', 'ObjectTagging:Put', 'ObjectAcl:Put', 'TestEvent'],
    ...['Replication:OperationMissedThreshold', 'ReducedRedundancyLostObject', 'NotObjectCreated:Put'],
  ])('ignores %s', (name) => {
    const ignored = [JSON.stringify(name)]
    expect(parseS3Events(records(awsRecord({}, name)))).toEqual({ arrived: [], ignored, rejected: [] })
  })

  it.each(['x/', 'a/b+c/', 'a%2Fb%2F'])('ignores the folder marker %s', (key) => {
    expect(parseS3Events(records(awsRecord({ key })))).toMatchObject({ arrived: [], ignored: ['folder marker'] })
  })

  it('ignores the test event that S3 sends first', () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2014-10-13T15:57:02.089Z', Bucket: 'films' }
    expect(parseS3Events(JSON.stringify(test))).toEqual({ arrived: [], ignored: ['s3:TestEvent'], rejected: [] })
    expect(parseS3Events(JSON.stringify(sns(JSON.stringify(test))))).toMatchObject({ ignored: ['s3:TestEvent'] })
  })
})

describe('a notification of versitygw', () => {
  it('has no sequencer: its count begins anew at each start, and no order comes of it', () => {
    const { arrived } = parseS3Events(
      records(versitygwRecord({ sequencer: 'A0' }), versitygwRecord({ sequencer: '1' })),
    )
    expect(arrived.map(({ sequencer }) => sequencer)).toEqual([undefined, undefined])
  })

  it('has its quotes taken off and its key as it is, the decoded one second', () => {
    const body = records(versitygwRecord({ key: 'a+b%41.mp4' }))
    const keys = ['a+b%41.mp4', 'a bA.mp4']
    expect(parseS3Events(body).arrived).toEqual([{ bucket: 'films', keys, etag: ETAG }])
  })

  it('has the etag of parts', () => {
    const [object] = parseS3Events(records(versitygwRecord({ eTag: `"${ETAG}-2"` }))).arrived
    expect(object?.etag).toBe(`${ETAG}-2`)
  })

  it('is no folder marker when its plain key ends in the text %2F', () => {
    expect(keysOf(records(versitygwRecord({ key: 'x%2F' })))).toEqual([['x%2F', 'x/']])
  })
})

describe('an event of EventBridge', () => {
  it.each(['a+b.mp4', '100%25.mp4', 'my film.mp4', '🎬%20.mp4'])('has the plain key %j', (key) => {
    const arrived = [{ bucket: 'films', keys: [key], etag: ETAG, sequencer: '00617F08299329D189' }]
    expect(parseS3Events(JSON.stringify(eventBridge({ key }))).arrived).toEqual(arrived)
  })

  it('has its version, and is taken when an archived object is back', () => {
    const body = JSON.stringify(eventBridge({ 'version-id': 'v7' }, 'Object Restore Completed'))
    expect(parseS3Events(body).arrived).toMatchObject([{ versionId: 'v7' }])
  })

  it.each(['Object Deleted', 'Object Tags Added', 'Object Restore Initiated', 'AWS API Call via CloudTrail'])(
    'is ignored when it is %j',
    (type) => {
      expect(parseS3Events(JSON.stringify(eventBridge({}, type)))).toMatchObject({ arrived: [], rejected: [] })
    },
  )

  it('is ignored for a folder marker and refused without a key', () => {
    expect(parseS3Events(JSON.stringify(eventBridge({ key: 'x/' }))).ignored).toEqual(['folder marker'])
    expect(refusal(JSON.stringify(eventBridge({ key: '' }))).code).toBe('API_EVENT_INVALID')
  })
})

describe('an envelope of SNS', () => {
  it('is opened around a notification and around an event of EventBridge', () => {
    const key = 'a+b.mp4'
    expect(keysOf(JSON.stringify(sns(records(awsRecord({ key })))))).toEqual([['a b.mp4', key]])
    expect(keysOf(JSON.stringify(sns(JSON.stringify(eventBridge({ key })))))).toEqual([[key]])
  })

  it.each([
    ['another envelope', JSON.stringify(sns(records(awsRecord({}))))],
    ['plain words', 'You have chosen to subscribe to the topic'],
    ['an empty text', ''],
  ])('is refused around %s', (_, message) => {
    expect(refusal(JSON.stringify(sns(message))).code).toBe('API_EVENT_INVALID')
  })
})

describe('several records', () => {
  it('count each on its own, a bad one among them too', () => {
    const bad = [
      null,
      7,
      'text',
      {},
      { eventName: 'ObjectCreated:Put', s3: { bucket: { name: '' } } },
      awsRecord({ key: 3 }),
    ]
    const { arrived, ignored, rejected } = parseS3Events(
      records(awsRecord({ key: '1' }), ...bad, awsRecord({}, 'ObjectRemoved:Delete'), awsRecord({ key: '2' })),
    )
    expect(arrived.map(({ keys }) => keys)).toEqual([['1'], ['2']])
    expect(ignored).toHaveLength(1)
    expect(rejected.map(({ code }) => code)).toEqual(bad.map(() => 'API_EVENT_INVALID'))
    rejected.forEach(({ message }) => expectShortLine(message))
  })

  it('may be none', () => {
    expect(parseS3Events(records())).toEqual({ arrived: [], ignored: [], rejected: [] })
  })

  it('may be 1,000 and not one more', () => {
    const short = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' }, object: { key: 'k' } } }
    expect(parseS3Events(records(...Array<object>(1_000).fill(short))).arrived).toHaveLength(1_000)
    expect(refusal(records(...Array<object>(1_001).fill(short))).message).toMatch(/1001 records, at most 1000/)
  })
})

describe('a message that is no event', () => {
  it.each([
    ...['', ' ', 'hello', '{"Records":', 'null', '7', '"text"', '[]', '[{"Records":[]}]', '{}', '\uFEFF{"Records":[]}'],
    ...['{"Records":null}', '{"Records":{}}', '{"__proto__":{"Records":[]}}', '{"Event":"other"}', '{"Message":7}'],
    ...['{"detail-type":"Object Created","detail":null}', '{"Type":"SubscriptionConfirmation","Message":"hi"}'],
  ])('is refused with its reason: %j', (body) => {
    const error = refusal(body)
    expect(error).toMatchObject({ code: 'API_EVENT_INVALID', retryable: false })
    expect(error.message).toMatch(/^not an object event: .+; understood are S3 notifications, .+; got "/)
    expectShortLine(error.message)
  })

  it('is refused above 256 KiB, by its bytes', () => {
    const padded = (bytes: number): string => records().padEnd(bytes, ' ')
    expect(parseS3Events(padded(262_144)).arrived).toEqual([])
    expect(refusal(padded(262_145)).message).toMatch(/more than 262144 bytes/)
    expect(refusal(JSON.stringify({ Records: [], x: 'é'.repeat(131_100) })).message).toMatch(/more than 262144 bytes/)
  })

  it('changes no prototype', () => {
    const body = `{"Records":[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}],"__proto__":{"polluted":1}}`
    expect(parseS3Events(body).rejected).toHaveLength(1)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([10_000, 120_000])('may be %d levels deep, as a body, a record and a key', (depth) => {
    expect(refusal(deep(depth)).code).toBe('API_EVENT_INVALID')
    expect(refusal(`{"a":${deep(depth)}}`).code).toBe('API_EVENT_INVALID')
    const { rejected } = parseS3Events(`{"Records":[${deep(depth)}]}`)
    expect(rejected.map(({ code }) => code)).toEqual(['API_EVENT_INVALID'])
    rejected.forEach(({ message }) => expectShortLine(message))
  })

  it.each([
    ['a sequence of ANSI', '\u001b[31mred\u001b[0m'],
    ['C1 controls', '\u009b31m\u0085'],
    ['newlines', 'a\r\nb\nlevel=error'],
    ['separators of lines', 'a\u2028b\u2029'],
    ['marks of direction', '\u202egpj.exe\u2066'],
    ['half a character', '\ud83c'],
    ['nothing but NUL', '\0'.repeat(5_000)],
    ['emoji without end', '🎬'.repeat(5_000)],
  ])('is told of in one short line though it has %s', (_, text) => {
    const bodies = [text, JSON.stringify({ x: text }), `{"${text}`]
    for (const body of bodies) expectShortLine(refusal(body).message)
    expectShortLine(parseS3Events(records({ eventName: text })).rejected[0]?.message ?? '')
    expectShortLine(parseS3Events(records(awsRecord({}, text))).ignored[0] ?? '')
    expectShortLine(parseS3Events(JSON.stringify({ 'detail-type': text })).ignored[0] ?? '')
  })
})

/** Leaves out, doubles or puts in what may be anywhere in JSON. */
function damaged(random: SeededRandom, text: string): string {
  const place = random.integer(0, text.length)
  const scrap = random.pick(['', '"', '{', ']', ',', '\\', '%', '\u0000', 'null', '1e999', '\ud800', '🎬', '__proto__'])
  return `${text.slice(0, place)}${scrap}${text.slice(place + random.integer(0, 3))}`
}

/** Puts any value in the place of one that a real event has. */
function mutated(random: SeededRandom, value: unknown): unknown {
  if (random.next() < 0.03) return random.pick<unknown>([null, 0, -1, '', 'x', [], {}, true, '%', 'a/', '\u0007'])
  if (Array.isArray(value)) return value.map((item: unknown) => mutated(random, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mutated(random, field)]))
}

describe('any text', () => {
  it.each([1, 2, 3])('is understood, or refused as no event: seed %d', (seed) => {
    const random = seededRandom(seed)
    const real = [
      { Records: [awsRecord({ key: 'a+b%20.mp4' }), versitygwRecord({}), awsRecord({}, 'ObjectRemoved:Delete')] },
      eventBridge({}),
      sns(records(awsRecord({}))),
      sns(JSON.stringify(eventBridge({}))),
    ]
    const outcomes = { understood: 0, refused: 0 }
    for (let round = 0; round < 2_000; round += 1) {
      const whole = JSON.stringify(mutated(random, random.pick(real)))
      const body = random.next() < 0.5 ? whole : damaged(random, damaged(random, whole))
      const parsed = outcomeOf(body)
      if (parsed === null) outcomes.refused += 1
      else outcomes.understood += 1
      for (const { bucket, keys } of parsed?.arrived ?? []) {
        expect([bucket.length, keys.length, ...keys.map(({ length }) => length)]).not.toContain(0)
      }
    }
    expect(Math.min(outcomes.understood, outcomes.refused)).toBeGreaterThan(200)
  })
})

/** null for a body that is refused. @throws anything that is no proper refusal. */
function outcomeOf(body: string): ParsedMessage | null {
  try {
    const parsed = parseS3Events(body)
    for (const { code, message } of parsed.rejected) {
      expect(code).toBe('API_EVENT_INVALID')
      expectShortLine(message)
    }
    return parsed
  } catch (thrown) {
    if (!(thrown instanceof GantryError) || thrown.code !== 'API_EVENT_INVALID') throw thrown
    expectShortLine(thrown.message)
    return null
  }
}

describe('sequencers', () => {
  it.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', -1],
    ['0055aed6dcd90281e5', '0055AED6DCD90281E5', 0],
    ['F', '10', -1],
    ['0F', 'F', 0],
    ['00617F08299329D189', '617F08299329D188', 1],
    ['1FFFFFFFFFFFFFFFFFFFF', '20000000000000000', 1],
    ['', '0', 0],
    ['', '', 0],
  ])('%j to %j is %d, and the other way round the other sign', (a, b, sign) => {
    expect(Math.sign(compareSequencers(a, b))).toBe(sign)
    expect(Math.sign(compareSequencers(b, a)) + sign).toBe(0)
  })

  it('are in the order of the numbers they write, whatever their lengths', () => {
    const random = seededRandom(7)
    const hex = (): string =>
      Array.from({ length: random.integer(1, 20) }, () => random.pick([...'0123456789ABCDEF'])).join('')
    for (let round = 0; round < 500; round += 1) {
      const [a, b] = [hex(), hex()]
      const [x, y] = [BigInt(`0x${a}`), BigInt(`0x${b}`)]
      expect(Math.sign(compareSequencers(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0)
    }
  })
})
