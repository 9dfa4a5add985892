/** What the product makes of a master, so that bare ffmpeg can be asked for the same. */
import { join } from 'node:path'
import { dryRun, type PlanSettings } from '../cli/plan/dry-run'
import { readAsked } from '../cli/input/request-file'
import { GantryError } from '../core/contract/errors'
import type { AudioJob, VideoPieceJob } from '../core/contract/job'
import { createLogger } from '../core/service/logger'

/** The picture in one piece, and its sound. */
export interface WholePlan {
  video: VideoPieceJob
  audio: AudioJob
}

export interface PlanOfOptions {
  /** The package's folder. */
  root: string
  /** Without runs in it: the plan goes by documented speeds, as the first run does. */
  folder: string
  settings: PlanSettings
  signal: AbortSignal
}

/** A day: longer than any master that is taken, so nothing is cut. */
const WHOLE_SECONDS = 86_400

/** @param master Absolute path. */
export async function planOf(master: string, { root, folder, settings, signal }: PlanOfOptions): Promise<WholePlan> {
  const request = { clip: null, posterAtSeconds: null, captions: [], force: null }
  const asked = await readAsked({ ladder: { name: 'default' }, request, requestFile: null }, join(root, 'ladders'))
  const { intent } = await dryRun(master, {
    settings: { ...settings, GANTRY_PIECE_SECONDS: WHOLE_SECONDS },
    ...{ asked, cwd: root, outFolder: folder, signal, log: createLogger({ service: 'bench', level: 'error' }) },
  })
  const videos = intent.jobs.filter((job) => job.kind === 'video-piece')
  const [video] = videos
  const audio = intent.jobs.find((job) => job.kind === 'audio')
  if (video === undefined || audio === undefined || videos.length > 1) {
    const found = intent.jobs.map(({ part }) => part).join(', ')
    throw new GantryError('QUEUE_INTERNAL', `a master of the bench is one picture and one sound, planned were ${found}`)
  }
  return { video, audio }
}
