import { GantryError } from '../../core/contract/errors'
import { createLogger, type Logger } from '../../core/service/logger'

let lines: string[]
let log: Logger
beforeEach(() => {
  lines = []
  log = createLogger({ service: 'worker', level: 'debug', to: { write: (line) => void lines.push(line) } })
})

const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>

describe('createLogger', () => {
  it('writes one line of JSON with service, level, time, message and fields', () => {
    log.info({ outSeconds: 60.5, segments: 10 }, 'rendition done')
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(last()).toEqual({
      ...{ level: 30, time: expect.any(Number), service: 'worker' },
      ...{ msg: 'rendition done', outSeconds: 60.5, segments: 10 },
    })
  })

  it('binds ids once, at any depth', () => {
    log.child({ assetId: 'a' }).child({ jobId: 'a.1.audio.audio' }).info('job starts')
    expect(last()).toMatchObject({ service: 'worker', assetId: 'a', jobId: 'a.1.audio.audio' })
  })

  it('leaves out what is below its level', () => {
    log.trace('nothing')
    createLogger({ service: 's', level: 'silent', to: { write: (line) => void lines.push(line) } }).fatal('nothing')
    expect(lines).toEqual([])
  })

  it('writes what an error is, under any name, with its cause', () => {
    const cause = new Error('connect ECONNREFUSED')
    const error = new GantryError('QUEUE_UNAVAILABLE', 'Redis did not answer', { host: 'h' }, { cause })
    log.warn({ err: error, other: error }, 'queue connection')
    for (const field of ['err', 'other']) {
      expect(last()[field]).toMatchObject({ code: 'QUEUE_UNAVAILABLE', details: { host: 'h' } })
      expect(JSON.stringify(last()[field])).toContain('connect ECONNREFUSED')
    }
  })
})

describe('secrets in the log', () => {
  const canary = 'CANARY7f3a'

  it.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'Set-Cookie',
    'password',
    'redis_password',
    'secret',
    'secretAccessKey',
    'AWS_SECRET_ACCESS_KEY',
    'accessKeyId',
    'sessionToken',
    'token',
    'x-api-key',
    'X-Amz-Signature',
  ])('are masked in a field named %s, however deep', (name) => {
    log.info({ [name]: canary, request: { headers: [{ [name]: canary }], [name]: { value: canary } } }, 'm')
    log.child({ [name]: canary }).info('m')
    expect(lines.join('')).not.toContain(canary)
    expect(lines.join('')).toContain(`"${name}":"***"`)
  })

  it.each([
    `https://b.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Credential=${canary}%2F2026&X-Amz-Signature=${canary}`,
    `https://h/k?x-amz-security-token=${canary}&a=b`,
    `https://h/k?a=b&X-Goog-Signature=${canary}#t=1`,
    `https://h/c?sv=1&sig=${canary}`,
    `https://h/c?access_token=${canary}`,
    `https://h/proxy?to=https%3A%2F%2Fh%2F%3FX-Amz-Signature%3D${canary}%26a%3Db`,
    `redis://:${canary}@host:6379/0`,
    `rediss://user:a@${canary}@host`,
    `https://${canary}@host/path`,
    `Authorization: Bearer ${canary}`,
    `{"authorization":"Basic ${canary}"}`,
    `authorization=${canary}`,
    `sent bearer ${canary}.a-b_c`,
    `AWS4-HMAC-SHA256 Credential=${canary}/20260101, SignedHeaders=host, Signature=${canary}`,
    `password=${canary} user=me`,
  ])('are masked in text: %s', (text) => {
    log.info(text)
    log.info({ url: text, list: [[text]], [text]: 1 }, 'm')
    log.child({ source: text }).error({ err: new Error(`GET ${text} failed`, { cause: new Error(text) }) }, 'm')
    expect(lines).toHaveLength(3)
    expect(lines.join('')).not.toContain(canary)
  })

  it.each([
    'https://host:8080/a/b@c?range=1-2&X-Amz-Date=20260101',
    "open 'my film: secret garden, token of love.mov'",
    'basic settings',
    's3://bucket/key with spaces?versionId=abc',
    'user@example.org',
  ])('are not seen in %s', (text) => {
    log.info({ text }, 'm')
    expect(last()['text']).toBe(text)
  })
})

describe('hostile text in the log', () => {
  it('stays on its line and commands no terminal', () => {
    const hostile = 'a\n{"level":60}\r\u001b[2J\u007f\u009b31m\u2028\u2029\u202e\u2066\u200fz'
    log.child({ key: hostile }).info({ title: hostile, [hostile]: 1 }, hostile)
    const [line = ''] = lines
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202e\u2066\u200f]/u)
    expect(last()).toMatchObject({ key: hostile, title: hostile, [hostile]: 1, msg: hostile })
  })

  it('is cut at 2 KiB a field, between characters', () => {
    const long = 'é'.repeat(5_000)
    log.info({ title: long, deep: { list: [long] } }, `x${long}`)
    expect(last()['title']).toBe(`${'é'.repeat(1_024)}... 7952 bytes more`)
    expect(last()['deep']).toEqual({ list: [`${'é'.repeat(1_024)}... 7952 bytes more`] })
    // The limit falls into a character here.
    expect(last()['msg']).toBe(`x${'é'.repeat(1_023)}... 7954 bytes more`)
    log.info({ title: 'x'.repeat(2_048) }, 'm')
    expect(last()['title']).toBe('x'.repeat(2_048))
  })

  it('is cut in number and depth', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 'end' : { in: nested(levels - 1) })
    log.info({ argv: Array.from({ length: 1_000 }, (_, i) => i), nested: nested(100) }, 'm')
    expect(last()['argv']).toEqual([...Array.from({ length: 64 }, (_, i) => i), '... 936 more'])
    expect(lines[0]?.length).toBeLessThan(600)
  })

  it('cannot reach the prototype', () => {
    log.info({ record: JSON.parse('{"__proto__": {"polluted": true}}') as object }, 'm')
    expect(lines[0]).toContain('"__proto__":{"polluted":true}')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('does not throw at values that JSON has no form for', () => {
    const round: Record<string, unknown> = { big: 10n, none: undefined, f: () => 1, n: NaN }
    round['self'] = round
    log.info({ round, when: new Date(0), bytes: Buffer.of(1) }, 'm')
    expect(last()).toMatchObject({ msg: 'm', when: '1970-01-01T00:00:00.000Z' })
  })
})
