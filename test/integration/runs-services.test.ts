/** The commands on assets of the services, by nothing but their settings: a real S3 server, a real Redis, no scheduler. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer, type RedisServer } from '../../core/adapters/redis-server'
import { redisSignals } from '../../core/adapters/redis-signals'
import { createS3Client } from '../../core/adapters/s3-client'
import { nativeGuard } from '../../core/adapters/s3-guard'
import { createS3Store } from '../../core/adapters/s3-store'
import type { ObjectStore } from '../../core/ports/object-store'
import type { Signals } from '../../core/ports/signals'
import { readFinal, readIntent, runPlace } from '../../core/state/run-records'
import { ASSET, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { runCommand, type ProductResult } from '../support/product'
import { startVersitygw, type S3Server } from '../support/servers/versitygw'

let folder: string
let redis: RedisServer
let s3: S3Server
let store: ObjectStore
let signals: Signals
let heard: string[]
let destroy: () => void

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-runs-'))
  redis = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  s3 = await startVersitygw()
  const client = createS3Client({ region: s3.region, endpoint: s3.endpoint, pathStyle: true, retryMs: 10_000 }, s3)
  destroy = () => client.destroy()
  await client.send(new CreateBucketCommand({ Bucket: STATE.bucket }))
  store = createS3Store({
    ...{ client, own: [{ bucket: STATE.bucket, prefix: '' }], guard: nativeGuard },
    defaults: { tags: {}, cacheControl: { immutable: 'max-age=31536000', revalidate: 'no-cache' } },
    urlOf: ({ key }) => key,
  })
  heard = []
  signals = redisSignals(redisTarget(redis.url), '{gantry}', () => undefined)
  signals.hear('asset-changed', (assetId) => void heard.push(assetId))
  await putRun(store, plannedIntent())
})
afterAll(async () => {
  await signals.close()
  destroy()
  await s3.close()
  await redis.close()
  await rm(folder, { recursive: true, force: true })
})

const gantry = (...words: string[]): Promise<ProductResult> =>
  runCommand(words, {
    ...{ AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey, AWS_REGION: s3.region },
    ...{ GANTRY_STATE: `s3://${STATE.bucket}/${STATE.prefix}`, GANTRY_OUTPUT: `s3://${STATE.bucket}/films` },
    ...{ GANTRY_S3_ENDPOINT: s3.endpoint, GANTRY_REDIS_URL: redis.url },
  })

it('tell how it stands, end it, open it again, and take it away, each for the scheduler to see to', async () => {
  const short = ASSET.slice(0, 6)
  expect((await gantry('status')).events).toMatchObject([{ assetId: ASSET, isOpen: true, status: 'encoding' }])
  expect(await gantry('redo', short, '--rung', '360p')).toMatchObject({ code: 1, events: [] })
  expect(await gantry('cancel', short)).toMatchObject({ code: 0, events: [{ run: 1, outcome: 'done' }] })
  expect(await readFinal(store, runPlace(STATE, ASSET, 1))).toMatchObject({ status: 'cancelled' })
  expect(await gantry('retry', short)).toMatchObject({ code: 0, events: [{ run: 2, outcome: 'done' }] })
  expect(await gantry('retry', short)).toMatchObject({ code: 0, events: [{ run: 2, outcome: 'known' }] })
  expect(await readIntent(store, runPlace(STATE, ASSET, 2))).toMatchObject({ origin: { operation: 'retry' } })
  const refused = await gantry('delete', short)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/^API_ASSET_STATE: .*cancel it first\n {2}what to do: /)
  await gantry('cancel', short)
  expect(await gantry('delete', short)).toMatchObject({ code: 0, events: [{ run: 3, outcome: 'done' }] })
  expect((await gantry('status', short)).events).toMatchObject([{ isOpen: true, status: 'deleted' }])
  expect(new Set(heard)).toEqual(new Set([ASSET]))
})

it('keep the secrets of the settings to themselves when something is wrong', async () => {
  const { stderr, code } = await gantry('status', 'nobody')
  expect(code).toBe(1)
  expect(stderr).toContain('API_ASSET_UNKNOWN')
  expect(stderr).not.toContain(s3.secretAccessKey)
})
