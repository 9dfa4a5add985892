/** Settings of where events about assets go. */
import { z } from 'zod'
import { list, oneOf, onOff, region, text, whole, wholeNumber, type Setting } from './setting-kinds'

const name = text('must be 1 to 200 letters, digits, dots, - and _', /^[A-Za-z0-9._-]{1,200}$/)

export const EVENT_SETTINGS = {
  GANTRY_KAFKA_BROKERS: {
    schema: list('must be host:port with commas in between', /^[A-Za-z0-9._-]{1,255}:\d{1,5}$/).optional(),
    meaning: 'Kafka brokers that events go to; without them events are lines on stdout',
  },
  GANTRY_KAFKA_TOPIC_PREFIX: {
    schema: name.default('gantry'),
    meaning: 'topics are PREFIX.lifecycle and PREFIX.progress',
  },
  GANTRY_KAFKA_TLS: { schema: onOff('off'), meaning: 'whether brokers are reached by TLS' },
  GANTRY_KAFKA_CA: {
    schema: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be a certificate in PEM form').optional(),
    meaning: "certificate of the brokers' authority, where it is not a public one",
  },
  GANTRY_KAFKA_SASL: {
    schema: oneOf(['off', 'plain', 'scram-sha-256', 'scram-sha-512', 'aws-msk-iam'], 'off'),
    meaning: 'how to log in to the brokers; aws-msk-iam uses the role of the task',
  },
  GANTRY_KAFKA_USERNAME: { schema: z.string().min(1).optional(), meaning: 'user for plain and scram' },
  GANTRY_KAFKA_PASSWORD: {
    schema: z.string().min(1).optional(),
    meaning: 'password for plain and scram',
    secret: true,
  },
  GANTRY_KAFKA_REGION: {
    schema: region.optional(),
    meaning: 'region of MSK, for aws-msk-iam',
  },
  GANTRY_KAFKA_CREATE_TOPICS: { schema: onOff('off'), meaning: 'whether missing topics are made' },
  GANTRY_KAFKA_PARTITIONS: { schema: whole(1, 1_000, 6), meaning: 'partitions of topics that are made' },
  GANTRY_KAFKA_REPLICATION: {
    schema: wholeNumber(1, 10).optional(),
    meaning: "copies of topics that are made; without it the brokers' default",
  },
} as const satisfies Record<string, Setting>
