/** Where the commands on assets find the records: the folder of `gantry run`, or what the settings of the services name. */
import { pathToFileURL } from 'node:url'
import { checkRedis, openStoreFrom, STORE_NAMES } from '../../core/adapters/from-settings'
import { openStore } from '../../core/adapters/open-store'
import { connectRedis, redisTarget } from '../../core/adapters/redis-connection'
import { redisSignals } from '../../core/adapters/redis-signals'
import type { OpenStore } from '../../core/ports/object-store'
import { readSettings } from '../../core/service/config'
import type { Logger } from '../../core/service/logger'
import { stateFolderOf } from '../out-folder'

export const PLACES_SETTINGS = [...STORE_NAMES, 'GANTRY_REDIS_URL'] as const

type Environment = Readonly<Record<string, string | undefined>>

export interface AssetPlaces extends Pick<OpenStore, 'store' | 'state' | 'storeOf'> {
  /** Absolute; null for the services. */
  outFolder: string | null
  /** Lets the scheduler look at once at what it would find a little later. */
  tellChanged(assetId: string): void
  close(): Promise<void>
}

export interface PlacesOptions {
  /** Absolute; null: as the environment says. */
  outFolder: string | null
  /** Absolute; where neither says anything. */
  usualFolder: string
  env: Environment
  readFile: (path: string) => string
  log: Logger
}

/** The folder of `gantry run` that is meant; null: the services are. */
export function localFolder({
  outFolder,
  usualFolder,
  env,
}: Pick<PlacesOptions, 'outFolder' | 'usualFolder' | 'env'>): string | null {
  const isService = ['GANTRY_STATE', 'GANTRY_STATE_FILE'].some((name) => (env[name] ?? '') !== '')
  return outFolder ?? (isService ? null : usualFolder)
}

/** @throws CONFIG_INVALID, CONFIG_REDIS_EVICTS, QUEUE_UNAVAILABLE, STORE_ codes. */
export function openPlaces(options: PlacesOptions): Promise<AssetPlaces> {
  const folder = localFolder(options)
  return folder === null ? openService(options.env, options) : openFolder(folder)
}

/** As `gantry run` has it, whose scheduler looks by itself. */
async function openFolder(outFolder: string): Promise<AssetPlaces> {
  const stateUrl = pathToFileURL(stateFolderOf(outFolder)).href
  const { store, state, storeOf } = await openStore({ stateUrl, outputUrl: pathToFileURL(outFolder).href })
  return {
    ...{ store, state, storeOf, outFolder },
    tellChanged: () => undefined,
    close: () => Promise.resolve(),
  }
}

async function openService(
  env: Environment,
  { readFile, log }: Pick<PlacesOptions, 'readFile' | 'log'>,
): Promise<AssetPlaces> {
  const settings = readSettings(env, PLACES_SETTINGS, readFile)
  const target = redisTarget(settings.GANTRY_REDIS_URL)
  const onError = (error: Error): void => log.debug({ err: error }, 'redis')
  const redis = connectRedis(target, onError)
  try {
    await checkRedis(redis)
    const awsRegion = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
    const places = await openStoreFrom(settings, { redis, log, awsRegion })
    const signals = redisSignals(target, settings.GANTRY_QUEUE_PREFIX, onError)
    return {
      ...{ store: places.store, state: places.state, storeOf: places.storeOf, outFolder: null },
      tellChanged: (assetId) => signals.tell('asset-changed', assetId),
      close: async () => {
        await signals.close()
        places.close()
        redis.disconnect()
      },
    }
  } catch (error) {
    redis.disconnect()
    throw error
  }
}
