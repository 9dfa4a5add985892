/** Masters whose picture is turned, stretched, of an odd size or one of several. */
import { AAC, quarters, tones, X264, type FilmShape } from './films'
import { changed, evenly, ffmpeg, type Recipe, type Variety } from './variety'

const TIMES = evenly(50, 25)

/**
 * The film as it is coded, and the matrix by which players turn it.
 * Source: ISO/IEC 14496-12, 6.2.2 and 8.3.2 (the first four of a track header's numbers that matter here: a, b, c, d).
 */
function turned(film: FilmShape, [a, b, c, d]: readonly [number, number, number, number]): Recipe {
  return changed(ffmpeg(...quarters(film), ...X264), (bytes) => {
    const at = bytes.indexOf('tkhd') + 44
    for (const [place, number] of [a, b, 0, c, d].entries()) bytes.writeInt32BE(number * 0x10000, at + 4 * place)
    return bytes
  })
}

const CLOCKWISE_90 = [0, 1, -1, 0] as const
const HALF = [-1, 0, 0, -1] as const
const CLOCKWISE_270 = [0, -1, 1, 0] as const
/** As some front cameras write it. */
const MIRRORED = [-1, 0, 0, 1] as const

const sized = (widthPx: number, heightPx: number): { widthPx: number; heightPx: number; times: number[] } => {
  return { widthPx, heightPx, times: TIMES }
}

export const PICTURES: readonly Variety[] = [
  {
    file: 'turned-90.mp4',
    make: turned({ then: 'transpose=2' }, CLOCKWISE_90),
    expected: { picture: sized(320, 180), sounds: [] },
  },
  {
    file: 'turned-180.mp4',
    make: turned({ then: 'hflip,vflip' }, HALF),
    expected: { picture: sized(320, 180), sounds: [] },
  },
  {
    file: 'turned-270-portrait.mov',
    make: turned({ widthPx: 180, heightPx: 320, then: 'transpose=1' }, CLOCKWISE_270),
    expected: { picture: sized(180, 320), sounds: [] },
  },
  {
    file: 'mirrored.mp4',
    make: turned({ then: 'hflip' }, MIRRORED),
    expected: { picture: sized(320, 180), sounds: [] },
  },
  {
    file: 'anamorphic.mp4',
    make: ffmpeg(...quarters({ widthPx: 360, heightPx: 240, then: 'setsar=32/27' }), ...X264),
    expected: { picture: sized(426, 240), sounds: [] },
  },
  {
    file: 'anamorphic-turned.mp4',
    make: turned({ widthPx: 240, heightPx: 240, then: 'transpose=2,setsar=4/3' }, CLOCKWISE_90),
    expected: { picture: sized(240, 320), sounds: [] },
  },
  {
    file: 'odd-sizes.mp4',
    make: ffmpeg(...quarters({ widthPx: 319, heightPx: 179, format: 'yuv444p' }), ...X264),
    expected: { picture: sized(318, 178), sounds: [] },
  },
  {
    file: 'two-by-two.mp4',
    make: ffmpeg(...quarters({ widthPx: 2, heightPx: 2, format: 'yuv444p' }), ...X264),
    expected: { picture: { ...sized(2, 2), quarters: null }, sounds: [] },
  },
  {
    file: 'one-by-one.mkv',
    make: ffmpeg('-f', 'lavfi', '-i', 'color=red:s=2x2:r=25:d=2,crop=1:1,format=yuv444p', '-c:v', 'ffv1'),
    expected: { picture: { ...sized(2, 2), quarters: null }, sounds: [] },
  },
  {
    file: 'wider-than-h264.avi',
    make: ffmpeg(
      ...quarters({ widthPx: 16_640, heightPx: 400, rate: '5', seconds: 0.4 }),
      '-c:v',
      'mjpeg',
      '-q:v',
      '2',
    ),
    expected: { picture: { widthPx: 14_976, heightPx: 360, times: evenly(2, 5) }, sounds: [] },
  },
  {
    file: 'two-pictures.mp4',
    make: ffmpeg(
      ...[...quarters({ widthPx: 160, heightPx: 90 }), ...quarters({ rate: '10' })],
      ...['-map', '0', '-map', '1', ...X264, '-disposition:v:0', '0', '-disposition:v:1', 'default'],
    ),
    expected: { picture: { widthPx: 320, heightPx: 180, times: evenly(20, 10) }, sounds: [] },
  },
  {
    file: 'cover-first.mp4',
    make: ffmpeg(
      ...[...quarters({ widthPx: 640, heightPx: 640, rate: '1', seconds: 1 }), ...quarters(), ...tones(2, 440)],
      ...['-map', '0', '-map', '1', '-map', '2', '-c:v:0', 'png', '-c:v:1', 'libx264'],
      ...['-preset:v:1', 'ultrafast', ...AAC, '-disposition:v:0', 'attached_pic'],
    ),
    expected: { picture: sized(320, 180), sounds: [{ channels: 1, to: 2 }] },
  },
  {
    file: 'sound-first.mov',
    make: ffmpeg(...tones(2, 440), ...quarters(), '-map', '0', '-map', '1', ...X264, ...AAC),
    expected: { picture: sized(320, 180), sounds: [{ channels: 1, to: 2 }] },
  },
  {
    file: 'timecode-and-data.mov',
    make: ffmpeg(...quarters(), ...tones(2, 440), ...X264, '-c:a', 'pcm_s24le', '-timecode', '01:00:00:00'),
    expected: { picture: sized(320, 180), sounds: [{ channels: 1, to: 2 }] },
  },
  {
    file: 'one-still.mov',
    make: ffmpeg(...quarters({ rate: '1', seconds: 1 }), '-frames:v', '1', '-c:v', 'png', '-pix_fmt', 'rgb24'),
    expected: { picture: { widthPx: 320, heightPx: 180, times: [0] }, sounds: [] },
  },
]
