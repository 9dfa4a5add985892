/** Masters of sound alone, of unusual sounds, and of several. */
import { AAC, quarters, tones, tonesAt, X264 } from './films'
import { evenly, ffmpeg, type ExpectedSound, type Variety } from './variety'

const FILM = quarters({ rate: '5' })
const picture = { widthPx: 320, heightPx: 180, times: evenly(10, 5) }

function withPicture(file: string, sound: readonly string[], sounds: readonly ExpectedSound[], more = {}): Variety {
  return { file, make: ffmpeg(...FILM, ...sound), expected: { picture, sounds, ...more } }
}

function alone(file: string, words: readonly string[], sound: ExpectedSound): Variety {
  return { file, make: ffmpeg(...words), expected: { picture: null, sounds: [sound] } }
}

/** Each tone is a track of its own. */
function tracks(hz: readonly number[], ...words: readonly string[]): string[] {
  const maps = hz.flatMap((_, index) => ['-map', `${index + 1}:a`])
  return [...hz.flatMap((pitch) => tones(2, pitch)), '-map', '0:v', ...maps, ...X264, ...words]
}

const COVER = ['-f', 'lavfi', '-i', 'testsrc=s=300x300:r=1:d=1', '-map', '0', '-map', '1', '-frames:v', '1']
const SIX = [300, 500, 700, 60, 900, 1_100]

export const SOUNDS: readonly Variety[] = [
  withPicture('silent.mp4', [...X264], []),
  withPicture('stereo.mp4', [...tones(2, 440, 880), ...X264, ...AAC], [{ channels: 2, to: 2, hz: [440, 880] }]),
  withPicture('surround.mp4', [...tonesAt(48_000, 2, SIX, '5.1'), ...X264, ...AAC], [{ channels: 2, to: 2 }]),
  withPicture(
    'surround-71.mov',
    [...tonesAt(48_000, 2, [...SIX, 1_300, 1_500], '7.1'), ...X264, '-c:a', 'pcm_s24le'],
    [{ channels: 2, to: 2 }],
  ),
  withPicture('eight-single-channels.mov', tracks([300, 400, 500, 600, 700, 800, 900, 1_000], '-c:a', 'pcm_s16le'), [
    { channels: 2, to: 2, hz: [300, 400] },
    { channels: 2, to: 2, hz: [500, 600] },
    { channels: 2, to: 2, hz: [700, 800] },
    { channels: 2, to: 2, hz: [900, 1_000] },
  ]),
  withPicture(
    'languages.mov',
    tracks([440, 660], ...AAC, '-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=fra'),
    [
      { channels: 1, language: 'eng', to: 2, hz: [440] },
      { channels: 1, language: 'fra', to: 2, hz: [660] },
    ],
  ),
  withPicture('sound-of-5-ms.mov', [...tones(0.005, 440), ...X264, '-c:a', 'pcm_s16le'], [{ channels: 1, to: 0.005 }], {
    warnings: [/sound ends .* before the picture/],
  }),
  withPicture(
    'telephone.mov',
    [...tonesAt(8_000, 2, [440]), ...X264, '-c:a', 'pcm_mulaw'],
    [{ channels: 1, to: 2, hz: [440] }],
  ),
  alone('studio-96-khz.wav', [...tonesAt(96_000, 1, [440, 880]), '-c:a', 'pcm_s24le'], {
    channels: 2,
    to: 1,
    hz: [440, 880],
  }),
  alone('telephone.wav', [...tonesAt(8_000, 1, [440]), '-c:a', 'pcm_alaw'], { channels: 1, to: 1, hz: [440] }),
  alone('blip-of-5-ms.wav', tones(0.005, 440), { channels: 1, to: 0.005 }),
  alone('cover.flac', [...tones(1, 440), ...COVER, '-c:v', 'png', '-disposition:v', 'attached_pic'], {
    channels: 1,
    to: 1,
  }),
  alone('cover.mp3', [...tones(1, 440), ...COVER, '-c:v', 'mjpeg', '-id3v2_version', '3'], { channels: 1, to: 1 }),
  alone('cover.m4a', [...tones(1, 440), ...COVER, '-c:v', 'mjpeg', ...AAC, '-disposition:v', 'attached_pic'], {
    channels: 1,
    to: 1,
  }),
  alone('bare.aac', [...tones(1, 440), ...AAC], { channels: 1, to: 1 }),
  alone('opus.ogg', [...tones(1, 440), '-c:a', 'libopus'], { channels: 1, to: 1 }),
]
