/** The same small film in every container and codec that cameras, editors, recorders and old players wrote. */
import { AAC, lavfi, quarters, tones, tonesAt, waves, X264 } from './films'
import { bytesOf, noise } from '../media-bytes'
import { bytes, evenly, ffmpeg, late, type ExpectedSound, type Recipe, type Variety } from './variety'

const FILM = [...quarters(), ...tones(2, 440)]
const TIMES = evenly(50, 25)
const TONE: readonly ExpectedSound[] = [{ channels: 1, to: 2 }]
const STEREO: readonly ExpectedSound[] = [{ channels: 2, to: 1, hz: [440, 880] }]

interface More {
  widthPx?: number
  heightPx?: number
  times?: readonly number[]
  sounds?: readonly ExpectedSound[]
  colour?: string
}

function film(file: string, make: Recipe, { sounds = TONE, ...more }: More = {}): Variety {
  return { file, make, expected: { picture: { widthPx: 320, heightPx: 180, times: TIMES, ...more }, sounds } }
}

/** Intra pictures of 50 Mb/s in even sizes, as the format asks. Source: SMPTE 356M. */
const D10 = [
  ...['-c:v', 'mpeg2video', '-b:v', '50M', '-minrate', '50M', '-maxrate', '50M', '-bufsize', '2000000'],
  ...['-rc_init_occupancy', '2000000', '-intra_vlc', '1', '-non_linear_quant', '1', '-ps', '1', '-qmin', '1'],
  ...['-qmax', '3', '-dc', '10', '-g', '1', '-bf', '0', '-sc_threshold', '1000000000', '-flags', '+ildct+low_delay'],
]

const SECOND = { times: evenly(25, 25) }
/** In containers that have no word for it the picture begins when the sound's codec has swung in. */
const primed = (seconds: number): { times: number[] } => ({ times: late(seconds, TIMES) })

/** Half a second and more of speech as phones coded it: 100 frames of 12.2 kb/s, of bits without meaning. */
const AMR = bytesOf('#!AMR\n', ...Array.from({ length: 100 }, (_, frame) => bytesOf([0x3c], noise(31, frame + 1))))
const amr: Recipe = async (folder, name) => {
  await bytes(AMR)(folder, `${name}.amr`)
  const film = [...quarters({ widthPx: 176, heightPx: 144 }), '-f', 'amr', '-i', `${name}.amr`]
  await ffmpeg(...film, '-c:v', 'h263', '-q:v', '2', '-c:a', 'copy')(folder, name)
}

/** 720x576 and 32 lines of data above, shown as 4 to 3. */
const D10_SHAPE = { widthPx: 720, heightPx: 576, seconds: 1, format: 'yuv422p' }
const D10_LINES = 'pad=720:608:0:32,setfield=tff,setdar=4/3'

export const CONTAINERS: readonly Variety[] = [
  film('transport.ts', ffmpeg(...FILM, ...X264, ...AAC), primed(1_024 / 48_000)),
  film('blu-ray.m2ts', ffmpeg(...FILM, ...X264, '-c:a', 'ac3', '-mpegts_m2ts_mode', '1'), primed(256 / 48_000)),
  film('program.mpg', ffmpeg(...FILM, '-c:v', 'mpeg2video', '-q:v', '2', '-c:a', 'mp2'), primed(481 / 48_000)),
  // This muxer counts the swinging in of MP3 in whole pictures.
  film('mpeg4.avi', ffmpeg(...FILM, '-c:v', 'mpeg4', '-q:v', '2', '-c:a', 'libmp3lame'), primed(0.04)),
  film('motion-jpeg.avi', ffmpeg(...FILM, '-c:v', 'mjpeg', '-q:v', '2', '-c:a', 'pcm_s16le'), {
    colour: 'bt470bg smpte170m bt470bg',
  }),
  film('raw.avi', ffmpeg(...FILM, '-c:v', 'rawvideo', '-pix_fmt', 'uyvy422', '-c:a', 'pcm_s16le')),
  film('prores.mov', ffmpeg(...FILM, '-c:v', 'prores_ks', '-c:a', 'pcm_s16le')),
  film('prores-4444.mov', ffmpeg(...FILM, '-c:v', 'prores_ks', '-pix_fmt', 'yuva444p10le', '-c:a', 'pcm_s24le')),
  film(
    'dnxhd.mov',
    ffmpeg(
      ...quarters({ widthPx: 1280, heightPx: 720, seconds: 0.4, matrix: 'bt709' }),
      ...['-c:v', 'dnxhd', '-b:v', '90M', '-pix_fmt', 'yuv422p'],
    ),
    { widthPx: 1280, heightPx: 720, times: evenly(10, 25), sounds: [] },
  ),
  film(
    'vp9.webm',
    ffmpeg(...FILM, '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'),
    primed(0.014),
  ),
  // The delay of this codec's own encoder is in the file twice: told by the container for the picture, and in the sound.
  film('windows-media.wmv', ffmpeg(...FILM, '-c:v', 'wmv2', '-q:v', '2', '-c:a', 'wmav2'), {
    ...primed(0.043),
    sounds: [{ channels: 1, from: 0.086, to: 2.04 }],
  }),
  {
    file: 'theora.ogv',
    make: ffmpeg(...lavfi(waves(25, 2)), ...tones(2, 440), '-c:v', 'libtheora', '-q:v', '9', '-c:a', 'libvorbis'),
    expected: { picture: { widthPx: 320, heightPx: 240, times: TIMES, quarters: null }, sounds: TONE },
  },
  film(
    'flash.flv',
    ffmpeg(...quarters(), ...tonesAt(44_100, 2, [440]), '-c:v', 'flv', '-q:v', '2', '-c:a', 'libmp3lame'),
    primed(0.025),
  ),
  film('old-phone.3gp', amr, { widthPx: 176, heightPx: 144 }),
  film('animation.mov', ffmpeg(...FILM, '-c:v', 'qtrle', '-c:a', 'pcm_s16be'), { colour: 'bt709 bt709 bt709' }),
  film(
    'd10.mxf',
    ffmpeg(
      ...[...quarters({ ...D10_SHAPE, then: D10_LINES }), ...tones(1, 440, 880)],
      ...[...D10, '-top', '1', '-c:a', 'pcm_s16le', '-f', 'mxf_d10'],
    ),
    { ...SECOND, widthPx: 640, heightPx: 480, sounds: STEREO },
  ),
  film(
    'xdcam.mxf',
    ffmpeg(
      ...quarters({ widthPx: 640, heightPx: 360, seconds: 1, format: 'yuv422p' }),
      ...[...tones(1, 440), ...tones(1, 880), '-map', '0', '-map', '1', '-map', '2'],
      ...['-c:v', 'mpeg2video', '-q:v', '2', '-c:a', 'pcm_s24le'],
    ),
    { ...SECOND, widthPx: 640, heightPx: 360, sounds: STEREO },
  ),
  film(
    'tape.avi',
    ffmpeg(
      ...quarters({ widthPx: 720, heightPx: 576, seconds: 1, then: 'setdar=4/3' }),
      ...[...tones(1, 440, 880), '-c:v', 'dvvideo', '-c:a', 'pcm_s16le'],
    ),
    { ...SECOND, widthPx: 640, heightPx: 480, sounds: STEREO },
  ),
]
