import type { RemuxJob } from '../../core/contract/job'
import { ffmpegWords } from '../../worker/ffmpeg/command'
import { remuxCommand } from '../../worker/ffmpeg/remux-args'
import { videoPieceCommand } from '../../worker/ffmpeg/video-args'
import { seeksIn } from '../../worker/copied-picture'
import { pieceJob } from '../support/builders'

const input = { url: 'http://127.0.0.1:1/abc', options: ['-f', 'mpegts'] }

function remuxJob(more: Partial<RemuxJob['source']> = {}): RemuxJob {
  const { v, jobId, assetId, run, priority, output, state, streamIndex, limits, source } = pieceJob()
  return {
    ...{ v, jobId, assetId, run, priority, output, state, streamIndex, limits, kind: 'remux', part: 'remux' },
    source: { ...source, container: 'mpegts', ...more },
    lines: { timescaleHz: 90_000, ticks: [] },
  }
}

const COPIED = [
  ...['-copyts', '-start_at_zero', '-f', 'mpegts', '-fflags', '+genpts', '-i', input.url],
  ...[
    '-map',
    '0:0',
    '-c',
    'copy',
    '-copyinkf',
    '-output_ts_offset',
    '10',
    '-map_metadata',
    '-1',
    '-map_chapters',
    '-1',
  ],
  ...['-frag_duration', '1000000', '-frag_size', '33554432'],
  ...['-f', 'mp4', '-movflags', 'delay_moov+frag_discont+default_base_moof', 'pipe:4'],
]

describe('remuxCommand', () => {
  it('copies the picture track alone, and reads the other tracks that the zero depends on, word for word', () => {
    expect(ffmpegWords(remuxCommand(remuxJob(), input))).toEqual([
      ...COPIED,
      ...['-map', '0:1', '-c', 'copy', '-f', 'null', 'pipe:1'],
    ])
  })

  it('copies all of a master of which a part is wanted', () => {
    const clip = { inSeconds: 5, outSeconds: 6 }
    expect(ffmpegWords(remuxCommand(remuxJob({ clip, trackIndexes: [0] }), input))).toEqual(COPIED)
  })
})

describe('a piece of a copy', () => {
  it('adds the time of the first picture to the times of the copy, to the tick', () => {
    const source = { ...pieceJob().source, startSeconds: { num: 1_921, den: 90_000 } }
    const slice = { index: 1, startTicks: 358_200, endTicks: null, seekSeconds: 3, pictures: null }
    expect(videoPieceCommand(pieceJob({ source, slice }), input, null).graph).toContain(
      "[0:0]setpts='PTS+round(3.000000/TB)+round(1921/90000/TB)',settb",
    )
    expect(videoPieceCommand(pieceJob({ source }), input, null).graph).toContain(
      "[0:0]setpts='PTS+round(1921/90000/TB)',settb",
    )
  })
})

describe('seeksIn', () => {
  const copy = {
    ...{ objects: [], timescaleHz: 90_000, firstTicks: 0, blindTicks: 0, lastSeekTicks: 9_000_000 },
    ...{ longestStepTicks: 0, pictures: [] },
  }
  const slice = { index: 1, startTicks: 0, endTicks: null, seekSeconds: 40, pictures: null }

  it('begins at the planned second, and where that is not enough 15 s before, and at the start', () => {
    expect(seeksIn(copy, slice)).toEqual([40, 25, 0])
  })

  it('counts from the first picture of the copy', () => {
    expect(seeksIn({ ...copy, firstTicks: 63_000 }, slice)[0]).toBe(39)
  })

  it('goes back by as much as a keyframe may be shown after it is decoded', () => {
    expect(seeksIn({ ...copy, blindTicks: 100_000 }, slice)[0]).toBe(38)
  })

  it('seeks nothing so late that pictures are lost at the end', () => {
    expect(seeksIn({ ...copy, lastSeekTicks: 1_000_000 }, slice)[0]).toBe(11)
  })

  it('seeks nothing before the start', () => {
    expect(seeksIn({ ...copy, firstTicks: 500_000 }, { ...slice, seekSeconds: 3 })).toEqual([0])
  })
})
