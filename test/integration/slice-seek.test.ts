/** The product's own slices of masters with every kind of index: all pictures once, in order, at the times of the whole. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WHOLE_SLICE, type SegmentGrid, type TimeSlice, type VideoPieceJob } from '../../core/contract/job'
import type { SourceFacts, VideoFacts } from '../../core/contract/source'
import { pictureTimes } from '../../scheduler/picture-times'
import { planSlices } from '../../scheduler/slices'
import { videoPieceCommand } from '../../worker/ffmpeg/video-args'
import { pieceJob, rung } from '../support/builders'
import { INDEXED_FILES, makeIndexedMasters } from '../support/indexed-masters'
import { openIndexing, type Indexing } from '../support/indexing'
import { mastersFolder } from '../support/masters'
import { runProgram } from '../support/run-program'

const REAL = [
  'butterfly-720p30-aac.mp4',
  'gopro-max-480p30-10s-data-tracks.mp4',
  'rooftops-360p30-17s.mp4',
  'nasa-13s-multi-video-multi-audio-movtext.mp4',
  'iphone-portrait-rotated90-audio-first.mov',
  'bunny-vp8-vorbis-720p24-30s.webm',
]

/** Ticks and digest of each picture that the graph of a slice gives. */
async function picturesOf(path: string, job: VideoPieceJob): Promise<string[]> {
  const { inputs, graph } = videoPieceCommand(job, { url: path, options: [] }, 1)
  const input = [...(inputs[0]?.options ?? []), '-i', path, '-filter_complex', graph ?? '', '-map', '[v0]']
  const times = ['-fps_mode', 'vfr', '-enc_time_base', `1:${job.grid.timescaleHz}`, '-f', 'framemd5', '-']
  const { stdout } = await runProgram('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...times])
  const rows = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return rows.map((row) =>
    row
      .split(',')
      .flatMap((cell, at) => (at === 2 || at === 5 ? [cell.trim()] : []))
      .join(' '),
  )
}

function slicesOf(
  facts: SourceFacts,
  video: VideoFacts,
  grid: SegmentGrid,
  index: Parameters<typeof pictureTimes>[0],
): TimeSlice[] {
  const times = pictureTimes(index, video)
  if (times === null || video.firstPicture === null) throw new Error('the master has no index')
  const durationSeconds = video.durationSeconds ?? facts.durationSeconds
  const asked = {
    grid,
    clip: null,
    firstPicture: video.firstPicture,
    pieceSeconds: 0.4,
    firstSegments: null,
    marginPictures: 0,
  }
  return planSlices({ ...asked, ...times, durationSeconds })
}

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

  it.each(kind === 'made' ? INDEXED_FILES : REAL)('%s: all pictures come once and in order', async (file) => {
    const { index, facts } = await indexing.read(file)
    const { video } = facts
    if (video === null) throw new Error(`${file} has a picture`)
    // Eleven pictures a segment fall on keyframes, right before and behind them, and between.
    const grid = { fps: video.fps, gopFrames: 11, gopsPerSegment: 1, timescaleHz: 90_000 }
    const slices = slicesOf(facts, video, grid, index)
    expect(slices.length).toBeGreaterThan(1)
    const { streamIndex, firstPicture } = video
    const master = { ...pieceJob({ grid, streamIndex, firstPicture, rungs: [rung('small', 72)] }) }
    const source = { ...master.source, container: facts.container }
    const pieces: string[] = []
    for (const slice of slices) pieces.push(...(await picturesOf(join(folder, file), { ...master, source, slice })))
    const whole = { ...master, source, slice: WHOLE_SLICE, firstPicture: null }
    expect(pieces).toEqual(await picturesOf(join(folder, file), whole))
  })
})
