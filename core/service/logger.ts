/** JSON lines on stderr: one event a line, a fixed phrase as `msg`, facts as fields, ids bound once by `child`. */
import { destination, pino, stdSerializers, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface LoggerOptions {
  service: string
  level: LogLevel
  /** Descriptor; stdout is for events. */
  fd?: number
}

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
]
/** A field is cut here: a hostile title or a long error must not flood a log. */
const FIELD_CHARS = 2_048

/** Control characters are escaped by JSON itself, so a hostile name cannot begin a line of its own. */
export function createLogger({ service, level, fd = 2 }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' },
      serializers: { err: (error: Error) => scrubbed(stdSerializers.err(error)) },
      formatters: { log: (fields) => scrubbed(fields) },
    },
    destination({ fd, sync: true }),
  )
}

/** Text as it may be logged: signatures of URLs and passwords in them taken out, cut to length. */
export function scrubText(text: string): string {
  const clean = text
    .replace(/\b(X-Amz-(?:Signature|Security-Token|Credential))=[^&\s"']+/gi, '$1=***')
    .replace(/(\w+:\/\/[^\s/:@]*):[^\s/@]+@/g, '$1:***@')
  return clean.length > FIELD_CHARS ? `${clean.slice(0, FIELD_CHARS)}...` : clean
}

function scrubbed<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? scrubText(value) : (value as unknown),
    ]),
  ) as T
}
