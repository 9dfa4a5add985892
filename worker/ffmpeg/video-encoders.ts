/** Pure: one rung to the words that choose and steer its encoder. */
import type { SegmentGrid, VideoEncode, VideoPreset } from '../../core/contract/job'

/** No encoder places a keyframe by itself before this many pictures. */
const NEVER = '100000'

/**
 * @param threads Encoder threads; null lets the encoder decide (x264 then takes 1.5 times the cores).
 * @param keyframes Expression for `-force_key_frames`.
 */
export function encoderWords(
  rung: VideoEncode,
  grid: SegmentGrid,
  threads: number | null,
  keyframes: string,
): string[] {
  switch (rung.codec) {
    case 'h264':
      return [...h264(rung, threads), ...forced(keyframes), ...rangeWords(rung)]
    case 'hevc':
      return [...hevc(rung, threads), ...forced(keyframes), ...rangeWords(rung)]
    case 'av1':
      return [...av1(rung, grid, threads), ...rangeWords(rung)]
  }
}

/**
 * By how many pictures the encoder puts off showing the first: what B-frames refer to comes before them. x264 and x265
 * reorder by two with the pyramid that their presets have; x264's fastest has no B-frames, and AV1 hides its own.
 */
export function reorderedPictures({ codec, preset, profile }: VideoEncode): number {
  if (codec === 'av1' || profile === 'baseline') return 0
  return codec === 'h264' && preset === 'ultrafast' ? 0 : 2
}

function h264(rung: VideoEncode, threads: number | null): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', rung.preset, '-profile:v', rung.profile ?? 'high', ...rateWords(rung)],
    // Keyframes come from the grid alone: a scene cut or a long wait must not move them apart between rungs.
    ...['-g', NEVER, '-sc_threshold', '0'],
    ...(threads === null ? [] : ['-threads', String(threads)]),
  ]
}

/** `hvc1`: parameter sets in the init segment only. Source: Apple's HLS authoring rules, 1.10. */
function hevc(rung: VideoEncode, threads: number | null): string[] {
  const params = [
    ...['log-level=error', 'scenecut=0', 'open-gop=0', `keyint=${NEVER}`, 'min-keyint=1'],
    ...(threads === null ? [] : [`pools=${threads}`, 'frame-threads=1']),
  ]
  return [
    ...['-c:v', 'libx265', '-preset', rung.preset, ...rateWords(rung), '-g', NEVER],
    ...['-tag:v', 'hvc1', '-x265-params', params.join(':')],
  ]
}

/** The presets' names on SVT-AV1's scale of 0 to 13; below 5 one slot makes less than a picture a second at 1080p. */
const SVT_PRESETS: Readonly<Record<VideoPreset, number>> = {
  ultrafast: 12,
  superfast: 11,
  veryfast: 10,
  faster: 9,
  fast: 8,
  medium: 7,
  slow: 6,
  slower: 5,
}

/**
 * SVT-AV1 of Debian 12 (1.4, through ffmpeg 5.1) does not hear `-force_key_frames` (measured: one keyframe in 5 s), so
 * its keyframes are counted; the plan gives it pictures at a constant rate for that.
 */
function av1(rung: VideoEncode, grid: SegmentGrid, threads: number | null): string[] {
  return [
    ...['-c:v', 'libsvtav1', '-preset', String(SVT_PRESETS[rung.preset]), ...rateWords(rung)],
    ...['-g', String(grid.gopFrames / rung.frameStep)],
    ...(threads === null ? [] : ['-svtav1-params', `lp=${threads}`]),
  ]
}

function rateWords({ crf, bitrateBps, maxBitrateBps, bufferBits }: VideoEncode): string[] {
  const target = bitrateBps === null ? ['-crf', String(crf)] : ['-b:v', String(bitrateBps)]
  return [...target, '-maxrate', String(maxBitrateBps), '-bufsize', String(bufferBits)]
}

function forced(keyframes: string): string[] {
  return ['-forced-idr', '1', '-force_key_frames', keyframes]
}

/** Which the filters keep, but a master that lacks one of them would lose the others' meaning. */
function rangeWords({ range }: VideoEncode): string[] {
  if (range === 'sdr') return []
  const transfer = range === 'pq' ? 'smpte2084' : 'arib-std-b67'
  return ['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc', '-color_range', 'tv']
}
