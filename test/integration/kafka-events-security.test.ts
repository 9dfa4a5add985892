/** TLS and SASL of a real broker; of MSK's IAM only the token, which is made without a network. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { securityOptions } from '../../core/adapters/kafka-security'
import { readTopics } from '../support/kafka-reader'
import { eventually, refusal, sinkMaker } from '../support/kafka-sink'
import { runProgram } from '../support/run-program'
import { KAFKA_USER, startKafka, type KafkaServer } from '../support/servers/kafka'
import { step } from '../support/story-events'

const sinks = sinkMaker()
let folder: string
let server: KafkaServer
let ca: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-tls-'))
  const made = await certificate()
  ca = made.ca
  server = await startKafka({ tlsPem: made.server })
})
afterEach(() => sinks.closeAll())
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** An authority, and a certificate of it for `localhost`. */
async function certificate(): Promise<{ ca: string; server: string }> {
  const openssl = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await runProgram('openssl', words, folder)
    if (code !== 0) throw new Error(`openssl ${words.join(' ')}:\n${stderr}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority')
  const server = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key']
  await openssl('req', '-x509', ...key, ...by, '-keyout', 'server.key', '-out', 'server.pem', ...server)
  const [authority, own, secret] = await Promise.all(
    ['ca.pem', 'server.pem', 'server.key'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  return { ca: String(authority), server: `${String(secret)}${String(own)}` }
}

describe('TLS', () => {
  it('is trusted by the authority given', async () => {
    const { sink, lifecycle, warnings } = await sinks.make(server.tls, { tls: { ca } })
    await sink.emit(step('a', 0))
    expect(await readTopics(server.plain, [lifecycle])).toHaveLength(1)
    expect(warnings()).toEqual([])
  })

  it('of an authority that nobody knows is refused, in words', async () => {
    const { sink, warnings } = await sinks.make(server.tls, { tls: 'on' })
    const { code, message, ms } = await refusal(sink.emit(step('a', 0)))
    expect(code).toBe('EVENTS_UNAVAILABLE')
    expect(message).toMatch(/certificate|self-signed/)
    expect(ms).toBeLessThan(5_300)
    expect(warnings()).toEqual(['kafka cannot be used'])
  })

  it('that is missing on one side is a failure like others', async () => {
    for (const [broker, tls] of [
      [server.tls, 'off'],
      [server.plain, 'on'],
    ] as const) {
      const { sink } = await sinks.make(broker, { tls })
      expect((await refusal(sink.emit(step('a', 0)))).code).toBe('EVENTS_UNAVAILABLE')
    }
  })
})

describe('SASL', () => {
  it.each(['plain', 'scram-sha-512'] as const)('%s lets the right password in', async (mechanism) => {
    const { sink, lifecycle, lines } = await sinks.make(server.sasl, { sasl: { mechanism, ...KAFKA_USER } })
    await sink.emit(step('a', 0))
    expect(await readTopics(server.plain, [lifecycle])).toHaveLength(1)
    expect(JSON.stringify(lines)).not.toContain(KAFKA_USER.password)
  })

  it.each(['plain', 'scram-sha-512', 'scram-sha-256'] as const)(
    '%s with what the broker does not take is told, warned of once, and gives no secret away',
    async (mechanism) => {
      const password = 'not-the-secret-of-this-test'
      const sasl = { mechanism, ...KAFKA_USER, password }
      const { sink, lines, warnings } = await sinks.make(server.sasl, { sasl })
      const { code, message, ms } = await refusal(sink.emit(step('a', 0)))
      expect(code).toBe('EVENTS_UNAVAILABLE')
      expect(message).toContain('refused to authenticate')
      expect(ms).toBeLessThan(5_300)
      expect(sink.isConnected()).toBe(false)
      const attempts = (): number => lines.filter((line) => line.message === 'kafka cannot be used').length
      await eventually('another try', 8_000, () => attempts() === 2)
      expect(warnings()).toEqual(['kafka cannot be used'])
      expect(message + JSON.stringify(lines)).not.toContain(password)
    },
  )

  it('of MSK is a signed token for the region, made with the credentials at hand', async () => {
    const before = { ...process.env }
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a-secret-of-this-test' })
    try {
      const { ssl, sasl } = securityOptions({ tls: 'on', sasl: { mechanism: 'aws-msk-iam', region: 'eu-central-1' } })
      expect(ssl).toEqual({})
      if (sasl?.mechanism !== 'oauthbearer') throw new Error('not a token')
      const { value } = await sasl.oauthBearerProvider()
      const url = new URL(Buffer.from(value, 'base64url').toString('utf8'))
      expect(url.host).toBe('kafka.eu-central-1.amazonaws.com')
      expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect')
      expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/\d{8}\/eu-central-1\/kafka-cluster\//)
      expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/)
      expect(url.href).not.toContain('a-secret-of-this-test')
    } finally {
      process.env = before
    }
  })
})
