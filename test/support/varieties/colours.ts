/** Masters of other depths, chroma, ranges and colour spaces. */
import { quarters, X264, type FilmShape } from './films'
import { evenly, ffmpeg, type ExpectedPicture, type Recipe, type Variety } from './variety'

const SMALL = { widthPx: 320, heightPx: 180, times: evenly(50, 25) }
const SD = 'smpte170m smpte170m smpte170m'
const BT709 = 'bt709 bt709 bt709'
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:crf=12']

const h264 = (film: FilmShape, ...words: readonly string[]): Recipe => ffmpeg(...quarters(film), ...X264, ...words)
const is = (colour: string, more: Partial<ExpectedPicture> = {}): Variety['expected'] => {
  return { picture: { ...SMALL, colour, ...more }, sounds: [] }
}
const tags = (primaries: string, curve: string, matrix: string): string[] => {
  return ['-color_primaries', primaries, '-color_trc', curve, '-colorspace', matrix]
}

/** Light of the quarters in a wide space, white at 203 cd/m2. */
function hdr(curve: 'smpte2084' | 'arib-std-b67', ...codec: readonly string[]): Recipe {
  const convert = `zscale=tin=iec61966-2-1:pin=bt709:t=${curve}:p=bt2020:m=bt2020nc:npl=203,format=yuv420p10le`
  const film = quarters({ format: 'gbrp', seconds: 1, then: convert })
  return ffmpeg(...film, ...codec, ...tags('bt2020', curve, 'bt2020nc'), '-color_range', 'tv')
}

export const COLOURS: readonly Variety[] = [
  { file: 'untagged-sd.mp4', make: h264({}), expected: is(SD) },
  {
    file: 'untagged-pal.mp4',
    make: h264({ widthPx: 512, heightPx: 288 }),
    expected: is('bt470bg smpte170m bt470bg', { widthPx: 426, heightPx: 240 }),
  },
  {
    file: 'untagged-hd.mp4',
    make: h264({ widthPx: 1280, heightPx: 240, seconds: 1, matrix: 'bt709' }),
    expected: is(BT709, { widthPx: 1280, heightPx: 240, times: evenly(25, 25) }),
  },
  { file: 'sd-in-bt709.mp4', make: h264({ matrix: 'bt709' }, ...tags('bt709', 'bt709', 'bt709')), expected: is(BT709) },
  {
    file: 'wide-colours-of-a-phone.mp4',
    make: h264({ matrix: 'bt709' }, ...tags('smpte432', 'bt709', 'bt709')),
    expected: is('smpte432 bt709 bt709'),
  },
  { file: 'full-range.mp4', make: h264({ range: 'pc', format: 'yuvj420p' }), expected: is(SD) },
  { file: 'full-range-tagged.mkv', make: h264({ range: 'pc' }, '-color_range', 'pc'), expected: is(SD) },
  { file: 'h264-422-10-bit.mov', make: h264({ format: 'yuv422p10le' }), expected: is(SD) },
  { file: 'h264-444.mp4', make: h264({ format: 'yuv444p' }), expected: is(SD) },
  { file: 'h264-10-bit.mkv', make: h264({ format: 'yuv420p10le' }), expected: is(SD) },
  {
    file: 'h264-rgb.mp4',
    make: ffmpeg(...quarters({ format: 'gbrp' }), '-c:v', 'libx264rgb', '-preset', 'ultrafast', '-crf', '12'),
    expected: is(BT709),
  },
  {
    file: 'grey.mkv',
    make: ffmpeg(...quarters({ then: 'format=gray' }), '-c:v', 'ffv1'),
    expected: is(SD, { quarters: ['585858', '888888', '383838', 'b4b4b4'] }),
  },
  {
    file: 'palette.mov',
    make: ffmpeg(...quarters({ format: 'gbrp', then: 'format=rgb8' }), '-c:v', 'png', '-pix_fmt', 'pal8'),
    expected: is(BT709, { quarters: null }),
  },
  {
    file: 'transparent.webm',
    make: ffmpeg(
      ...quarters({ format: 'yuva420p', seconds: 1 }),
      ...[
        '-c:v',
        'libvpx-vp9',
        '-deadline',
        'realtime',
        '-cpu-used',
        '8',
        '-crf',
        '10',
        '-b:v',
        '2M',
        '-auto-alt-ref',
        '0',
      ],
    ),
    expected: is(SD, { times: evenly(25, 25) }),
  },
  { file: 'hevc.mp4', make: ffmpeg(...quarters({ seconds: 1 }), ...X265), expected: is(SD, { times: evenly(25, 25) }) },
  {
    file: 'hevc-422-10-bit.mov',
    make: ffmpeg(...quarters({ seconds: 1, format: 'yuv422p10le' }), ...X265),
    expected: is(SD, { times: evenly(25, 25) }),
  },
  {
    file: 'av1.mp4',
    make: ffmpeg(...quarters({ seconds: 1 }), '-c:v', 'libsvtav1', '-preset', '12', '-crf', '15'),
    expected: is(SD, { times: evenly(25, 25) }),
  },
  {
    file: 'hdr10.mp4',
    make: hdr('smpte2084', ...X265),
    expected: is(BT709, { times: evenly(25, 25), quarters: 'hues' }),
  },
  {
    file: 'hlg.mov',
    make: hdr('arib-std-b67', ...X265),
    expected: is(BT709, { times: evenly(25, 25), quarters: 'hues' }),
  },
]
