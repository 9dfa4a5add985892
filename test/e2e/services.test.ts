/** From an object put into S3 to a played asset in S3 and its story on Kafka, all by real servers and processes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { AnyEvent } from '../../core/contract/event'
import { playUrl } from '../support/browser'
import { download } from '../support/download'
import { mastersFolder } from '../support/masters'
import { judgeAsset } from '../support/reading/judge'
import { startElasticMq, type SqsServer } from '../support/servers/elasticmq'
import { BUCKETS, startServices, type LogLine, type ServiceProcess, type Services } from '../support/services'

const MASTER = join(mastersFolder(), 'gopro-max-480p30-10s-data-tracks.mp4')
/** A key that is written in two ways: as it is, and like a form. */
const KEY = 'in box/große+Füße 100%.mp4'

let sqs: SqsServer
let folder: string
beforeAll(async () => {
  sqs = await startElasticMq(['masters', 'dead'])
  folder = await mkdtemp(join(tmpdir(), 'gantry-e2e-'))
})
afterAll(async () => {
  await sqs.close()
  await rm(folder, { recursive: true, force: true })
})

async function sendToSqs(queue: string, body: string): Promise<void> {
  const client = new SQSClient({ region: sqs.region, endpoint: sqs.endpoint, credentials: sqs })
  await client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl(queue), MessageBody: body }))
  client.destroy()
}

/** As S3 itself tells of an object. Source: Amazon S3 user guide, "Event message structure". */
function s3Event(key: string, etag: string): string {
  const object = {
    key: encodeURIComponent(key).replaceAll('%20', '+'),
    size: 1,
    eTag: etag,
    sequencer: '0055AED6DCD90281E5',
  }
  const s3 = { s3SchemaVersion: '1.0', bucket: { name: BUCKETS.masters }, object }
  return JSON.stringify({
    Records: [
      { eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', awsRegion: 'us-east-1', s3 },
    ],
  })
}

const jobsStarted = (processes: readonly ServiceProcess[]): LogLine[] =>
  processes.flatMap(({ lines }) => lines.filter(({ msg }) => msg === 'job started'))

describe.each(['the S3 server by a webhook', 'a message in SQS'])('a master that is told of by %s', (teller) => {
  const isWebhook = teller.includes('webhook')
  let services: Services & { first: ServiceProcess }
  let workers: ServiceProcess[]
  let scheduler: ServiceProcess
  let story: AnyEvent[]
  let name: string

  const tell = async (Key: string): Promise<void> => {
    const { ETag = '' } = await services.client.send(new HeadObjectCommand({ Bucket: BUCKETS.masters, Key }))
    await sendToSqs('masters', s3Event(Key, ETag.replaceAll('"', '')))
  }

  beforeAll(async () => {
    services = await startServices({ events: isWebhook, s3: { corsOrigin: '*' } })
    const queues = { GANTRY_SQS_URL: sqs.queueUrl('masters'), GANTRY_SQS_DEAD_LETTER_URL: sqs.queueUrl('dead') }
    // The first hears the webhook; the second polls SQS. One of them leads.
    scheduler = await services.scheduler({ ...queues, GANTRY_SQS_ENDPOINT: sqs.endpoint, GANTRY_WORKER_ID: 'second' })
    workers = [
      await services.worker({ GANTRY_WORKER_ID: 'w1' }),
      await services.worker({ GANTRY_WORKER_ID: 'w2', GANTRY_SLOTS: '2' }),
    ]
    await Promise.all([services.first, scheduler].map((one) => one.line({ msg: 'scheduler ready' })))
    await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
    await services.put(KEY, MASTER)
    if (!isWebhook) await tell(KEY)
    const published = await services.event('asset.published')
    story = (await services.lifecycle()).filter(({ assetId }) => assetId === published.assetId)
    name = new URL(published.data.master).pathname.split('/')[2] ?? ''
  })
  afterAll(() => services.close())

  it('has its story on Kafka in order, each event once', () => {
    expect(story.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned', 'asset.published'])
    expect(story[0]).toMatchObject({ data: { source: { bucket: BUCKETS.masters, key: KEY } } })
  })

  it('is one asset: nothing that Gantry writes is taken for a master', async () => {
    expect(new Set((await services.lifecycle()).map(({ assetId }) => assetId)).size).toBe(1)
  })

  it('is right by an independent reading of the objects in S3', async () => {
    const copy = join(folder, isWebhook ? 'webhook' : 'sqs')
    const keys = await download(services.client, BUCKETS.output, `${name}/`, copy)
    expect(keys).toContain('master.m3u8')
    expect(await judgeAsset(join(copy, 'master.m3u8'), MASTER)).toEqual([])
  })

  it('carries types and caching for those who serve it', async () => {
    const head = async (key: string) =>
      services.client.send(new HeadObjectCommand({ Bucket: BUCKETS.output, Key: `${name}/${key}` }))
    expect(await head('master.m3u8')).toMatchObject({
      ContentType: 'application/vnd.apple.mpegurl',
      CacheControl: 'public, max-age=5',
    })
    expect(await head('r1/mp4/480p.mp4')).toMatchObject({
      ContentType: 'video/mp4',
      CacheControl: 'public, max-age=31536000, immutable',
    })
  })

  it("plays in a browser to its end from S3's own addresses", async () => {
    const published = story.at(-1)
    const url = published?.type === 'asset.published' ? published.data.master : ''
    expect(url).toBe(`${services.s3.endpoint}/${BUCKETS.output}/${name}/master.m3u8`)
    const playback = await playUrl(url, { switchRungs: true })
    expect(playback.errors).toEqual([])
    expect(playback).toMatchObject({ ended: true, levelCount: 3 })
  })

  it('adds no job when it is told of again', async () => {
    const before = jobsStarted(workers).length
    const known = scheduler.line({ msg: 'master taken', outcome: 'known' })
    await tell(KEY)
    await known
    const taken = (await services.lifecycle()).length
    expect(jobsStarted(workers)).toHaveLength(before)
    expect(taken).toBe(3)
  })

  it('has a refused neighbour, which is told of with its code and publishes nothing', async () => {
    await services.put('broken.mp4', join(mastersFolder(), 'broken-no-moov.mp4'))
    if (!isWebhook) await tell('broken.mp4')
    const failed = await services.event('asset.failed')
    expect(failed.data).toMatchObject({ code: 'SOURCE_TRUNCATED', source: { key: 'broken.mp4' } })
    const published = await download(services.client, BUCKETS.output, 'broken', join(folder, 'broken'))
    expect(published).toEqual([])
  })

  it('keeps its secrets: none is in a log, an event, the state or Redis', async () => {
    const state = join(folder, `state-${isWebhook ? 'webhook' : 'sqs'}`)
    const records = await download(services.client, BUCKETS.state, '', state)
    const texts = [
      ...[...workers, scheduler, services.first].flatMap(({ lines }) => lines.map((line) => JSON.stringify(line))),
      ...story.map((event) => JSON.stringify(event)),
      ...(await Promise.all(records.map((key) => readFile(join(state, key), 'utf8')))),
      ...(await services.redisTexts()),
    ]
    expect(records.length).toBeGreaterThan(5)
    const secrets = [services.s3.secretAccessKey, new URL(services.webhookUrl).searchParams.get('token') ?? '']
    for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([])
  })

  it('leaves no multipart upload, nothing open, and no process that does not end when asked', async () => {
    expect(await services.openUploads()).toBe(0)
    const open = await download(services.client, BUCKETS.state, 'gantry/open/', join(folder, 'open'))
    expect(open).toEqual([])
    for (const one of [...workers, scheduler, services.first]) one.signal('SIGTERM')
    expect(await Promise.all([...workers, scheduler, services.first].map(({ exited }) => exited))).toEqual([0, 0, 0, 0])
  })
})
