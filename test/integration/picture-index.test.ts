import { mkdtemp, rm, truncate, copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { INDEXED_FILES, makeIndexedMasters } from '../support/indexed-masters'
import { listPictures, openIndexing, type Indexing, type IndexRead } from '../support/indexing'
import { mastersFolder, readMasters } from '../support/masters'

const READABLE = readMasters().filter(({ expected }) => expected === 'ok')
const INDEXED = READABLE.filter(
  ({ container, video_codec: codec }) => /mov|matroska/.test(container ?? '') && codec !== '-',
)

async function expectAsListed(folder: string, file: string, { index, facts }: IndexRead): Promise<void> {
  if (index.kind === 'none' || facts.video === null)
    throw new Error(`${file} has an index, got ${JSON.stringify(index)}`)
  const listed = await listPictures(folder, file, facts.video.streamIndex)
  expect(index.timescaleHz).toBe(listed.timescaleHz)
  expect(index.firstPts).toBe(listed.pts[0])
  // ffprobe's parsers also find keyframes that the container does not name.
  expect(listed.keyframePts).toEqual(expect.arrayContaining([...index.keyframePts]))
  expect(index.keyframePts.length).toBeGreaterThanOrEqual(listed.keyframePts.length - 1)
  if (index.frames !== null) expect(index.frames).toBe(listed.pts.length)
  const { constantFrameTicks: step } = index
  const grid = listed.pts.map((_, number) => index.firstPts + number * (step ?? 0))
  if (step !== null) expect(listed.pts).toEqual(grid)
}

describe('picture index of real masters', () => {
  let indexing: Indexing
  beforeAll(async () => void (indexing = await openIndexing(mastersFolder())))
  afterAll(() => indexing.close())

  it.each(INDEXED.map(({ file }) => file))('says of %s what ffprobe lists', async (file) => {
    const read = await indexing.read(file)
    await expectAsListed(mastersFolder(), file, read)
    expect(read.bytesRead).toBeLessThan(100_000)
  })

  it('says why others have none', async () => {
    const reasonOf = async (file: string): Promise<unknown> => (await indexing.read(file)).index
    expect(await reasonOf('tree-cinepak-15fps-30s-no-audio.avi')).toMatchObject({ reason: /\(avi\)/ })
    expect(await reasonOf('mpeg1-mp2-sar64x45-damaged-tail.mpg')).toMatchObject({ reason: /\(mpegps\)/ })
    expect(await reasonOf('audio-only-aac-stereo-plus-ac3-51.mp4')).toMatchObject({ reason: 'it has no pictures' })
  })
})

describe('picture index of made masters', () => {
  let indexing: Indexing
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gantry-index-'))
    await makeIndexedMasters(folder)
    indexing = await openIndexing(folder)
  })
  afterAll(async () => {
    await indexing.close()
    await rm(folder, { recursive: true })
  })

  it.each(INDEXED_FILES)('says of %s what ffprobe lists, keyframe for keyframe', async (file) => {
    const read = await indexing.read(file)
    await expectAsListed(folder, file, read)
    const { index, facts } = read
    const listed = await listPictures(folder, file, facts.video?.streamIndex ?? 0)
    expect(index).toMatchObject({ kind: 'indexed', keyframePts: listed.keyframePts })
  })

  it('knows which pictures stand on a grid', async () => {
    const stepOf = async (file: string): Promise<unknown> => (await indexing.read(file)).index
    expect(await stepOf('ntsc.mp4')).toMatchObject({ timescaleHz: 30_000, constantFrameTicks: 1_001, frames: 150 })
    expect(await stepOf('film-front.mp4')).toMatchObject({ timescaleHz: 24_000, constantFrameTicks: 1_001 })
    expect(await stepOf('irregular.mp4')).toMatchObject({ constantFrameTicks: null })
  })

  it.each([
    ['fragments.mp4', /fragmented/, { isFragmented: true }],
    ['live.mkv', /no index|no size/, {}],
    ['stream.ts', /\(mpegts\)/, {}],
  ])('says why %s has none', async (file, reason, more) => {
    const { index } = await indexing.read(file)
    expect(index).toEqual({ kind: 'none', reason: expect.stringMatching(reason) as string, ...more })
  })

  it('stops at its limits', async () => {
    const { index, reads, bytesRead } = await indexing.read('ntsc.mkv', { reads: 2, bytes: 1_000_000 })
    expect(index).toMatchObject({ kind: 'none', reason: expect.stringContaining('2 reads') as string })
    expect(reads).toBe(2)
    const small = await indexing.read('ntsc.mp4', { reads: 9, bytes: 20_000 })
    expect(small.index).toMatchObject({ kind: 'none' })
    expect(bytesRead + small.bytesRead).toBeLessThan(60_000)
  })

  it('misses the Cues of a master that was cut off', async () => {
    await copyFile(join(folder, 'ntsc.mkv'), join(folder, 'cut.mkv'))
    await truncate(join(folder, 'cut.mkv'), 50_000)
    expect((await indexing.read('cut.mkv')).index).toMatchObject({ kind: 'none' })
  })
})
