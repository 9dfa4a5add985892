/** How ffmpeg and ffprobe are told to open a master: one forced demuxer, listed decoders, bounded everything. */
import type { Container } from '../core/contract/source'
import { COVER_DECODERS, DECODERS } from './decoders'

/** Short names of ffmpeg's demuxers; the list of names that each goes by is matched against any one of them. */
const DEMUXERS: Readonly<Record<Container, string>> = {
  mp4: 'mov',
  matroska: 'matroska',
  mpegts: 'mpegts',
  mpegps: 'mpeg',
  avi: 'avi',
  mxf: 'mxf',
  flv: 'flv',
  asf: 'asf',
  ogg: 'ogg',
  wav: 'wav',
  mp3: 'mp3',
  flac: 'flac',
  adts: 'aac',
}

export interface InputLimits {
  /** How the bytes come: through the gateway, or a file of our own name given as `file:<name>`. */
  protocol: 'http' | 'file'
  maxPixels: number
  maxStreams: number
}

/** 8192 x 4320. */
export const MAX_PIXELS = 35_389_440
export const MAX_STREAMS = 64

export const DEFAULT_INPUT: InputLimits = { protocol: 'http', maxPixels: MAX_PIXELS, maxStreams: MAX_STREAMS }

/** What is read to learn the tracks: sound may begin seconds after the picture, and covers can have megabytes. */
const PROBE_BYTES = 20_000_000
const ANALYZE_MICROSECONDS = 20_000_000

export function demuxerOf(container: Container): string {
  return DEMUXERS[container]
}

/**
 * Words that must stand before each `-i` of ffmpeg and of ffprobe: they hold for that input only.
 *
 * - `-f` and `-format_whitelist`: no guessing, and no second demuxer inside the first (AVI opens its GAB2 subtitles with
 *   one, which may be a playlist).
 * - `-codec_whitelist`: for both the reading of packets to learn their parameters and the decoding proper.
 * - `-protocol_whitelist`: nothing but the way to the gateway, or files.
 * - `-max_pixels`: an option of the decoder. ffmpeg fails on a larger picture; ffprobe prints a size of 0x0 and exits 0,
 *   or exits 1 in MPEG-TS, so its error output has to be read.
 * - `mov` may name other files by path; both ways are off by default and are switched off here all the same.
 *
 * Checked with ffmpeg 5.1.9; none of the options has changed its meaning up to 7.
 */
export function inputArgs(container: Container, limits: InputLimits = DEFAULT_INPUT): string[] {
  const demuxer = demuxerOf(container)
  return [
    ...['-f', demuxer, '-format_whitelist', demuxer],
    ...['-codec_whitelist', DECODERS.join(',')],
    ...['-protocol_whitelist', limits.protocol === 'http' ? 'http,tcp' : 'file'],
    ...['-max_streams', String(limits.maxStreams), '-max_pixels', String(limits.maxPixels)],
    ...['-probesize', String(PROBE_BYTES), '-analyzeduration', String(ANALYZE_MICROSECONDS)],
    ...(container === 'mp4' ? ['-enable_drefs', '0', '-use_absolute_path', '0'] : []),
  ]
}

/**
 * The same for ffprobe, which besides may open (not feed) the decoders of covers. The stream specifier keeps the option
 * away from the container's own list, which decides while packets are read; ffmpeg would decode with it.
 */
export function probeArgs(container: Container, limits: InputLimits = DEFAULT_INPUT): string[] {
  return [...inputArgs(container, limits), '-codec_whitelist:v', [...DECODERS, ...COVER_DECODERS].join(',')]
}
