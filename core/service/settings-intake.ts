/** Settings of where events of objects come from. */
import { host, httpUrl, port, region, text, whole, type Setting } from './setting-kinds'

const queueUrl = httpUrl('must be the URL of an SQS queue')

export const INTAKE_SETTINGS = {
  GANTRY_SQS_URL: { schema: queueUrl.optional(), meaning: 'SQS queue of object events (S3, EventBridge or SNS)' },
  GANTRY_SQS_DEAD_LETTER_URL: {
    schema: queueUrl.optional(),
    meaning: "where events that cannot be understood go, with the reason; without it the queue's own redrive policy",
  },
  GANTRY_SQS_ENDPOINT: {
    schema: httpUrl('must be a URL as http://host:port').optional(),
    meaning: 'an SQS server other than AWS',
  },
  GANTRY_SQS_REGION: {
    schema: region.optional(),
    meaning: 'region of the queue; without it AWS_REGION',
  },
  GANTRY_SQS_VISIBILITY_SECONDS: {
    schema: whole(10, 3_600, 60),
    meaning: 'how long an event in work is hidden from others; it is renewed while the work lasts',
  },
  GANTRY_INTAKE_CONCURRENCY: {
    schema: whole(1, 64, 4),
    meaning: 'events that are looked at at once; each probes a master',
  },
  GANTRY_WEBHOOK_PORT: {
    schema: port(0).optional(),
    meaning: 'port of the HTTP intake for S3-compatible stores; without it there is none',
  },
  GANTRY_WEBHOOK_HOST: { schema: host('127.0.0.1'), meaning: 'address that the HTTP intake listens on' },
  GANTRY_WEBHOOK_TOKEN: {
    schema: text('must be 16 to 256 letters, digits and -._~', /^[A-Za-z0-9._~-]{16,256}$/).optional(),
    meaning: 'secret that events of the HTTP intake must carry',
    secret: true,
  },
} as const satisfies Record<string, Setting>
