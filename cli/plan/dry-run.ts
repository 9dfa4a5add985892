/** Probes one master and plans its run as `gantry run` would, and leaves nothing behind. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProbe, DEFAULT_PROBE_LIMITS } from '../../core/adapters/ffprobe'
import { createGateway } from '../../core/adapters/gateway'
import { createLauncher } from '../../core/adapters/launcher'
import { MASTERS_BUCKET, openStore } from '../../core/adapters/open-store'
import { GantryError } from '../../core/contract/errors'
import type { Intent } from '../../core/contract/intent'
import type { SourceArrived } from '../../core/contract/source'
import type { OpenStore } from '../../core/ports/object-store'
import { createReleases } from '../../core/service/lifecycle'
import type { Logger } from '../../core/service/logger'
import type { Settings } from '../../core/service/settings'
import { canonicalLadder } from '../../ladders/digest'
import type { Ladder } from '../../ladders/schema'
import { selectRungs } from '../../ladders/select'
import { admit } from '../../scheduler/admit'
import { assetIdOf, destinationIdOf, digestOf } from '../../scheduler/identity'
import { LIMIT_NAMES, planLimits } from '../../scheduler/limits'
import { outputName } from '../../scheduler/name'
import { planRun, type OutputChoice } from '../../scheduler/plan'
import { makeTempFolder } from '../run/temp-folder'

export const PLAN_SETTINGS = [
  ...(['GANTRY_FFMPEG', 'GANTRY_FFPROBE', 'GANTRY_LOG_LEVEL'] as const),
  ...LIMIT_NAMES,
] as const

export type PlanSettings = Pick<Settings, (typeof PLAN_SETTINGS)[number]>

export interface DryRunOptions {
  settings: PlanSettings
  ladder: Ladder
  log: Logger
  signal: AbortSignal
}

/**
 * @param path Absolute.
 * @throws SOURCE_ codes for a master that would be refused; CONFIG_TOOL_MISSING without ffprobe.
 */
export async function dryRun(path: string, options: DryRunOptions): Promise<Intent> {
  const releases = createReleases(options.log)
  try {
    const temp = await makeTempFolder()
    releases.add('temporary folder', () => temp.remove())
    const places = await storeIn(temp.path)
    const source = await findMaster(places, path)
    const priority = admit(source, 'normal', { maxBytes: options.settings.GANTRY_MAX_BYTES, ownPlaces: [] })
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
    const facts = await probe.probe(source, options.signal)
    return intentOf(source, facts, priority, places, options)
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

async function findMaster({ store }: OpenStore, path: string): Promise<SourceArrived> {
  const at = { bucket: MASTERS_BUCKET, key: path }
  const found = await store.head(at)
  if (found === null) throw new GantryError('SOURCE_NOT_FOUND', `there is no file at '${path}'`)
  return { ...at, ...found }
}

function intentOf(
  source: SourceArrived,
  facts: Intent['facts'],
  priority: number,
  { output, state }: OpenStore,
  { ladder, settings }: DryRunOptions,
): Intent {
  const assetId = assetIdOf(source, destinationIdOf(output))
  return planRun({
    ...{ assetId, run: 1, source, facts, priority, output, state },
    selection: selectRungs(ladder, facts),
    ladder: { name: ladder.name, digest: digestOf(canonicalLadder(ladder)) },
    outputs: outputsOf(ladder),
    name: outputName(source.key, assetId),
    limits: planLimits(settings),
    at: new Date().toISOString(),
  })
}

function outputsOf({ mp4, thumbnails }: Ladder): OutputChoice {
  return {
    mp4,
    thumbnails: {
      poster: { atFraction: thumbnails.posterAtFraction, maxWidthPx: thumbnails.posterMaxWidthPx },
      images: { intervalSeconds: thumbnails.imageIntervalSeconds, widthPx: thumbnails.imageWidthPx },
      sprites: {
        intervalSeconds: thumbnails.spriteIntervalSeconds,
        tileWidthPx: thumbnails.spriteTileWidthPx,
        columns: thumbnails.spriteColumns,
        rows: thumbnails.spriteRows,
      },
    },
  }
}
