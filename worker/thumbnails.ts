/** Poster, pictures at an interval, and sprite sheets with their WebVTT, all from stored keyframes. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GantryError } from '../core/contract/errors'
import type { ThumbnailsJob } from '../core/contract/job'
import { outputKeys } from '../core/contract/keys'
import type { StoredObject, ThumbnailsMarker } from '../core/contract/markers'
import type { PlannedVariant } from '../core/contract/intent'
import { storeOnce } from '../core/state/records'
import { readMarker, writeMarker } from '../core/state/run-records'
import { writeSpriteCues } from '../media/webvtt'
import { attemptName, inFolder, markerBase } from './attempt'
import type { WorkerContext } from './context'
import type { CommandInput, FfmpegCommand } from './ffmpeg/command'
import { runOnSegments } from './on-segments'
import { objectsOf, viewRun, type RunView } from './run-view'
import { pictureFile, picturesCommand, singlePictureCommand, spritesCommand } from './thumbs/args'
import { fitWidth, layTiles, pickKeyframes, type SpriteGrid } from './thumbs/pick'
import { secondsOf, type JoinedTrack } from './timeline'

/** A side of a JPEG has 16 bits (ITU-T T.81, B.2.2); a very tall master gets fewer rows. */
const JPEG_SIDE_PX = 65_500

interface Rung extends PlannedVariant {
  track: JoinedTrack
  keyframeSeconds: readonly number[]
}

/** Makes pictures from `objects` by a command, and gives the files' bytes in order. */
type MakePictures = (
  objects: readonly { key: string; bytes: number }[],
  command: (input: CommandInput) => FfmpegCommand,
) => Promise<Uint8Array[]>

export async function handleThumbnails(context: WorkerContext, job: ThumbnailsJob, signal: AbortSignal): Promise<void> {
  if ((await readMarker<ThumbnailsMarker>(context.store, job.state, job.part)) !== null) return
  const view = await viewRun(context.store, job)
  const rungs = rungsOf(view)
  const attempt = attemptName()
  let calls = 0
  const make: MakePictures = (objects, command) => {
    calls += 1
    return inFolder(context.scratch, `${attempt}-${calls}`, async (folder) => {
      await runOnSegments(context, job, {
        folder,
        inputs: [{ objects, options: [] }],
        mediaSeconds: view.timeline.playbackSeconds,
        command: ([input]) => command(input ?? { url: '', options: [] }),
        signal,
      })
      return readPictures(folder)
    })
  }
  const store = (key: string, bytes: Uint8Array, contentType: string): Promise<StoredObject> =>
    storeOnce(context.store, { output: job.output, key, contentType }, bytes, signal)

  const poster = await store(outputKeys.poster, await makePoster(job, rungs, view, make), 'image/jpeg')
  const images = await storeAll(await makeImages(job, rungs, make), outputKeys.image, store)
  const { sheets, cues } = await makeSprites(job, rungs, view, make)
  const sprites = await storeAll(sheets, outputKeys.sprite, store)
  const marker = markerBase(job, attempt, context.workerId, context.now())
  const stored = await store(outputKeys.cues, Buffer.from(cues), 'text/vtt')
  await writeMarker<ThumbnailsMarker>(context.store, job.state, { ...marker, poster, images, sprites, cues: stored })
}

/** Smallest picture first. JPEGs are SDR, so rungs that are come first; others are mapped. */
function rungsOf({ intent, timeline }: RunView): Rung[] {
  const rungs = intent.variants.flatMap((variant) => {
    const track = timeline.tracks.find((candidate) => candidate.id === variant.rungId)
    if (track === undefined) return []
    const ticks = track.pieces.flatMap((piece) => piece.keyframeTicks)
    return [{ ...variant, track, keyframeSeconds: ticks.map((tick) => secondsOf(tick, track.timescaleHz)) }]
  })
  const sdr = rungs.filter(({ range }) => range === 'sdr')
  return (sdr.length > 0 ? sdr : rungs).sort((a, b) => a.widthPx * a.heightPx - b.widthPx * b.heightPx)
}

/** From the largest rung, the keyframe at or before the wanted time; one segment is read for it. */
async function makePoster(
  job: ThumbnailsJob,
  rungs: readonly Rung[],
  view: RunView,
  make: MakePictures,
): Promise<Uint8Array> {
  const rung = present(rungs.at(-1))
  const wantedSeconds = job.poster.atSeconds ?? view.timeline.playbackSeconds * job.poster.atFraction
  const before = rung.keyframeSeconds.filter((seconds) => seconds <= wantedSeconds)
  const chosen = before.at(-1) ?? rung.keyframeSeconds[0] ?? 0
  const { track } = rung
  const starts = track.segments.map((segment) => secondsOf(segment.startTicks, track.timescaleHz))
  const index = Math.max(
    0,
    starts.findLastIndex((start) => start <= chosen + 1e-6),
  )
  const within = before.filter((seconds) => seconds >= (starts[index] ?? 0) - 1e-6).length - 1
  const [init, ...segments] = objectsOf(track)
  const size = { ...fitWidth(rung, job.poster.maxWidthPx), range: rung.range }
  const objects = [present(init), present(segments[index])]
  const [picture] = await make(objects, (input) => singlePictureCommand(input, Math.max(0, within), size))
  return present(picture)
}

/** From the smallest rung that is wide enough, so that little is decoded. */
async function makeImages(job: ThumbnailsJob, rungs: readonly Rung[], make: MakePictures): Promise<Uint8Array[]> {
  const rung = present(rungs.find((candidate) => candidate.widthPx >= job.images.widthPx) ?? rungs.at(-1))
  const picks = pickKeyframes(rung.keyframeSeconds, job.images.intervalSeconds)
  const size = { ...fitWidth(rung, job.images.widthPx), range: rung.range }
  const images = await make(objectsOf(rung.track), (input) => picturesCommand(input, picks.every, size))
  checkCount(images.length, picks.seconds.length, 'pictures')
  return images
}

async function makeSprites(
  job: ThumbnailsJob,
  rungs: readonly Rung[],
  view: RunView,
  make: MakePictures,
): Promise<{ sheets: Uint8Array[]; cues: string }> {
  const rung = present(rungs[0])
  const { columns, tileWidthPx, intervalSeconds } = job.sprites
  const tile = fitWidth(rung, tileWidthPx)
  const rows = Math.max(1, Math.min(job.sprites.rows, Math.floor(JPEG_SIDE_PX / tile.heightPx)))
  const grid: SpriteGrid = { columns, rows, tile }
  const picks = pickKeyframes(rung.keyframeSeconds, intervalSeconds)
  const sheets = await make(objectsOf(rung.track), (input) => spritesCommand(input, picks.every, grid, rung.range))
  checkCount(sheets.length, Math.ceil(picks.seconds.length / (columns * rows)), 'sprite sheets')
  const tiles = layTiles(picks.seconds, grid, view.timeline.playbackSeconds)
  const cues = tiles.map(({ sheet, ...tile }) => ({ ...tile, ...grid.tile, uri: fileName(outputKeys.sprite(sheet)) }))
  return { sheets, cues: writeSpriteCues(cues) }
}

function storeAll(
  files: readonly Uint8Array[],
  keyOf: (number: number) => string,
  store: (key: string, bytes: Uint8Array, contentType: string) => Promise<StoredObject>,
): Promise<StoredObject[]> {
  return Promise.all(files.map((bytes, number) => store(keyOf(number), bytes, 'image/jpeg')))
}

async function readPictures(folder: string): Promise<Uint8Array[]> {
  const count = (await readdir(folder)).filter((name) => name.startsWith('picture-')).length
  return Promise.all(Array.from({ length: count }, (_, number) => readFile(join(folder, pictureFile(number)))))
}

function checkCount(got: number, planned: number, what: string): void {
  if (got !== planned)
    throw new GantryError('FFMPEG_OUTPUT_INVALID', `${planned} ${what} were planned, ${got} came out`)
}

function present<T>(value: T | undefined): T {
  if (value === undefined)
    throw new GantryError('FFMPEG_OUTPUT_INVALID', 'a picture that should have come out is missing')
  return value
}

function fileName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
