import { GantryError } from '../../core/contract/errors'
import { printable, readSettings } from '../../core/service/config'
import { SETTINGS, type SettingName, type Settings } from '../../core/service/settings'

const NAMES = Object.keys(SETTINGS) as SettingName[]
const REQUIRED = {
  GANTRY_REDIS_URL: 'redis://:hunter2@127.0.0.1:6379/0',
  GANTRY_STATE: 'file:///srv/state',
  GANTRY_OUTPUT: 'file:///srv/out',
  GANTRY_SOURCES: 'masters,archive/films',
  GANTRY_SCRATCH: '/tmp/gantry',
  GANTRY_WORKER_ID: 'local-1',
}

type Environment = Record<string, string | undefined>

const noFile = (path: string): string => {
  throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' })
}
const read = (env: Environment, readFile = noFile): Settings => readSettings({ ...REQUIRED, ...env }, NAMES, readFile)

/** What is wrong with an environment, line by line. */
function problems(env: Environment, readFile = noFile): string[] {
  try {
    read(env, readFile)
    return []
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'CONFIG_INVALID') throw error
    const [first, ...lines] = error.message.split('\n  ')
    expect(first).toBe('the settings cannot be used:')
    expect(error.details['problems']).toEqual(lines)
    return lines
  }
}

describe('readSettings', () => {
  it('gives the defaults that are promised', () => {
    expect(read({})).toMatchObject({
      ...REQUIRED,
      GANTRY_SOURCES: ['masters', 'archive/films'],
      ...{ GANTRY_SLOTS: 1, GANTRY_LOG_LEVEL: 'info', GANTRY_ENCODER_THREADS: 'auto' },
      ...{ GANTRY_FFMPEG: 'ffmpeg', GANTRY_FFPROBE: 'ffprobe', GANTRY_QUEUE_PREFIX: '{gantry}' },
      ...{ GANTRY_LOCK_MS: 10_000, GANTRY_STALL_CHECK_MS: 2_000, GANTRY_POISON_LIMIT: 6, GANTRY_ATTEMPTS: 4 },
      ...{ GANTRY_FFMPEG_STALL_SECONDS: 60, GANTRY_MAX_DURATION_SECONDS: 43_200, GANTRY_MAX_PIXELS: 35_389_440 },
      ...{ GANTRY_FFMPEG_MEMORY_BYTES: 8 * 2 ** 30 },
    })
  })

  it.each([
    ['GANTRY_SLOTS', '64', 64],
    ['GANTRY_ENCODER_THREADS', 'auto', 'auto'],
    ['GANTRY_ENCODER_THREADS', '1', 1],
    ['GANTRY_ENCODER_THREADS', '64', 64],
    ['GANTRY_REDIS_URL', 'rediss://user:pa%40ss@h:1/2', 'rediss://user:pa%40ss@h:1/2'],
    ['GANTRY_REDIS_URL', 'unix:///run/redis.sock?db=0', 'unix:///run/redis.sock?db=0'],
    ['GANTRY_QUEUE_PREFIX', '{a-1}', '{a-1}'],
    ['GANTRY_FFMPEG', '/opt/ff mpeg/bin/ffmpeg', '/opt/ff mpeg/bin/ffmpeg'],
    ['GANTRY_MAX_BYTES', '1125899906842624', 2 ** 50],
    ['GANTRY_STATE', 's3://state.bucket-1/a/b', 's3://state.bucket-1/a/b'],
    ['GANTRY_S3_ROLE_ARN', 'arn:aws:iam::123456789012:role/team/x', 'arn:aws:iam::123456789012:role/team/x'],
    ['GANTRY_KAFKA_CREATE_TOPICS', 'on', true],
  ] as const)('takes %s=%s', (name, text, value) => {
    expect(read({ [name]: text })[name]).toBe(value)
  })

  it('takes an empty variable for none', () => {
    expect(read({ GANTRY_SLOTS: '', GANTRY_REDIS_URL_FILE: '' }).GANTRY_SLOTS).toBe(1)
    expect(problems({ GANTRY_STATE: '' })).toEqual([
      'GANTRY_STATE must be s3://bucket/prefix or a folder as file:///path; it is not set',
    ])
  })

  it('reads only the settings that are asked for', () => {
    expect(readSettings({ GANTRY_SLOTS: '2', GANTRY_LOCK_MS: 'x' }, ['GANTRY_SLOTS'], noFile)).toEqual({
      GANTRY_SLOTS: 2,
    })
  })

  it.each(['0', '65', '-1', '1.5', '1e1', '0x10', ' 2', '2 ', 'two', 'Infinity', 'NaN', '9'.repeat(30)])(
    'refuses %j as a number of slots and says what is allowed',
    (text) => {
      expect(problems({ GANTRY_SLOTS: text })).toEqual([
        `GANTRY_SLOTS must be a whole number from 1 to 64, got ${JSON.stringify(text)}`,
      ])
    },
  )

  it.each([
    ['GANTRY_ENCODER_THREADS', '0'],
    ['GANTRY_ENCODER_THREADS', '65'],
    ['GANTRY_ENCODER_THREADS', 'Auto'],
    ['GANTRY_STATE', '/srv/state'],
    ['GANTRY_STATE', 'file://host/state'],
    ['GANTRY_OUTPUT', 's3://Bucket_1/prefix'],
    ['GANTRY_OUTPUT', 's3:///prefix'],
    ['GANTRY_SOURCES', 'masters,'],
    ['GANTRY_SOURCES', 'masters,*'],
    ['GANTRY_S3_ENDPOINT', 'http://key:secret@h:1'],
    ['GANTRY_S3_ROLE_ARN', 'arn:aws:iam::1:role/x'],
    ['GANTRY_S3_TAGS', 'team'],
    ['GANTRY_S3_CACHE_IMMUTABLE', 'a\r\nX-Evil: 1'],
    ['GANTRY_SQS_URL', 'queue'],
    ['GANTRY_WEBHOOK_PORT', '65536'],
    ['GANTRY_KAFKA_BROKERS', 'kafka'],
    ['GANTRY_KAFKA_SASL', 'kerberos'],
    ['GANTRY_KAFKA_CA', 'no certificate'],
    ['GANTRY_ADMIN_HOST', 'a b'],
    ['GANTRY_QUEUE_PREFIX', 'gantry'],
    ['GANTRY_QUEUE_PREFIX', '{gantry}:x'],
    ['GANTRY_QUEUE_PREFIX', '{}'],
    ['GANTRY_LOG_LEVEL', 'INFO'],
    ['GANTRY_WORKER_ID', 'a b'],
    ['GANTRY_WORKER_ID', 'a\nb'],
    ['GANTRY_FFMPEG_MEMORY_BYTES', '8GiB'],
    ['GANTRY_FFMPEG_MEMORY_BYTES', String(2 ** 30)],
  ])('refuses %s=%j', (name, text) => {
    expect(problems({ [name]: text })).toEqual([expect.stringMatching(new RegExp(`^${name} must be .*, got "`))])
  })

  it.each(['localhost:6379', 'http://h', 'redis://', 'redis:///0', 'unix:///', 'unix://run/redis.sock', 'REDIS://h'])(
    'refuses %s as address of Redis and shows no secret',
    (url) => {
      expect(problems({ GANTRY_REDIS_URL: url })).toEqual([
        'GANTRY_REDIS_URL must be redis://host:port, rediss://host:port or unix:///path; its value is a secret and not shown',
      ])
    },
  )

  it('lists all problems at once', () => {
    const all = problems({ GANTRY_REDIS_URL: undefined, GANTRY_SLOTS: '0', GANTRY_SLOT: '2', GANTRY_STATE: 'x' })
    expect(all.map((line) => line.split(' ')[0])).toEqual([
      'GANTRY_REDIS_URL',
      'GANTRY_STATE',
      'GANTRY_SLOTS',
      'GANTRY_SLOT',
    ])
    expect(all[0]).toContain('it is not set')
  })

  it('shows hostile values in one line, and not all of a long one', () => {
    const [line = '', ...rest] = problems({ GANTRY_SLOTS: `\n  GANTRY_X\u001b[2J${'9'.repeat(10_000)}` })
    expect(rest).toEqual([])
    expect(line).not.toMatch(/\p{Cc}/u)
    expect(line.length).toBeLessThan(400)
  })
})

describe('variables that are no settings', () => {
  it.each([
    ['GANTRY_SLOT', 'GANTRY_SLOTS'],
    ['GANTRY_REDIS_ULR', 'GANTRY_REDIS_URL'],
    ['GANTRY_FFPROB', 'GANTRY_FFPROBE'],
    ['GANTRY_REDIS_URLFILE', 'GANTRY_REDIS_URL_FILE'],
  ])('%s is a problem, with the likely name %s', (name, likely) => {
    expect(problems({ [name]: 'hunter2' })).toEqual([
      `${name} is no setting (did you mean ${likely}?); docs/configuration.md lists all`,
    ])
  })

  it('are told without a guess when none is near', () => {
    expect(problems({ GANTRY_COLOUR_OF_THE_SKY: 'blue' })).toEqual([
      'GANTRY_COLOUR_OF_THE_SKY is no setting; docs/configuration.md lists all',
    ])
  })

  it('are left alone when they are not ours or for tests', () => {
    expect(problems({ GANTRY_TEST_MEDIA: '/m', PATH: '/bin', gantry_slots: '9', GANTRYX: '1' })).toEqual([])
  })
})

describe('a setting from a file', () => {
  const files = (path: string): string => (path === '/run/secrets/redis' ? 'redis://:hunter2@h:6379\n' : noFile(path))

  it('is read without the line end', () => {
    const settings = read({ GANTRY_REDIS_URL: undefined, GANTRY_REDIS_URL_FILE: '/run/secrets/redis' }, files)
    expect(settings.GANTRY_REDIS_URL).toBe('redis://:hunter2@h:6379')
  })

  it('is a problem of its own when the file cannot be read', () => {
    expect(problems({ GANTRY_REDIS_URL: undefined, GANTRY_REDIS_URL_FILE: '/none' }, files)).toEqual([
      'GANTRY_REDIS_URL_FILE must name a file that can be read, got "/none" (ENOENT)',
    ])
  })

  it('is a problem when the file is empty', () => {
    const line = problems({ GANTRY_REDIS_URL: undefined, GANTRY_REDIS_URL_FILE: '/empty' }, () => ' \n')
    expect(line).toEqual([expect.stringContaining('; the file of GANTRY_REDIS_URL_FILE="/empty" is empty')])
  })

  it('is a problem beside a value', () => {
    expect(problems({ GANTRY_REDIS_URL_FILE: '/run/secrets/redis' }, files)).toEqual([
      'GANTRY_REDIS_URL and GANTRY_REDIS_URL_FILE are both set; set one of them',
    ])
  })

  it('is named when its value is wrong', () => {
    expect(problems({ GANTRY_SLOTS_FILE: '/slots' }, () => 'many')).toEqual([
      'GANTRY_SLOTS must be a whole number from 1 to 64, got "many" from GANTRY_SLOTS_FILE="/slots"',
    ])
  })

  it('is not shown when it is a secret', () => {
    const lines = problems({ GANTRY_REDIS_URL: undefined, GANTRY_REDIS_URL_FILE: '/f' }, () => 'hunter2')
    expect(lines).toHaveLength(1)
    expect(lines.join()).not.toContain('hunter2')
  })
})

describe('printable', () => {
  it('masks secrets and shows the rest', () => {
    const shown = printable(read({ GANTRY_SLOTS: '3' }))
    expect(shown).toMatchObject({ GANTRY_REDIS_URL: '***', GANTRY_SLOTS: 3, GANTRY_STATE: 'file:///srv/state' })
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })
})
