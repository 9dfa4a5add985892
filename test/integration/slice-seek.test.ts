import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IndexedPictures } from '../../core/contract/picture-index'
import { canBeginAt, sliceWords } from '../../media/picture-index/slice'
import { INDEXED_FILES, makeIndexedMasters } from '../support/indexed-masters'
import { openIndexing, type Indexing } from '../support/indexing'
import { mastersFolder } from '../support/masters'
import { runProgram } from '../support/run-program'
import { seededRandom } from '../support/seeded-random'

interface DecodedPicture {
  ticks: number
  hash: string
}

/** What ffmpeg gives of a master, in its own ticks. */
async function decode(path: string, stream: number, hz: number, words: readonly string[]): Promise<DecodedPicture[]> {
  const input = ['-v', 'error', ...words, '-i', path, '-map', `0:${stream}`]
  const output = ['-fps_mode', 'passthrough', '-enc_time_base', `1:${hz}`, '-f', 'framemd5', '-']
  const { stdout } = await runProgram('ffmpeg', [...input, ...output])
  const rows = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return rows.map((row) => {
    const cells = row.split(',').map((cell) => cell.trim())
    return { ticks: Number(cells[2]), hash: cells[5] ?? '' }
  })
}

const hashes = (pictures: readonly DecodedPicture[]): string[] => pictures.map(({ hash }) => hash)

/** A microsecond in ticks: what is left of a time that ffmpeg was told in microseconds. */
const slackTicks = ({ timescaleHz }: IndexedPictures): number => Math.ceil(timescaleHz / 1_000_000) - 1

describe.each(['made', 'real'])('slices of %s masters', (kind) => {
  let folder: string
  let indexing: Indexing
  beforeAll(async () => {
    folder = kind === 'made' ? await mkdtemp(join(tmpdir(), 'gantry-slices-')) : mastersFolder()
    if (kind === 'made') await makeIndexedMasters(folder)
    indexing = await openIndexing(folder)
  })
  afterAll(async () => {
    await indexing.close()
    if (kind === 'made') await rm(folder, { recursive: true })
  })

  const files =
    kind === 'made'
      ? INDEXED_FILES
      : [
          'gopro-max-480p30-10s-data-tracks.mp4',
          'rooftops-360p30-17s.mp4',
          'nasa-13s-multi-video-multi-audio-movtext.mp4',
          'iphone-portrait-rotated90-audio-first.mov',
          'testcard-hdv-mpeg2-1080i-anamorphic-no-audio.mov',
          'bunny-vp8-vorbis-720p24-30s.webm',
        ]

  it.each(files)('%s: cut at keyframes and between, all pictures come once and in order', async (file) => {
    const { index, facts } = await indexing.read(file)
    if (index.kind === 'none' || facts.video === null) throw new Error(`${file} has an index`)
    const give = (words: readonly string[]): Promise<DecodedPicture[]> =>
      decode(join(folder, file), facts.video?.streamIndex ?? 0, index.timescaleHz, words)
    const whole = await give([])
    for (const cuts of [keyframeCuts(index), randomCuts(index)]) {
      const edges = [null, ...cuts, null]
      const slices: DecodedPicture[] = []
      for (const [place, from] of edges.slice(0, -1).entries()) {
        const slice = await give(sliceWords(index, from, edges[place + 1] ?? null))
        if (from !== null) expect(slice[0]?.ticks).toBeLessThanOrEqual(slackTicks(index))
        slices.push(...slice)
      }
      expect(hashes(slices)).toEqual(hashes(whole))
    }
  })
})

/** All that are allowed, without the first picture. */
function keyframeCuts(index: IndexedPictures): number[] {
  return index.keyframePts.filter((pts) => pts > index.firstPts && canBeginAt(index, pts)).slice(-6)
}

/** Some pictures of the grid at which a slice may begin; none where there is no grid. */
function randomCuts(index: IndexedPictures): number[] {
  const { frames, constantFrameTicks, firstPts } = index
  if (frames === null || constantFrameTicks === null) return []
  const random = seededRandom(frames)
  const picked = Array.from({ length: 9 }, () => firstPts + random.integer(1, frames - 1) * constantFrameTicks)
  const allowed = [...new Set(picked)].filter((pts) => canBeginAt(index, pts))
  return allowed.sort((a, b) => a - b)
}
