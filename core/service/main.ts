/** What the mains of both services share: settings first, then a log, then a life that ends cleanly. */
import { asGantryError } from '../contract/errors'
import { printable, readSettings } from './config'
import { runService, type Release, type ServiceHost } from './lifecycle'
import { createLogger, type Logger } from './logger'
import type { SettingName, Settings } from './settings'

export interface MainOptions<Name extends SettingName> {
  service: string
  names: readonly (Name | CommonName)[]
  env: Readonly<Record<string, string | undefined>>
  readFile: (path: string) => string
  host: ServiceHost
  drainMs: (settings: Pick<Settings, Name | CommonName>) => number
  body: (service: RunningService<Name>) => Promise<void>
}

/** Every service has a name and a log level. */
type CommonName = 'GANTRY_WORKER_ID' | 'GANTRY_LOG_LEVEL'

export interface RunningService<Name extends SettingName> {
  settings: Pick<Settings, Name | CommonName>
  log: Logger
  onStop: (name: string, release: Release) => void
  /** Aborted when the service is asked to stop. */
  signal: AbortSignal
}

/**
 * Runs a service to its end. A setting that cannot be used ends it at once, with one line that has the code.
 *
 * @returns The exit code.
 */
export async function runMain<Name extends SettingName>(options: MainOptions<Name>): Promise<number> {
  const { service } = options
  try {
    // Parts of a service may ask for the same setting.
    const names = [...new Set(options.names)]
    const settings = readSettings(options.env, names, options.readFile)
    const log = createLogger({ service, level: settings.GANTRY_LOG_LEVEL }).child({
      workerId: settings.GANTRY_WORKER_ID,
    })
    log.info({ settings: printable(settings) }, 'service starts')
    const life = { host: options.host, drainMs: options.drainMs(settings) }
    return await runService(log, life, (onStop, signal) => options.body({ settings, log, onStop, signal }))
  } catch (thrown) {
    const error = asGantryError(thrown)
    const log = createLogger({ service, level: 'info' })
    log.fatal({ code: error.code, remedy: error.remedy }, error.message)
    return 1
  }
}
