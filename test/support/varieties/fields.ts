/** Interlaced masters, with right flags, wrong ones and none, and whole pictures flagged as interlaced. */
import { lavfi, waves } from './films'
import { evenly, ffmpeg, type ExpectedPicture, type Recipe, type Variety } from './variety'

const INTERLACED_H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10', '-flags', '+ilme+ildct']
const PLAIN_H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10']
const MPEG2 = ['-c:v', 'mpeg2video', '-q:v', '2', '-flags', '+ilme+ildct']

/** Each picture of 50 a second gives one field. */
function woven(order: 'top' | 'bottom', ...codec: readonly string[]): Recipe {
  return ffmpeg(...lavfi(waves(50, 2, `,tinterlace=mode=interleave_${order}`)), ...codec)
}

const whole = (...codec: readonly string[]): Recipe => ffmpeg(...lavfi(waves(25, 2)), ...codec)

/** Made whole again a picture is as it was at the time of its first field. */
const picture: ExpectedPicture = {
  ...{ widthPx: 320, heightPx: 240, times: evenly(50, 25), quarters: null },
  reference: { film: waves(50, 2, ',select=not(mod(n\\,2))'), leastDecibels: 32 },
}
const expected = { picture, sounds: [] }
const MENDED = [/not flagged interlaced, but its pictures are/]
const LEFT = [/flagged interlaced, but its pictures are whole/]

export const FIELDS: readonly Variety[] = [
  {
    file: 'interlaced-top.mp4',
    make: woven('top', '-vf', 'setfield=tff', ...INTERLACED_H264, '-x264opts', 'tff=1'),
    expected,
  },
  { file: 'interlaced-bottom.mpg', make: woven('bottom', '-vf', 'setfield=bff', ...MPEG2, '-top', '0'), expected },
  {
    file: 'interlaced-top-unflagged.mp4',
    make: woven('top', '-vf', 'setfield=prog', ...PLAIN_H264),
    expected: { ...expected, warnings: MENDED },
  },
  {
    file: 'interlaced-bottom-unflagged.mkv',
    make: woven('bottom', '-vf', 'setfield=prog', ...PLAIN_H264),
    expected: { ...expected, warnings: MENDED },
  },
  {
    file: 'interlaced-bottom-flagged-top.ts',
    make: woven('bottom', '-vf', 'setfield=tff', ...MPEG2, '-top', '1'),
    expected,
  },
  {
    file: 'whole-flagged-interlaced.mp4',
    make: whole('-vf', 'setfield=tff', ...INTERLACED_H264, '-x264opts', 'tff=1'),
    expected: { ...expected, warnings: LEFT },
  },
  { file: 'whole.mp4', make: whole('-vf', 'setfield=prog', ...PLAIN_H264), expected },
]
