import type { FAILURES } from '../../core/contract/failures'
import { classifyFailure, isDecodeWarning, isRetimed } from '../../worker/ffmpeg/classify'

/** The end of what ffmpeg 5.1.9 printed, as it stood, for a failure that was brought about. */
const TAILS: readonly [what: string, code: keyof typeof FAILURES, tail: readonly string[]][] = [
  [
    'a full disk at the header',
    'STORE_FULL',
    [
      '[error] Could not write header for output file #0 (incorrect codec parameters ?): No space left on device',
      '[error] Error initializing output stream 0:0 -- ',
      '[aac @ 0x55f39576df00] [warning] 2 frames left in the queue on closing',
    ],
  ],
  [
    'a full disk under a damaged master',
    'STORE_FULL',
    [
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
      '[error] Error closing file /dev/full: No space left on device',
    ],
  ],
  [
    'a file over the limit on size',
    'FFMPEG_LIMIT',
    ['[error] Error writing trailer of big.mp4: File too large', '[error] Error closing file big.mp4: File too large'],
  ],
  [
    'an encoder without memory',
    'FFMPEG_LIMIT',
    [
      'x264 [error]: malloc of size 85657917 failed',
      '[error] Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0 - maybe incorrect parameters such as bit_rate, rate, width or height',
    ],
  ],
  [
    'a filter without memory',
    'FFMPEG_LIMIT',
    [
      '[error] Error while filtering: Cannot allocate memory',
      '[error] Failed to inject frame into filter network: Cannot allocate memory',
      '[fatal] Error while processing the decoded data for stream #0:0',
    ],
  ],
  [
    'a decoder that is not allowed',
    'SOURCE_CODEC_UNSUPPORTED',
    [
      "[h264 @ 0x562d80438240] [error] Codec (h264) not on whitelist 'aac'",
      '[error] Error while opening decoder for input stream #0:0 : Invalid argument',
    ],
  ],
  [
    'a format that is not allowed',
    'SOURCE_CODEC_UNSUPPORTED',
    [
      "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55b3747ea940] [error] Format not on whitelist 'matroska'",
      '[error] ok.mp4: Invalid argument',
    ],
  ],
  [
    'a codec that nobody knows',
    'SOURCE_CODEC_UNSUPPORTED',
    [
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x56366b755a40] [warning] Could not find codec parameters for stream 0 (Video: none (zzz9 / 0x397A7A7A), none, 128x72, 104 kb/s): unknown codec',
      "Consider increasing the value for the 'analyzeduration' (0) and 'probesize' (5000000) options",
      '[error] Decoder (codec none) not found for input stream #0:0',
    ],
  ],
  [
    'a master cut off before its index',
    'SOURCE_TRUNCATED',
    [
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55b7ff7cf8c0] [error] moov atom not found',
      '[error] cut.mp4: Invalid data found when processing input',
    ],
  ],
  [
    'a track without anything in it',
    'FFMPEG_NO_OUTPUT',
    [
      '[matroska,webm @ 0x5586ffdbeb00] [warning] Could not find codec parameters for stream 0 (Video: h264, none(progressive), 128x72): unspecified pixel format',
      '[error] Cannot determine format of input stream 0:0 after EOF',
      '[fatal] Error marking filters as finished',
    ],
  ],
  [
    'a track of which nothing can be decoded',
    'FFMPEG_NO_OUTPUT',
    [
      '[h264 @ 0x55ae3381e480] [error] Error splitting the input into NAL units.',
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
      '[error] Cannot determine format of input stream 0:0 after EOF',
      '[fatal] Error marking filters as finished',
    ],
  ],
  [
    'more damage than ffmpeg puts up with (its exit code 69)',
    'SOURCE_UNREADABLE',
    [
      '[h264 @ 0x5653d17d7200] [error] Invalid NAL unit size (1932604023 > 348).',
      '[h264 @ 0x5653d17d7200] [error] Error splitting the input into NAL units.',
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
    ],
  ],
  ['an output without a track', 'FFMPEG_NO_OUTPUT', ['[error] Output file #0 does not contain any stream']],
  ['a track that is not there', 'FFMPEG_EXIT', ["[fatal] Stream map '0:5' matches no streams."]],
  ['silence', 'FFMPEG_EXIT', []],
]

describe('classifyFailure', () => {
  it.each(TAILS)('takes %s for %s', (_, code, tail) => {
    expect(classifyFailure(tail)).toBe(code)
  })

  it('does not depend on what was printed before', () => {
    for (const [, code, tail] of TAILS) {
      expect(classifyFailure(['[swscaler @ 0x1] [warning] deprecated pixel format used', ...tail])).toBe(code)
    }
  })
})

describe('isDecodeWarning', () => {
  it.each([
    ['[h264 @ 0x5653d17d7200] [error] Error splitting the input into NAL units.', true],
    ['[mpeg1video @ 0x5] [error] ac-tex damaged at 2 2', true],
    ['[fatal] Error marking filters as finished', true],
    ['[warning] m.mpg: corrupt decoded frame in stream 0', true],
    ['[h264 @ 0x5] [info] concealing 120 DC, 120 AC, 120 MV errors in P frame', true],
    ['[swscaler @ 0x5] [warning] deprecated pixel format used', false],
    ['[aac @ 0x55f39576df00] [warning] 2 frames left in the queue on closing', false],
    ['', false],
  ])('says whether %j reports damage', (line, damage) => {
    expect(isDecodeWarning(line)).toBe(damage)
  })
})

/** As ffmpeg 5.1.9 printed them; the second by the source of ffmpeg 7. */
const RETIMED = [
  '[mp4 @ 0x55a0] [warning] Non-monotonous DTS in output stream 0:0; previous: 1373520, current: 1120320; changing to 1373521. This may result in incorrect timestamps in the output file.',
  '[vost#0:0/copy @ 0x55a0] [warning] Non-monotonic DTS; previous: 1373520, current: 1120320; changing to 1373521. This may result in incorrect timestamps in the output file.',
  '[mp4 @ 0x55a0] [warning] Timestamps are unset in a packet for stream 0. This is deprecated and will stop working in the future. Fix your code to set the timestamps properly',
  '[mp4 @ 0x55a0] [warning] pts has no value',
  '[null @ 0x55a0] [error] Application provided invalid, non monotonically increasing dts to muxer in stream 0: 810240 >= 810000',
]

describe('isRetimed', () => {
  it.each(RETIMED)('hears of a packet that got another time: %s', (line) => {
    expect(isRetimed(line)).toBe(true)
  })

  it.each([
    '[mpegts @ 0x55a5] [warning] Packet corrupt (stream = 0, dts = 932400).',
    '[h264 @ 0x55e1] [error] non-existing PPS 0 referenced',
    '[h264 @ 0x55e1] [error] decode_slice_header error',
  ])('does not take %s for one', (line) => {
    expect(isRetimed(line)).toBe(false)
  })
})
