/** JSON lines on stderr: one event a line, a fixed phrase as `msg`, facts as fields, ids bound once by `child`. */
import { destination, pino, stdSerializers, type Logger as PinoLogger } from 'pino'
import { printableLine } from './log-line'

export type Logger = PinoLogger

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface LoggerOptions {
  service: string
  level: LogLevel
  /** Descriptor; stdout is for events. */
  fd?: number
  /** In place of the descriptor. Gets whole lines. */
  to?: { write(line: string): void }
}

/** Writes at once, so that the last line before an exit is not lost. What a line may hold: log-line.ts. */
export function createLogger({ service, level, fd = 2, to }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      serializers: { err: stdSerializers.err },
      formatters: { log: withErrors },
      // The finished line has everything in it: message, fields, and what child loggers have bound.
      hooks: { streamWrite: printableLine },
    },
    to ?? destination({ fd, sync: true }),
  )
}

/** An error under any name; JSON would make `{}` of it. */
function withErrors(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? stdSerializers.err(value) : value]),
  )
}
