/** A master for each verdict that is given before anything is encoded. */
import { noise } from '../media-bytes'
import { AAC, INTRA, quarters, tones, X264 } from './films'
import { bytes, changed, ffmpeg, type RefusedVariety } from './variety'

const film = ffmpeg(...quarters(), ...tones(2, 440), ...X264, ...AAC)
const KEY = ['-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb']
const KEY_ID = ['-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8']

/** The packets of tracks as a receiver without a key records them. Source: ISO/IEC 13818-1, 2.4.3.2. */
const scrambled = changed(film, (stream) => {
  for (let at = 0; at + 188 <= stream.length; at += 188) {
    const isTrack = (stream.readUInt16BE(at + 1) & 0x1fff) >= 0x100 && (stream.readUInt16BE(at + 1) & 0x1fff) < 0x1fff
    if (isTrack) {
      stream.writeUInt8(stream.readUInt8(at + 3) | 0x80, at + 3)
      stream.set(noise(180, at + 1), at + 8)
    }
  }
  return stream
})

/** An index at the end, and an upload that did not come so far. */
const withoutIndex = changed(film, (file) => file.subarray(0, file.indexOf('moov') - 4))
/** A recorder that lost its power after a third of what its header promises. */
const third = changed(ffmpeg(...quarters({ seconds: 6 }), ...INTRA), (file) =>
  file.subarray(0, Math.floor(file.length / 3)),
)

export const REFUSED: readonly RefusedVariety[] = [
  { file: 'no-bytes.mp4', make: bytes(''), code: 'SOURCE_EMPTY', says: /0 bytes/ },
  { file: 'noise.mp4', make: bytes(noise(50_000)), code: 'SOURCE_NOT_MEDIA', says: /no format that Gantry knows/ },
  {
    file: 'error-page.mp4',
    make: bytes('<!doctype html><html><body>404 Not Found</body></html>'),
    code: 'SOURCE_NOT_MEDIA',
    says: /an HTML page/,
  },
  { file: 'archive.mov', make: bytes('PK\u0003\u0004'.padEnd(2_000, '\0')), code: 'SOURCE_NOT_MEDIA', says: /ZIP/ },
  {
    file: 'playlist.mp4',
    make: bytes('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:1/0.ts\n#EXT-X-ENDLIST\n'),
    code: 'SOURCE_IS_PLAYLIST',
    says: /HLS/,
  },
  {
    file: 'picture.mp4',
    make: ffmpeg(...quarters(), '-frames:v', '1', '-c:v', 'mjpeg', '-f', 'image2', '-update', '1'),
    code: 'SOURCE_IS_IMAGE',
    says: /JPEG/,
  },
  {
    file: 'locked.mp4',
    make: ffmpeg(...quarters(), ...X264, ...KEY, ...KEY_ID),
    code: 'SOURCE_ENCRYPTED',
    says: /protected samples/,
  },
  { file: 'scrambled.ts', make: scrambled, code: 'SOURCE_ENCRYPTED', says: /scrambled/ },
  { file: 'without-index.mp4', make: withoutIndex, code: 'SOURCE_TRUNCATED', says: /no index/ },
  {
    file: 'codec-not-allowed.avi',
    make: ffmpeg(...quarters(), '-c:v', 'magicyuv'),
    code: 'SOURCE_CODEC_UNSUPPORTED',
    says: /magicyuv/,
  },
  {
    file: 'sound-not-allowed.mkv',
    make: ffmpeg(...quarters(), ...tones(2, 440), ...X264, '-c:a', 'tta'),
    code: 'SOURCE_CODEC_UNSUPPORTED',
    says: /tta/,
  },
  {
    file: 'too-many-pixels.mov',
    make: ffmpeg('-f', 'lavfi', '-i', 'color=red:s=9000x4000:r=1:d=1,format=rgb24', '-c:v', 'png'),
    code: 'SOURCE_TOO_LARGE',
    says: /pixels/,
  },
  {
    file: 'a-line.mkv',
    make: ffmpeg('-f', 'lavfi', '-i', 'color=red:s=32766x2:r=5:d=1', '-c:v', 'ffv1'),
    code: 'SOURCE_TOO_LARGE',
    says: /50 to 1/,
  },
  {
    file: 'too-many-tracks.mkv',
    make: ffmpeg(...tones(0.1, 440), ...Array.from({ length: 70 }, () => ['-map', '0']).flat(), '-c:a', 'pcm_s16le'),
    code: 'SOURCE_TOO_LARGE',
    says: /64 tracks/,
  },
  {
    file: 'thirteen-hours.mkv',
    make: ffmpeg(
      ...quarters({ rate: '1', seconds: 2, then: 'setpts=N*46800/TB' }),
      '-fps_mode',
      'passthrough',
      ...X264,
    ),
    code: 'SOURCE_TOO_LONG',
    says: /46801 s/,
  },
  {
    file: 'words-alone.mkv',
    make: async (folder, name) => {
      await bytes('1\n00:00:00,000 --> 00:00:01,000\nHello\n')(folder, `${name}.srt`)
      await ffmpeg('-i', `${name}.srt`, '-c:s', 'srt')(folder, name)
    },
    code: 'SOURCE_NO_STREAMS',
    says: /neither/,
  },
  {
    file: 'broken-header.avi',
    make: changed(ffmpeg(...quarters(), '-c:v', 'mjpeg'), (file) => file.subarray(0, 200)),
    code: 'SOURCE_UNREADABLE',
    says: /damaged/,
  },
  // What only decoding tells.
  { file: 'a-third.mkv', make: third, code: 'SOURCE_TRUNCATED', says: /at least half is needed/ },
]
