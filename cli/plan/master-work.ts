/** Pure: a planned run to the work that the cost model knows. */
import type { Intent } from '../../core/contract/intent'
import type { AudioJob, Job, ThumbnailsJob, VideoEncode, VideoPieceJob } from '../../core/contract/job'
import { toNumber } from '../../core/contract/rational'
import type { SourceFacts } from '../../core/contract/source'
import { pictureWork, rungWork } from '../../scheduler/cost/piece-work'
import type { MasterWork, ThumbnailWork } from '../../scheduler/cost/work'

/** @returns Null where the master does not say how long it is: nothing can be told then. */
export function masterWork(intent: Intent): MasterWork | null {
  const { video } = intent.facts
  const durationSeconds = longestSeconds(intent.facts)
  if (durationSeconds === null) return null
  const pieces = intent.jobs.filter((job): job is VideoPieceJob => job.kind === 'video-piece')
  const sounds = intent.jobs.filter((job): job is AudioJob => job.kind === 'audio')
  const [piece] = pieces
  const rungs = plannedRungs(intent.jobs)
  return {
    durationSeconds,
    masterBytes: intent.source.bytes,
    picture: piece === undefined || video === null ? null : pictureWork(video, { ...piece, rungs }, pieces.length),
    rungs: piece === undefined ? [] : rungs.map((rung) => rungWork(rung, piece)),
    sounds: sounds.map(({ encode }) => {
      const { id, codec, channels, bitrateBps, loudnessLufs } = encode
      return { id, codec, channels, bitrateBps, isLevelled: loudnessLufs !== null }
    }),
    captionTracks: intent.captions.length,
    mp4Files: intent.jobs.filter(({ kind }) => kind === 'mp4').length,
    hasIFrames: intent.packaging?.iFrames === true,
    thumbnails: thumbnailsOf(intent.jobs),
    segmentSeconds: segmentSeconds(piece, sounds),
  }
}

/** Every piece of a timeline has the same ones; groups of them share a slice. */
export function plannedRungs(jobs: readonly Job[]): VideoEncode[] {
  return jobs.flatMap((job) => (job.kind === 'video-piece' && job.slice.index === 0 ? job.rungs : []))
}

/** What lasts longest decides; a container that does not say may hold tracks that do. */
function longestSeconds({ durationSeconds, video, audio }: SourceFacts): number | null {
  const told = [durationSeconds, video?.durationSeconds ?? null, audio?.durationSeconds ?? null]
  const known = told.filter((one): one is number => one !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function thumbnailsOf(jobs: readonly Job[]): ThumbnailWork | null {
  const job = jobs.find((one): one is ThumbnailsJob => one.kind === 'thumbnails')
  if (job === undefined) return null
  const { images, sprites } = job
  return {
    imageIntervalSeconds: images.intervalSeconds,
    spriteIntervalSeconds: sprites.intervalSeconds,
    tilesPerSprite: sprites.columns * sprites.rows,
  }
}

function segmentSeconds(piece: VideoPieceJob | undefined, [sound]: readonly AudioJob[]): number {
  if (piece !== undefined) {
    const { fps, gopFrames, gopsPerSegment } = piece.grid
    return (gopFrames * gopsPerSegment) / toNumber(fps)
  }
  return sound === undefined ? 1 : toNumber(sound.segmentSeconds)
}
