/** Masters of every kind of index, made by ffmpeg: a few seconds of a small moving picture each. */
import { join } from 'node:path'
import { runProgram } from './run-program'

/** Words between `-i` and the output's name, or before it. */
interface Recipe {
  file: string
  words: readonly string[]
}

const source = (rate: string, seconds = 5): string[] => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=s=128x72:r=${rate}:d=${seconds}`,
]
const SOUND = ['-f', 'lavfi', '-i', 'sine=r=48000:d=5', '-c:a', 'aac']
const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1']
const gops = (...more: string[]): string[] => [
  ...H264,
  '-x264-params',
  ['keyint=24:min-keyint=24:scenecut=0:bframes=3:b-adapt=0', ...more].join(':'),
]
const HEVC = ['keyint=24:min-keyint=24:scenecut=0:bframes=3:open-gop=1', 'log-level=error:pools=1:frame-threads=1']
const IRREGULAR = String.raw`select='not(eq(mod(n\,7)\,3))',setpts='PTS+0.005/TB*mod(N\,2)'`
const copyOf = (file: string, ...words: string[]): string[] => ['-i', file, ...words, '-c', 'copy']

/** In this order: later ones are copies of earlier ones. */
const RECIPES: readonly Recipe[] = [
  { file: 'ntsc.mp4', words: [...source('30000/1001'), ...SOUND, ...gops()] },
  { file: 'film-front.mp4', words: [...source('24000/1001'), ...gops(), '-movflags', '+faststart'] },
  { file: 'open.mp4', words: [...source('30'), ...gops('open-gop=1')] },
  { file: 'plain.mp4', words: [...source('30'), ...gops('bframes=0')] },
  {
    file: 'irregular.mp4',
    words: [...source('30'), '-vf', IRREGULAR, '-fps_mode', 'vfr', ...gops(), '-video_track_timescale', '90000'],
  },
  {
    file: 'hevc-open.mp4',
    words: [
      ...source('30'),
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      HEVC.join(':'),
      '-tag:v',
      'hvc1',
    ],
  },
  { file: 'mpeg2-open.mov', words: [...source('25'), '-c:v', 'mpeg2video', '-g', '12', '-bf', '2'] },
  { file: 'intra.mov', words: [...source('25', 2), '-c:v', 'mjpeg'] },
  { file: 'no-list.mp4', words: copyOf('ntsc.mp4', '-use_editlist', '0') },
  { file: 'no-list-open.mp4', words: copyOf('open.mp4', '-use_editlist', '0') },
  { file: 'no-list-hevc.mp4', words: copyOf('hevc-open.mp4', '-use_editlist', '0', '-tag:v', 'hvc1') },
  { file: 'trimmed.mp4', words: ['-ss', '1.2', ...copyOf('ntsc.mp4')] },
  { file: 'trimmed-open.mp4', words: ['-ss', '1.2', ...copyOf('open.mp4')] },
  { file: 'tail-cut.mp4', words: copyOf('ntsc.mp4', '-t', '3.3') },
  { file: 'late.mp4', words: ['-itsoffset', '0.7', ...copyOf('ntsc.mp4')] },
  {
    file: 'late-picture.mp4',
    words: ['-itsoffset', '1.5', '-i', 'ntsc.mp4', ...copyOf('ntsc.mp4', '-map', '0:v', '-map', '1:a')],
  },
  { file: 'sound-first.mov', words: copyOf('ntsc.mp4', '-map', '0:a', '-map', '0:v') },
  { file: 'early-decode.mp4', words: copyOf('ntsc.mp4', '-movflags', 'negative_cts_offsets') },
  { file: 'early-no-list.mp4', words: copyOf('open.mp4', '-movflags', 'negative_cts_offsets', '-use_editlist', '0') },
  { file: 'fine-ticks.mp4', words: copyOf('ntsc.mp4', '-map', '0:v', '-video_track_timescale', '10000000') },
  { file: 'ntsc.mkv', words: copyOf('ntsc.mp4') },
  { file: 'open.mkv', words: copyOf('open.mp4') },
  { file: 'irregular.mkv', words: copyOf('irregular.mp4') },
  { file: 'late.mkv', words: copyOf('ntsc.mp4', '-output_ts_offset', '3.3') },
  { file: 'front.mkv', words: copyOf('ntsc.mp4', '-cues_to_front', '1') },
  { file: 'hevc-open.mkv', words: copyOf('hevc-open.mp4') },
  {
    file: 'vp9.webm',
    words: [
      ...source('25'),
      ...SOUND.slice(0, 4),
      '-c:a',
      'libopus',
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
      '-g',
      '25',
    ],
  },
]

export const INDEXED_FILES: readonly string[] = RECIPES.map(({ file }) => file)

/** Masters without an index that can be used. */
const OTHERS: readonly Recipe[] = [
  { file: 'fragments.mp4', words: copyOf('ntsc.mp4', '-movflags', 'frag_keyframe+empty_moov') },
  { file: 'live.mkv', words: copyOf('ntsc.mp4', '-live', '1') },
  { file: 'stream.ts', words: copyOf('ntsc.mp4') },
]

export async function makeIndexedMasters(folder: string): Promise<void> {
  for (const { file, words } of [...RECIPES, ...OTHERS]) {
    const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', '-y', ...words, join(folder, file)], folder)
    if (code !== 0) throw new Error(`the test's own ${file} was not made: ${stderr}`)
  }
}
