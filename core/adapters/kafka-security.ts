/** How a Kafka client proves who it is, and makes sure of the broker. */
import type { ConnectionOptions } from 'node:tls'

export interface KafkaSecurity {
  /** `ca`: PEM of the authority that signed the brokers' certificates, when it is none that Node knows. */
  tls: 'off' | 'on' | { ca: string }
  sasl:
    | null
    | { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
    | { mechanism: 'aws-msk-iam'; region: string }
}

type PasswordOptions<M> = M extends string ? { mechanism: M; username: string; password: string } : never

export type SaslOptions =
  | PasswordOptions<'plain' | 'scram-sha-256' | 'scram-sha-512'>
  | { mechanism: 'oauthbearer'; oauthBearerProvider: () => Promise<{ value: string }> }

/** The fields `ssl` and `sasl` of kafkajs's configuration. */
export function securityOptions({ tls, sasl }: KafkaSecurity): { ssl?: ConnectionOptions; sasl?: SaslOptions } {
  const secure = tls === 'off' ? {} : { ssl: tls === 'on' ? {} : { ca: [tls.ca] } }
  if (sasl === null) return secure
  if (sasl.mechanism !== 'aws-msk-iam') return { ...secure, sasl: { ...sasl } }
  const { region } = sasl
  return { ...secure, sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => mskToken(region) } }
}

/**
 * Signed with the credentials that the AWS SDK finds (task role, profile, environment); good for 15 minutes. kafkajs
 * asks again before a session ends.
 */
async function mskToken(region: string): Promise<{ value: string }> {
  // Loads half of the AWS SDK, which only a fleet on MSK needs.
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js')
  const { token } = await generateAuthToken({ region })
  return { value: token }
}
