/** Films whose timing makes cuts hard, made by script: each by a name that says why. */
import { join } from 'node:path'
import { runProgram } from '../run-program'

export interface Film {
  file: string
  /** Frames a second of the picture. */
  rate: string
  /** Words for the picture's filters and encoder. */
  words: readonly string[]
  /** Words for the sound's encoder; AAC where there are none. */
  sound?: readonly string[]
  /** Copied once more with these words, for what only a muxer makes. */
  copy?: { seek?: readonly string[]; words: readonly string[]; file: string }
}

export const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p']

/** Times that no grid has: two of seven pictures are missing, and the rest wander by some milliseconds. */
const IRREGULAR = ["select='not(eq(mod(n,7),3))'", "setpts='PTS+mod(N,3)*0.004/TB'"].join(',')

export const FILMS: readonly Film[] = [
  { file: '23.976-long-gop.mp4', rate: '24000/1001', words: [...X264, '-g', '250'] },
  {
    file: '29.97-open-gop.mp4',
    rate: '30000/1001',
    words: [...X264, '-g', '60', '-x264-params', 'open-gop=1:bframes=3'],
  },
  {
    ...{ file: 'irregular.mp4', rate: '30' },
    words: ['-vf', IRREGULAR, '-fps_mode', 'vfr', '-enc_time_base', '1:90000', ...X264, '-g', '48'],
  },
  {
    ...{ file: 'before-the-edit-list.mp4', rate: '25', words: [...X264, '-g', '75'] },
    copy: { file: 'edit-list.mp4', seek: ['-ss', '1.48'], words: [] },
  },
  {
    ...{ file: 'before-the-late-start.mp4', rate: '25', words: [...X264, '-g', '50'] },
    copy: { file: 'late-start.mkv', words: ['-output_ts_offset', '0.7', '-avoid_negative_ts', 'disabled'] },
  },
  {
    file: 'many-b-frames.mkv',
    rate: '50',
    words: [...X264, '-g', '100', '-bf', '8', '-x264-params', 'b-pyramid=strict'],
  },
  {
    ...{ file: 'interlaced.mp4', rate: '50' },
    // A keyframe at each cut: what the deinterlacer looks at before it is of the GOP before.
    words: ['-vf', 'interlace=scan=tff', '-flags', '+ildct+ilme', '-x264-params', 'tff=1', ...X264, '-g', '52'],
  },
]

/** Makes them. @returns Their paths. */
export async function makeFilms(films: readonly Film[], folder: string): Promise<string[]> {
  const paths: string[] = []
  for (const { file, rate, words, copy, sound: coded = ['-c:a', 'aac'] } of films) {
    const path = join(folder, file)
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=426x240:rate=${rate}:duration=9`]
    const sound = ['-f', 'lavfi', '-i', 'aevalsrc=0.2*sin(440*2*PI*t)|0.2*sin(660*2*PI*t):s=48000:d=9']
    await made([...picture, ...sound, ...coded, ...words, path])
    if (copy === undefined) paths.push(path)
    else {
      const { seek = [], words: copyWords } = copy
      await made([...seek, '-i', path, '-c', 'copy', ...copyWords, join(folder, copy.file)])
      paths.push(join(folder, copy.file))
    }
  }
  return paths
}

async function made(words: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...words])
  if (code !== 0) throw new Error(`a film was not made: ${stderr}`)
}
