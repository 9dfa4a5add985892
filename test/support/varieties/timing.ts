/** Masters whose times are uneven, late, negative, cut by edit lists, or not told. */
import { AAC, INTRA, quarters, tones, X264 } from './films'
import { evenly, ffmpeg, late, remade, type Variety } from './variety'

const SIZE = { widthPx: 320, heightPx: 180 }
const EVEN = { ...SIZE, times: evenly(50, 25) }
/** What AAC needs to swing in: without an edit list the picture begins after it. */
const PRIMING_SECONDS = 1_024 / 48_000
const PRIMED = { ...SIZE, times: late(PRIMING_SECONDS, EVEN.times) }
const TONE = [{ channels: 1, to: 2 }]
const FILM = [...quarters(), ...tones(2, 440), ...X264, ...AAC]
const film = ffmpeg(...FILM)
const intra = ffmpeg(...quarters(), ...tones(2, 440), ...INTRA, ...AAC)

/** Of 50 pictures those that `keep` takes; the first at 0. */
const kept = (keep: (index: number) => boolean): number[] => evenly(50, 25).filter((_, index) => keep(index))

export const TIMING: readonly Variety[] = [
  {
    file: 'irregular.mp4',
    make: ffmpeg(...quarters({ then: "select='not(mod(n,3))+gt(n,30)'" }), '-fps_mode', 'vfr', ...X264),
    expected: { picture: { ...SIZE, times: kept((n) => n % 3 === 0 || n > 30) }, sounds: [] },
  },
  {
    file: 'screen-recording.mkv',
    make: ffmpeg(...quarters({ then: "select='eq(n,0)+eq(n,1)+eq(n,20)+eq(n,49)'" }), '-fps_mode', 'vfr', ...X264),
    expected: { picture: { ...SIZE, times: [0, 0.04, 0.8, 1.96] }, sounds: [] },
  },
  {
    file: 'one-a-second.mp4',
    make: ffmpeg(...quarters({ rate: '1', seconds: 6 }), ...X264),
    expected: { picture: { ...SIZE, times: evenly(6, 1) }, sounds: [] },
  },
  {
    file: 'jitter-1000-a-second.mkv',
    make: ffmpeg(
      ...quarters({ then: "settb=1/1000,setpts='40*N+3*mod(N,4)'" }),
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000', ...X264, '-bf', '0'],
    ),
    expected: {
      picture: { ...SIZE, times: Array.from({ length: 50 }, (_, n) => (40 * n + 3 * (n % 4)) / 1_000) },
      sounds: [],
    },
  },
  {
    file: 'jitter-90000-a-second.mp4',
    make: ffmpeg(
      ...quarters({ then: "settb=1/90000,setpts='3600*N+7*mod(N,5)'" }),
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000', ...X264],
      ...['-r', '90000', '-bf', '0'],
    ),
    expected: { picture: EVEN, sounds: [] },
  },
  {
    file: 'ntsc-60.mp4',
    make: ffmpeg(...quarters({ rate: '60000/1001', seconds: 1 }), ...X264),
    expected: { picture: { ...SIZE, times: evenly(60, 60_000, 1_001) }, sounds: [] },
  },
  {
    file: 'fast-120.mp4',
    make: ffmpeg(...quarters({ rate: '120', seconds: 1 }), ...X264),
    expected: { picture: { ...SIZE, times: evenly(120, 120) }, sounds: [] },
  },
  {
    file: 'picture-late.mp4',
    make: ffmpeg('-itsoffset', '0.52', ...quarters(), ...tones(2.52, 440), '-fps_mode', 'vfr', ...X264, ...AAC),
    expected: {
      picture: { ...SIZE, times: late(0.52, EVEN.times) },
      sounds: [{ channels: 1, to: 2.52 }],
    },
  },
  {
    file: 'sound-late.mp4',
    make: ffmpeg(...quarters(), '-itsoffset', '0.5', ...tones(1.5, 440), ...X264, ...AAC),
    expected: { picture: EVEN, sounds: [{ channels: 1, from: 0.5, to: 2 }] },
  },
  {
    file: 'head-cut-by-edit-list.mp4',
    make: remade(film, 'film.mp4', ['-ss', '0.48'], '-c', 'copy'),
    expected: { picture: { ...SIZE, times: evenly(38, 25) }, sounds: [{ channels: 1, to: 1.52 }] },
  },
  {
    file: 'head-cut-at-picture.mov',
    make: remade(intra, 'film.mp4', ['-ss', '1'], '-c', 'copy'),
    expected: { picture: { ...SIZE, times: evenly(25, 25) }, sounds: [{ channels: 1, to: 1 }] },
  },
  {
    file: 'sound-starts-below-zero.mkv',
    make: ffmpeg(...FILM, '-avoid_negative_ts', 'disabled'),
    expected: { picture: PRIMED, sounds: TONE },
  },
  {
    file: 'starts-after-a-day.ts',
    make: ffmpeg(...FILM, '-output_ts_offset', '86400'),
    expected: { picture: PRIMED, sounds: TONE },
  },
  {
    file: 'clock-wraps.ts',
    make: ffmpeg(...FILM, '-output_ts_offset', '95442.7'),
    expected: { picture: PRIMED, sounds: TONE },
  },
  {
    file: 'fragmented-without-length.mp4',
    make: ffmpeg(...FILM, '-movflags', 'frag_keyframe+empty_moov+default_base_moof'),
    expected: { picture: PRIMED, sounds: TONE },
  },
  { file: 'live-without-length.mkv', make: ffmpeg(...FILM, '-live', '1'), expected: { picture: PRIMED, sounds: TONE } },
  {
    file: 'without-length.flv',
    make: ffmpeg(...FILM, '-flvflags', 'no_duration_filesize'),
    expected: { picture: PRIMED, sounds: TONE },
  },
  {
    file: 'one-picture.mp4',
    make: ffmpeg(...quarters({ seconds: 0.04 }), ...X264),
    expected: { picture: { ...SIZE, times: [0] }, sounds: [] },
  },
  {
    file: 'three-pictures.mp4',
    make: ffmpeg(...quarters({ seconds: 0.12 }), ...tones(0.12, 440), ...X264, ...AAC),
    expected: { picture: { ...SIZE, times: evenly(3, 25) }, sounds: [{ channels: 1, to: 0.12 }] },
  },
  {
    file: 'picture-longer.mp4',
    make: ffmpeg(...quarters({ rate: '5', seconds: 12 }), ...tones(2, 440), ...X264, ...AAC),
    expected: {
      picture: { ...SIZE, times: evenly(60, 5) },
      sounds: TONE,
      warnings: [/sound ends .* before the picture/],
    },
  },
  {
    file: 'sound-longer.mp4',
    make: ffmpeg(...quarters(), ...tones(4, 440), ...X264, ...AAC),
    expected: { picture: EVEN, sounds: [{ channels: 1, to: 4 }], warnings: [/sound ends .* after the picture/] },
  },
]
