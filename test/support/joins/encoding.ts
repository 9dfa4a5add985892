/** Masters encoded in pieces and whole by the command, and what players get of them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Intent } from '../../../core/contract/intent'
import type { Job } from '../../../core/contract/job'
import type { Marker } from '../../../core/contract/markers'
import { eventsOf, startProduct } from '../product'
import { runProgram } from '../run-program'
import { losslessFfmpeg } from './lossless-ffmpeg'

/** Two rungs: every picture, and every second one. */
const LADDER = `name: joins
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: all, shortSidePx: 180, maxBitrateBps: 900_000 }
  - { id: half, shortSidePx: 90, maxBitrateBps: 300_000, maxFps: 15 }
mp4: false
`

export interface Encoded {
  /** Folder of the run's objects. */
  run: string
  /** Folder of the run's records. */
  state: string
}

/**
 * Encodes the masters with three workers, without loss.
 *
 * @param folder For all that is made.
 * @param pieceSeconds What GANTRY_PIECE_SECONDS says.
 * @returns By the masters' file names.
 */
async function encodeAll(
  masters: readonly string[],
  folder: string,
  { out, pieceSeconds }: { out: string; pieceSeconds: string },
): Promise<Map<string, Encoded>> {
  const home = join(folder, out)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(folder, 'ladder.yaml'), LADDER)
  const words = [...masters, '--ladder', join(folder, 'ladder.yaml'), '--out', home, '--workers', '3']
  const product = startProduct(words, {
    ...{ GANTRY_PIECE_SECONDS: pieceSeconds, GANTRY_ENCODER_THREADS: '1', GANTRY_FFMPEG: losslessFfmpeg(folder) },
  })
  const code = await product.ended
  if (code !== 0) throw new Error(`exit ${String(code)}: ${JSON.stringify(eventsOf(product.events, 'asset.failed'))}`)
  return new Map(
    eventsOf(product.events, 'asset.published').map(({ assetId, data }) => {
      const accepted = eventsOf(product.events, 'asset.accepted').find((one) => one.assetId === assetId)
      const state = join(home, '.gantry', 'assets', assetId, 'runs', '1')
      return [basename(accepted?.data.source.key ?? ''), { run: join(dirname(data.master), 'r1'), state }]
    }),
  )
}

/** The same masters in pieces of 2 s, and encoded whole. */
export async function encodeBoth(
  masters: readonly string[],
  folder: string,
): Promise<{ pieces: ReadonlyMap<string, Encoded>; wholes: ReadonlyMap<string, Encoded> }> {
  return {
    pieces: await encodeAll(masters, folder, { out: 'pieces', pieceSeconds: '2' }),
    wholes: await encodeAll(masters, folder, { out: 'whole', pieceSeconds: '86400' }),
  }
}

export function encoded(from: ReadonlyMap<string, Encoded>, file: string): Encoded {
  const found = from.get(file)
  if (found === undefined) throw new Error(`${file} was not published`)
  return found
}

/** Time and digest of every decoded picture. */
export async function decoded({ run }: Encoded, rung: string): Promise<string[]> {
  const playlist = join(run, 'video', rung, 'playlist.m3u8')
  const words = ['-v', 'error', '-nostdin', '-i', playlist, '-fps_mode', 'passthrough', '-copyts']
  const { stdout, stderr } = await runProgram('ffmpeg', [...words, '-f', 'framemd5', '-'])
  if (stderr !== '') throw new Error(stderr)
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

/** Decode time, presentation time and duration of every packet as the segments say them. */
export async function packets(
  { run }: Encoded,
  kind: string,
  id: string,
): Promise<{ pts: number; dts: number; duration: number }[]> {
  const entries = ['-show_entries', 'packet=pts,dts,duration', '-of', 'csv=p=0']
  const { stdout } = await runProgram('ffprobe', ['-v', 'error', ...entries, join(run, kind, id, 'playlist.m3u8')])
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pts = NaN, dts = NaN, duration = NaN] = line.split(',').map(Number)
      return { pts, dts, duration }
    })
}

/** Of all samples that are decoded from a sound, by its only track. */
export async function soundDigest({ run }: Encoded, id: string): Promise<string> {
  const words = ['-v', 'error', '-nostdin', '-i', join(run, 'audio', id, 'playlist.m3u8'), '-f', 'md5', '-']
  return (await runProgram('ffmpeg', words)).stdout
}

export function jobsOf<K extends Job['kind']>({ state }: Encoded, kind: K): (Job & { kind: K })[] {
  const intent = JSON.parse(readFileSync(join(state, 'intent.json'), 'utf8')) as Intent
  return intent.jobs.filter((job): job is Job & { kind: K } => job.kind === kind)
}

export function markersOf<K extends Marker['kind']>({ state }: Encoded, kind: K): (Marker & { kind: K })[] {
  const read = (name: string): Marker => JSON.parse(readFileSync(join(state, 'done', name), 'utf8')) as Marker
  return readdirSync(join(state, 'done'))
    .map(read)
    .filter((marker): marker is Marker & { kind: K } => marker.kind === kind)
}
