/** S3 as settings name it: what is checked at the start, where objects are found, which version, by whose role. */
import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Destination } from '../../core/contract/destination'
import { openStore } from '../../core/adapters/open-store'
import type { S3StoreSettings } from '../../core/adapters/open-s3-store'
import { createS3Client } from '../../core/adapters/s3-client'
import { localLock } from '../support/local-lock'
import { startFaultProxy } from '../support/fault-proxy'
import { startVersitygw, type S3Server } from '../support/servers/versitygw'

let server: S3Server
let client: S3Client
const env = { ...process.env }
beforeAll(async () => {
  server = await startVersitygw({ versioning: true })
  client = createS3Client({ region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 5_000 }, server)
  for (const Bucket of ['state', 'output', 'masters']) await client.send(new CreateBucketCommand({ Bucket }))
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey
})
afterAll(async () => {
  process.env = env
  client.destroy()
  await server.close()
})

const warnings: string[] = []
const open = (more: Partial<S3StoreSettings> = {}, urls: { stateUrl?: string; outputUrl?: string } = {}) =>
  openStore({
    stateUrl: 's3://state/a/b/',
    outputUrl: 's3://output',
    ...urls,
    s3: {
      ...{ region: server.region, endpoint: server.endpoint, pathStyle: 'auto', role: undefined, retryMs: 1_000 },
      ...{ defaults: { tags: {}, cacheControl: { immutable: 'a', revalidate: 'b' } }, publicUrl: undefined },
      ...{ lock: localLock(), warn: (message: string) => void warnings.push(message) },
      ...more,
    },
  })

it('gives the places that the URLs name, and warns of nothing where conditions are kept', async () => {
  const { state, output, close } = await open()
  close()
  expect({ state, output, warnings }).toEqual({
    state: { bucket: 'state', prefix: 'a/b' },
    output: { bucket: 'output', prefix: '' },
    warnings: [],
  })
})

it.each([
  ['a bucket that is not there', {}, { stateUrl: 's3://nowhere' }, 'STORE_NOT_FOUND'],
  ['no region', { region: undefined }, {}, 'CONFIG_INVALID'],
  ['a state and an output of two kinds', {}, { stateUrl: 'file:///tmp/x' }, 'CONFIG_INVALID'],
  ['a store that does not answer', { endpoint: 'http://127.0.0.1:9' }, {}, 'STORE_UNAVAILABLE'],
])('says %s by a code', async (_, more, urls, code) => {
  await expect(open(more, urls)).rejects.toMatchObject({ code })
})

it('says that keys are wrong by a code', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'another'
  try {
    await expect(open()).rejects.toMatchObject({ code: 'STORE_DENIED' })
  } finally {
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey
  }
})

it.each([
  [undefined, 'ENDPOINT/output/a%20b/%C3%BC%2B.m3u8'],
  ['https://cdn.example/films/', 'https://cdn.example/films/a%20b/%C3%BC%2B.m3u8'],
])('tells players where an object is, with the public URL %s', async (publicUrl, url) => {
  const { store, close } = await open({ publicUrl })
  close()
  expect(store.locate({ bucket: 'output', key: 'a b/ü+.m3u8' })).toBe(url.replace('ENDPOINT', server.endpoint))
  // What is not published has no public address.
  expect(store.locate({ bucket: 'state', key: 'a/b/x' })).toBe(`${server.endpoint}/state/a/b/x`)
})

it('looks at and reads the version of a master that an event told of', async () => {
  await client.send(
    new PutBucketVersioningCommand({ Bucket: 'masters', VersioningConfiguration: { Status: 'Enabled' } }),
  )
  const put = (Body: string) => client.send(new PutObjectCommand({ Bucket: 'masters', Key: 'film', Body }))
  const { VersionId: versionId = '' } = await put('first')
  await put('second one')
  const { store, close } = await open()
  try {
    const old = { bucket: 'masters', key: 'film', versionId }
    expect(await store.head(old)).toMatchObject({ bytes: 5 })
    expect(await text(await store.read(old))).toBe('first')
    expect(await text(await store.read({ bucket: 'masters', key: 'film' }))).toBe('second one')
  } finally {
    close()
  }
})

/** An STS that gives `key` to whoever asks, and what it was asked. */
async function startSts(key: string) {
  const asked: URLSearchParams[] = []
  const sts = createServer((request, answer) => {
    void text(request satisfies IncomingMessage).then((body) => {
      asked.push(new URLSearchParams(body))
      answer.setHeader('content-type', 'text/xml').end(assumed(key))
    })
  }).listen(0, '127.0.0.1')
  await once(sts, 'listening')
  process.env.AWS_ENDPOINT_URL_STS = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    delete process.env.AWS_ENDPOINT_URL_STS
    sts.closeAllConnections()
    await once(sts.close(), 'close')
  }
  return { asked, close }
}

const ROLE = { arn: 'arn:aws:iam::123456789012:role/gantry', externalId: 'agreed-word' }

it('takes on the role with its external id, and signs with what it was given for it', async () => {
  const sts = await startSts('temporary-key')
  const proxy = await startFaultProxy(server.endpoint)
  try {
    // The server does not know the temporary key; that it is told it is what counts.
    await expect(open({ endpoint: proxy.url, role: ROLE })).rejects.toMatchObject({ code: 'STORE_DENIED' })
    const [form] = sts.asked
    expect(form?.get('Action')).toBe('AssumeRole')
    expect(form?.get('RoleArn')).toBe(ROLE.arn)
    expect(form?.get('ExternalId')).toBe(ROLE.externalId)
    expect(proxy.seen[0]?.headers.authorization).toContain('Credential=temporary-key/')
  } finally {
    await proxy.close()
    await sts.close()
  }
})

describe('the store as work for a destination sees it', () => {
  const destination = (more: Partial<Destination> = {}): Destination => ({
    ...{ place: { bucket: 'output', prefix: 'team' }, role: null, kmsKey: null, publicUrl: null },
    tags: { team: 'a b', 'gantry-retention-days': '30' },
    ...more,
  })
  const at = (key: string, bucket = 'output') => ({ bucket, key })
  const options = { contentType: 'text/plain' }

  it('writes tags there, in one request and in parts, and nowhere else', async () => {
    const places = await open()
    try {
      const store = places.storeOf(destination())
      await store.write(at('team/small'), Buffer.from('x'), options)
      await store.write(at('team/large'), Readable.from([Buffer.alloc(9 * 2 ** 20)]), options)
      await store.write(at('a/b/record', 'state'), Buffer.from('x'), options)
      for (const key of ['team/small', 'team/large']) {
        expect(await store.labels(at(key), 'tags')).toEqual({ team: 'a b', 'gantry-retention-days': '30' })
      }
      expect(await store.labels(at('a/b/record', 'state'), 'tags')).toEqual({})
      await expect(store.write(at('team', 'masters'), Buffer.from('x'), options)).rejects.toMatchObject({
        code: 'STORE_DENIED',
      })
    } finally {
      places.close()
    }
  })

  it('does not let work without a destination write there', async () => {
    const places = await open({}, { outputUrl: 's3://output/own' })
    await expect(places.storeOf(undefined).write(at('team/x'), Buffer.from('x'), options)).rejects.toMatchObject({
      code: 'STORE_DENIED',
    })
    places.close()
  })

  it('takes on its role once for all work there, encrypts by its key, and is itself for the state', async () => {
    const sts = await startSts('key-of-the-role')
    const proxy = await startFaultProxy(server.endpoint)
    const places = await open({ endpoint: proxy.url })
    try {
      const theirs = destination({ role: ROLE, kmsKey: 'alias/team', place: { bucket: 'output', prefix: '' } })
      for (const key of ['x', 'y']) {
        await expect(places.storeOf(theirs).write(at(key), Buffer.from('x'), options)).rejects.toMatchObject({
          code: 'STORE_DENIED',
        })
      }
      await places.storeOf(theirs).write(at('a/b/record', 'state'), Buffer.from('x'), options)
      const writes = proxy.seen.filter(({ method, url }) => method === 'PUT' && !url.includes('probe/'))
      expect(writes.map(({ url, headers }) => [new URL(url, proxy.url).pathname, signerOf(headers)])).toEqual([
        ['/output/x', 'key-of-the-role'],
        ['/output/y', 'key-of-the-role'],
        ['/state/a/b/record', server.accessKeyId],
      ])
      expect(writes.map(({ headers }) => headers['x-amz-server-side-encryption-aws-kms-key-id'])).toEqual([
        'alias/team',
        'alias/team',
        undefined,
      ])
      expect(sts.asked.map((form) => form.get('ExternalId'))).toEqual([ROLE.externalId])
    } finally {
      places.close()
      await proxy.close()
      await sts.close()
    }
  })

  it('keeps what lies in the state its own, where a destination holds both', async () => {
    const places = await open({}, { outputUrl: 's3://output' })
    const store = places.storeOf(destination({ place: { bucket: 'state', prefix: '' } }))
    await store.write(at('a/b/x', 'state'), Buffer.from('x'), options)
    expect(await store.labels(at('a/b/x', 'state'), 'tags')).toEqual({})
    places.close()
  })

  it('tells players its own public address', async () => {
    const places = await open({ publicUrl: 'https://cdn.example' })
    const [own, shared] = [destination({ publicUrl: 'https://team.example/v' }), destination()]
    expect(places.storeOf(own).locate(at('team/a/x'))).toBe('https://team.example/v/a/x')
    expect(places.storeOf(shared).locate(at('team/a/x'))).toBe('https://cdn.example/team/a/x')
    places.close()
  })
})

function signerOf(headers: IncomingMessage['headers']): string {
  return /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? ''
}

function assumed(key: string): string {
  const credentials = [
    `<AccessKeyId>${key}</AccessKeyId>`,
    '<SecretAccessKey>temporary-secret</SecretAccessKey><SessionToken>session</SessionToken>',
    `<Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>`,
  ]
  const result = `<AssumeRoleResult><Credentials>${credentials.join('')}</Credentials></AssumeRoleResult>`
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</AssumeRoleResponse>`
}
