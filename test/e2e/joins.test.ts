/** Masters cut into short pieces for three workers: what is decoded is the same as of masters that were encoded whole. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Intent } from '../../core/contract/intent'
import type { VideoPieceJob } from '../../core/contract/job'
import type { VideoPieceMarker } from '../../core/contract/markers'
import { losslessFfmpeg } from '../support/joins/lossless-ffmpeg'
import { FILMS, makeFilms } from '../support/joins/films'
import { mastersFolder } from '../support/masters'
import { eventsOf, startProduct } from '../support/product'
import { runProgram } from '../support/run-program'

/** Two rungs: every picture, and every second one. */
const LADDER = `name: joins
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: all, shortSidePx: 180, maxBitrateBps: 900_000 }
  - { id: half, shortSidePx: 90, maxBitrateBps: 300_000, maxFps: 15 }
mp4: false
`
/** Real masters of 5 s and more that have an index. */
const REAL = [
  'butterfly-720p30-aac.mp4',
  'gopro-max-480p30-10s-data-tracks.mp4',
  'rooftops-360p30-17s.mp4',
  'bikes-640x272-10s-no-audio.mp4',
  'bunny-vp8-vorbis-720p24-30s.webm',
  'nasa-13s-multi-video-multi-audio-movtext.mp4',
  'testsrc-444-chapters-negative-start.mkv',
]
const MADE = FILMS.map(({ file, copy }) => copy?.file ?? file)

interface Encoded {
  /** Folder of the run's objects. */
  run: string
  /** Folder of the run's records. */
  state: string
}

let folder: string
const pieces = new Map<string, Encoded>()
const wholes = new Map<string, Encoded>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-joins-'))
  writeFileSync(join(folder, 'ladder.yaml'), LADDER)
  mkdirSync(join(folder, 'films'))
  const masters = [...REAL.map((file) => join(mastersFolder(), file)), ...(await makeFilms(join(folder, 'films')))]
  await encodeAll(masters, 'pieces', '2', pieces)
  await encodeAll(masters, 'whole', '86400', wholes)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function encodeAll(
  masters: readonly string[],
  out: string,
  seconds: string,
  to: Map<string, Encoded>,
): Promise<void> {
  const home = join(folder, out)
  const words = [...masters, '--ladder', join(folder, 'ladder.yaml'), '--out', home, '--workers', '3']
  const product = startProduct(words, {
    ...{ GANTRY_PIECE_SECONDS: seconds, GANTRY_ENCODER_THREADS: '1', GANTRY_FFMPEG: losslessFfmpeg(folder) },
  })
  const code = await product.ended
  if (code !== 0) throw new Error(`exit ${String(code)}: ${JSON.stringify(eventsOf(product.events, 'asset.failed'))}`)
  for (const { assetId, data } of eventsOf(product.events, 'asset.published')) {
    const accepted = eventsOf(product.events, 'asset.accepted').find((one) => one.assetId === assetId)
    to.set(basename(accepted?.data.source.key ?? ''), {
      run: join(dirname(data.master), 'r1'),
      state: join(home, '.gantry', 'assets', assetId, 'runs', '1'),
    })
  }
}

function encoded(from: ReadonlyMap<string, Encoded>, file: string): Encoded {
  const found = from.get(file)
  if (found === undefined) throw new Error(`${file} was not published`)
  return found
}

/** Time and digest of every decoded picture. */
async function decoded({ run }: Encoded, rung: string): Promise<string[]> {
  const playlist = join(run, 'video', rung, 'playlist.m3u8')
  const words = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    playlist,
    '-fps_mode',
    'passthrough',
    '-copyts',
    '-f',
    'framemd5',
    '-',
  ]
  const { stdout, stderr } = await runProgram('ffmpeg', words)
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

/** Decode time, presentation time and duration of every packet as the segments say them. */
async function packets(
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

function plannedPieces({ state }: Encoded): VideoPieceJob[] {
  const intent = JSON.parse(readFileSync(join(state, 'intent.json'), 'utf8')) as Intent
  return intent.jobs.filter((job): job is VideoPieceJob => job.kind === 'video-piece')
}

function markersOf({ state }: Encoded): VideoPieceMarker[] {
  const names = readdirSync(join(state, 'done')).filter((name) => name.startsWith('video-'))
  return names.map((name) => JSON.parse(readFileSync(join(state, 'done', name), 'utf8')) as VideoPieceMarker)
}

describe.each([...REAL, ...MADE])('%s', (file) => {
  it('is cut into pieces', () => {
    expect(plannedPieces(encoded(pieces, file)).length).toBeGreaterThan(1)
    expect(plannedPieces(encoded(wholes, file))).toHaveLength(1)
  })

  it.each(['all', 'half'])('has the same pictures at the same times in rung %s', async (rung) => {
    const [cut, whole] = [await decoded(encoded(pieces, file), rung), await decoded(encoded(wholes, file), rung)]
    expect(cut).toEqual(whole)
  })

  it('has decode times that rise over every join, and one init segment', async () => {
    const times = await packets(encoded(pieces, file), 'video', 'all')
    const falls = times.flatMap(({ dts }, index) => (dts <= (times[index - 1]?.dts ?? -Infinity) ? [index] : []))
    expect(falls).toEqual([])
    expect(
      readdirSync(join(encoded(pieces, file).run, 'video', 'all')).filter((name) => name.startsWith('init')),
    ).toHaveLength(1)
  })
})

const withSound = [...REAL, ...MADE].filter((file) => !file.includes('no-audio'))

it.each(withSound)('%s has the same sound', async (file) => {
  const [cut, whole] = [encoded(pieces, file), encoded(wholes, file)]
  const id = readdirSync(join(whole.run, 'audio'))[0] ?? ''
  expect(await packets(cut, 'audio', id)).toEqual(await packets(whole, 'audio', id))
  const samples = async ({ run }: Encoded): Promise<string> => {
    const words = ['-v', 'error', '-nostdin', '-i', join(run, 'audio', id, 'playlist.m3u8'), '-f', 'md5', '-']
    return (await runProgram('ffmpeg', words)).stdout
  }
  expect(await samples(cut)).toBe(await samples(whole))
})

it('every worker made pieces', () => {
  const workers = new Set([...pieces.values()].flatMap((one) => markersOf(one).map(({ workerId }) => workerId)))
  expect([...workers].sort()).toEqual(['local-1', 'local-2', 'local-3'])
})
