/** Two ways for two kinds of masters, and what a request asks for, by real servers and processes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { AssetFacts } from '../../core/contract/intent'
import { download } from '../support/download'
import { mastersFolder } from '../support/masters'
import { judgeAsset } from '../support/reading/judge'
import { startElasticMq, type SqsServer } from '../support/servers/elasticmq'
import { BUCKETS, startServices, type ServiceProcess, type Services } from '../support/services'

const MASTER = join(mastersFolder(), 'gopro-max-480p30-10s-data-tracks.mp4')

const ROUTES = `
destinations:
  films:
    bucket: films-out
    prefix: vod
    name: '{folder}/{stem}-{id}'
    tags: { team: film, fleet: shared }
    retentionDays: 30
routes:
  - { name: texts, match: { suffixes: [.srt, .vtt] }, ignore: true }
  - { name: drafts, match: { prefix: drafts }, ignore: true }
  - name: bulletins
    match: { prefix: news, tags: { kind: bulletin } }
    ladder: ./small.yaml
    destination: { bucket: news-out }
  - name: films
    match: { prefix: films, metadata: { owner: studio } }
    ladder: ./tall.yaml
    destination: films
    lane: bulk
`
const ladderText = (name: string, rung: string): string => `name: ${name}\nrungs: [${rung}]\nmp4: ${name === 'tall'}\n`

let folder: string
let sqs: SqsServer
let services: Services & { first: ServiceProcess }
let processes: ServiceProcess[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-e2e-'))
  await writeFile(join(folder, 'routes.yaml'), ROUTES)
  await writeFile(
    join(folder, 'small.yaml'),
    ladderText('small', '{ id: 144p, shortSidePx: 144, maxBitrateBps: 300_000 }'),
  )
  await writeFile(
    join(folder, 'tall.yaml'),
    ladderText('tall', '{ id: 240p, shortSidePx: 240, maxBitrateBps: 500_000 }'),
  )
  sqs = await startElasticMq(['masters', 'dead'])
  const queues = { GANTRY_SQS_URL: sqs.queueUrl('masters'), GANTRY_SQS_DEAD_LETTER_URL: sqs.queueUrl('dead') }
  services = await startServices({
    events: true,
    buckets: ['films-out', 'news-out', 'teams'],
    env: {
      GANTRY_ROUTES: join(folder, 'routes.yaml'),
      GANTRY_DESTINATIONS: 'teams/open',
      GANTRY_S3_TAGS: 'fleet=one,cost=42',
    },
  })
  const second = await services.scheduler({ ...queues, GANTRY_SQS_ENDPOINT: sqs.endpoint, GANTRY_WORKER_ID: 'second' })
  const worker = await services.worker({ GANTRY_WORKER_ID: 'w1', GANTRY_SLOTS: '2' })
  processes = [services.first, second, worker]
  await Promise.all([services.first, second].map((one) => one.line({ msg: 'scheduler ready' })))
  await worker.line({ msg: 'worker ready' })
  await put('drafts/a.mp4', MASTER)
  await put('news/a.mp4', MASTER, { Tagging: 'kind=bulletin' })
  await put('films/2026/a.mp4', MASTER, { Metadata: { owner: 'studio' } })
})
afterAll(async () => {
  await services.close()
  await sqs.close()
  await rm(folder, { recursive: true, force: true })
})

type Labels = Pick<ConstructorParameters<typeof PutObjectCommand>[0], 'Tagging' | 'Metadata'>

async function put(Key: string, file: string, labels: Labels = {}): Promise<void> {
  const Body = await readFile(file)
  await services.client.send(new PutObjectCommand({ Bucket: BUCKETS.masters, Key, Body, ...labels }))
}

/** Where the published asset of a rule lies. */
async function homeOf(bucket: string, which: (key: string) => boolean = () => true) {
  const inBucket = (url: string): string => new URL(url).pathname.split('/').slice(2).join('/')
  const published = await services.event(
    'asset.published',
    ({ data }) => new URL(data.master).pathname.startsWith(`/${bucket}/`) && which(inBucket(data.master)),
  )
  return { assetId: published.assetId, prefix: inBucket(published.data.master).replace(/master\.m3u8$/, '') }
}

async function tagsOf(Bucket: string, Key: string): Promise<Record<string, string>> {
  const { TagSet = [] } = await services.client.send(new GetObjectTaggingCommand({ Bucket, Key }))
  return Object.fromEntries(TagSet.map((tag) => [tag.Key ?? '', tag.Value ?? '']))
}

/** Downloads an asset. @returns Its folder, its keys and its public facts. */
async function copyOf(bucket: string, prefix: string) {
  const copy = join(folder, bucket)
  const keys = await download(services.client, bucket, prefix, copy)
  return { copy, keys, asset: JSON.parse(await readFile(join(copy, 'asset.json'), 'utf8')) as AssetFacts }
}

/** In distinct forms, every object of it. */
async function allTags(bucket: string, prefix: string, keys: readonly string[]): Promise<Set<string>> {
  const all = await Promise.all(keys.map((key) => tagsOf(bucket, `${prefix}${key}`)))
  return new Set(all.map((tags) => JSON.stringify(Object.entries(tags).sort())))
}

const tagText = (tags: Record<string, string>): Set<string> => new Set([JSON.stringify(Object.entries(tags).sort())])

describe('two prefixes by two rules', () => {
  it('go to two buckets by two ladders: one by an object tag, with the tags of the settings', async () => {
    const { prefix } = await homeOf('news-out')
    expect(prefix).toMatch(/^a-[a-z2-7]{10}\/$/)
    const { keys, asset } = await copyOf('news-out', prefix)
    expect(asset.video.map(({ id }) => id)).toEqual(['144p'])
    expect(await allTags('news-out', prefix, keys)).toEqual(tagText({ cost: '42', fleet: 'one' }))
  })

  it('and one by metadata, to a named destination, with its name, tags and retention on every object', async () => {
    const { prefix } = await homeOf('films-out')
    expect(prefix).toMatch(/^vod\/films\/2026\/a-[a-z2-7]{10}\/$/)
    const { copy, keys, asset } = await copyOf('films-out', prefix)
    expect(asset.video.map(({ id }) => id)).toEqual(['240p'])
    expect(keys).toEqual(expect.arrayContaining(['master.m3u8', 'asset.json', 'r1/thumbs/poster.jpg']))
    expect(await allTags('films-out', prefix, keys)).toEqual(
      tagText({ cost: '42', fleet: 'shared', team: 'film', 'gantry-retention-days': '30' }),
    )
    expect(await judgeAsset(join(copy, 'master.m3u8'), MASTER)).toEqual([])
  })

  it('leave alone what a rule ignores', async () => {
    await services.first.line({ msg: 'a rule leaves the object alone', key: 'drafts/a.mp4' })
    const sources = (await services.lifecycle()).flatMap((one) =>
      one.type === 'asset.accepted' ? [one.data.source] : [],
    )
    expect(sources.map(({ key }) => key).sort()).toEqual(['films/2026/a.mp4', 'news/a.mp4'])
  })
})

const captions = '1\n00:00:01,000 --> 00:00:03,000\nbefore and in\n\n2\n00:00:03,500 --> 00:00:30,000\nto the end\n'

function wish(more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    v: 1,
    source: { bucket: BUCKETS.masters, key: 'films/2026/a.mp4' },
    ladder: { name: 'own', mp4: true, rungs: [{ id: 'own', shortSidePx: 160, maxBitrateBps: 300_000 }] },
    destination: { bucket: 'teams', prefix: 'open/b', name: 'x/{id}', tags: { team: 'b' } },
    clip: { inSeconds: 2, outSeconds: 5 },
    posterAtSeconds: 1,
    captions: [{ key: 'films/2026/a.de.srt', language: 'de', sdh: true }],
    ...more,
  })
}

function post(body: string): Promise<Response> {
  return fetch(services.webhookUrl, { method: 'POST', body })
}

describe('a request by the webhook', () => {
  it('is published as it asks: its own ladder, a part, captions from beside the master, in its own place', async () => {
    await writeFile(join(folder, 'a.srt'), captions)
    await put('films/2026/a.de.srt', join(folder, 'a.srt'))
    expect((await post(wish())).status).toBe(202)
    const { prefix } = await homeOf('teams')
    expect(prefix).toMatch(/^open\/b\/x\/[a-z2-7]{10}\/$/)
    const { copy, keys, asset } = await copyOf('teams', prefix)
    expect(asset).toMatchObject({ durationSeconds: expect.closeTo(3, 1) as number, warnings: [] })
    expect(asset.video.map(({ id }) => id)).toEqual(['own'])
    expect(keys).toContain('r1/mp4/own.mp4')
    expect(await readFile(join(copy, 'r1/captions/captions-de/captions.vtt'), 'utf8')).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nbefore and in\n\n00:00:01.500 --> 00:00:03.000\nto the end\n',
    )
    expect(await readFile(join(copy, 'master.m3u8'), 'utf8')).toContain('describes-music-and-sound')
    expect(await allTags('teams', prefix, keys)).toEqual(tagText({ cost: '42', fleet: 'one', team: 'b' }))
  })

  it('makes nothing when it is told again, and the asset anew for a new word', async () => {
    const known = services.first.line({ msg: 'master taken', outcome: 'known', run: 1 })
    expect((await post(wish())).status).toBe(202)
    await known
    expect((await post(wish({ force: 'once-more' }))).status).toBe(202)
    await services.event('asset.published', ({ run, data }) => run === 2 && data.master.includes('/teams/'))
    // In another order: what was done for it is known.
    const first = services.first.line({ msg: 'master taken', outcome: 'known', run: 2 })
    expect((await post(wish())).status).toBe(202)
    await first
  })

  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'a rung of kilobits',
      { ladder: { name: 'a', rungs: [{ id: 'a', shortSidePx: 360, maxBitrateBps: 900 }] } },
      'API_REQUEST_INVALID',
      'got 900 (kilobits by mistake? use 900_000)',
    ],
    [
      'a bucket that is not open',
      { destination: { bucket: 'films-out' } },
      'API_DESTINATION_NOT_ALLOWED',
      'is not within GANTRY_DESTINATIONS',
    ],
    [
      'captions of the state',
      { captions: [{ bucket: 'state', key: 'gantry/a.srt' }] },
      'API_BUCKET_NOT_ALLOWED',
      'Gantry itself writes there',
    ],
  ])('is refused at once for %s', async (_, more, code, part) => {
    const answer = await post(wish(more))
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ code, detail: expect.stringContaining(part) as string })
  })
})

async function deadLetter(body: string): Promise<{ code: string | undefined; reason: string | undefined }> {
  const client = new SQSClient({ region: sqs.region, endpoint: sqs.endpoint, credentials: sqs })
  await client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl('masters'), MessageBody: body }))
  const { Messages: [letter] = [] } = await client.send(
    new ReceiveMessageCommand({
      ...{
        QueueUrl: sqs.queueUrl('dead'),
        MessageAttributeNames: ['All'],
        WaitTimeSeconds: 20,
        VisibilityTimeout: 600,
      },
    }),
  )
  client.destroy()
  expect(letter?.Body).toBe(body)
  const { 'gantry-code': code, 'gantry-reason': reason } = letter?.MessageAttributes ?? {}
  return { code: code?.StringValue, reason: reason?.StringValue }
}

describe('a request by SQS that cannot be met goes to the dead letters with its sentence:', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'no sense',
      { clip: { inSeconds: 5, outSeconds: 4 } },
      'API_REQUEST_INVALID',
      'clip.outSeconds must be above inSeconds (5), got 4',
    ],
    [
      'no such destination',
      { destination: 'cinema' },
      'API_DESTINATION_NOT_ALLOWED',
      "(there are films), got 'cinema'",
    ],
    [
      'no such captions',
      { captions: [{ key: 'films/none.vtt' }] },
      'SOURCE_NOT_FOUND',
      'there is no object "masters/films/none.vtt"',
    ],
  ])('%s', async (_, more, code, part) => {
    expect(await deadLetter(wish(more))).toEqual({ code, reason: expect.stringContaining(part) as string })
  })

  it('but a clip from after the end is told of as a failure of the asset', async () => {
    expect((await post(wish({ clip: { inSeconds: 50 }, captions: [] }))).status).toBe(202)
    const { data } = await services.event('asset.failed')
    expect(data).toMatchObject({ code: 'API_REQUEST_INVALID', message: expect.stringContaining('at 50 s') as string })
    const failed = (await services.lifecycle()).filter(({ type }) => type === 'asset.failed')
    expect(failed).toHaveLength(1)
  })
})

it('ends when asked, and left no secret anywhere', async () => {
  for (const one of processes) one.signal('SIGTERM')
  expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual([0, 0, 0])
  const state = join(folder, 'state')
  const records = await download(services.client, BUCKETS.state, '', state)
  const texts = [
    ...processes.flatMap(({ lines }) => lines.map((line) => JSON.stringify(line))),
    ...(await Promise.all(records.map((key) => readFile(join(state, key), 'utf8')))),
    ...(await services.redisTexts()),
  ]
  expect(records.filter((key) => key.endsWith('/intent.json')).length).toBeGreaterThan(2)
  const secrets = [services.s3.secretAccessKey, new URL(services.webhookUrl).searchParams.get('token') ?? '']
  for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([])
  expect(await tagsOf(BUCKETS.state, records[0] ?? '')).toEqual({ cost: '42', fleet: 'one' })
})
