/** Probes one master and plans its run as `gantry run` would, and leaves nothing behind. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProbe, DEFAULT_PROBE_LIMITS } from '../../core/adapters/ffprobe'
import { createFileStore } from '../../core/adapters/file-store'
import { createGateway } from '../../core/adapters/gateway'
import { createLauncher } from '../../core/adapters/launcher'
import { openStore } from '../../core/adapters/open-store'
import { createPictureIndexReader } from '../../core/adapters/picture-index'
import { destinationIdOf } from '../../core/contract/destination'
import type { Intent } from '../../core/contract/intent'
import type { OpenStore } from '../../core/ports/object-store'
import { createReleases } from '../../core/service/lifecycle'
import type { Logger } from '../../core/service/logger'
import type { Settings } from '../../core/service/settings'
import { admit } from '../../scheduler/admit'
import { examine } from '../../scheduler/examine'
import type { KnownSpeeds } from '../../scheduler/cost/known-speeds'
import { assetIdOf } from '../../scheduler/identity'
import { intentOf } from '../../scheduler/intent-of'
import { LIMIT_NAMES, planLimits } from '../../scheduler/limits'
import { readSpeeds } from '../../scheduler/read-speeds'
import { findRequest } from '../input/request'
import { localTarget, type Asked } from '../input/request-file'
import { findMaster } from '../input/find-master'
import { stateFolderOf } from '../out-folder'
import { makeTempFolder } from '../run/temp-folder'

export const PLAN_SETTINGS = [
  ...(['GANTRY_FFMPEG', 'GANTRY_FFPROBE', 'GANTRY_LOG_LEVEL'] as const),
  ...LIMIT_NAMES,
] as const

export type PlanSettings = Pick<Settings, (typeof PLAN_SETTINGS)[number]>

export interface DryRunOptions {
  settings: PlanSettings
  asked: Asked
  /** The caller's folder. */
  cwd: string
  /** Absolute; what runs into it have shown of the speeds is gone by. It need not be there. */
  outFolder: string
  log: Logger
  signal: AbortSignal
}

export interface DryRun {
  intent: Intent
  speeds: KnownSpeeds
}

/**
 * @param path Absolute.
 * @throws SOURCE_ codes for a master that would be refused; CONFIG_TOOL_MISSING without ffprobe.
 */
export async function dryRun(path: string, options: DryRunOptions): Promise<DryRun> {
  const releases = createReleases(options.log)
  try {
    const temp = await makeTempFolder()
    releases.add('temporary folder', () => temp.remove())
    const places = await storeIn(temp.path)
    const source = await findMaster(places.store, path)
    const priority = admit(source, options.asked.lane, { maxBytes: options.settings.GANTRY_MAX_BYTES, ownPlaces: [] })
    const request = await findRequest(options.asked.request, places.store, options.cwd)
    const gateway = await createGateway()
    releases.add('gateway', () => gateway.close())
    const { GANTRY_FFMPEG: ffmpeg, GANTRY_FFPROBE: ffprobe } = options.settings
    const probe = createProbe({
      ...{ store: places.store, gateway, launcher: createLauncher({ ffmpeg, ffprobe }), scratchFolder: temp.path },
      limits: {
        ...DEFAULT_PROBE_LIMITS,
        maxPixels: options.settings.GANTRY_MAX_PIXELS,
        maxDurationSeconds: options.settings.GANTRY_MAX_DURATION_SECONDS,
      },
    })
    const limits = planLimits(options.settings)
    const pictureIndex = createPictureIndexReader(places.store)
    const { asked } = options
    const { facts, times } = await examine({ probe, pictureIndex, limits }, source, asked.ladder, options.signal)
    const { output, state } = places
    const target = localTarget(asked, output)
    const speeds = await speedsOf(options)
    const intent = intentOf({
      ...{ source, facts, times, speeds, limits, priority, state, request, target, run: 1, ladder: asked.ladder },
      assetId: assetIdOf(source, destinationIdOf(target.place), request.clip),
      at: new Date().toISOString(),
    })
    return { intent, speeds }
  } finally {
    await releases.run()
  }
}

/** The folders stand for those of a run; they are removed with the temporary folder. */
async function storeIn(folder: string): Promise<OpenStore> {
  const [state, output] = [join(folder, 'state'), join(folder, 'out')]
  await Promise.all([mkdir(state), mkdir(output)])
  return openStore({ stateUrl: pathToFileURL(state).href, outputUrl: pathToFileURL(output).href })
}

/** Looks only; the folder's own scratch is not touched. */
function speedsOf({ outFolder, log }: DryRunOptions): Promise<KnownSpeeds> {
  const folder = stateFolderOf(outFolder)
  return readSpeeds({
    store: createFileStore({ buckets: { state: { folder, scratch: join(folder, 'tmp') } } }),
    ...{ state: { bucket: 'state', prefix: '' }, now: () => new Date() },
    onTrouble: (error) => log.warn({ err: error }, 'speeds not known'),
  })
}
