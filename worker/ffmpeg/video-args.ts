/** Pure: a video piece's job to the ffmpeg command that decodes once and encodes all its rungs. */
import type { SegmentGrid, VideoEncode, VideoPieceJob } from '../../core/contract/job'
import { TIMELINE_OFFSET_SECONDS } from '../../core/contract/job'
import { rationalText, toNumber } from '../../core/contract/rational'
import type { Transfer } from '../../core/contract/source'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { encoderWords } from './video-encoders'
import { windowFilters, windowWords } from './window'

/**
 * @param input The master with the words that force its demuxer.
 * @param threads Encoder threads per rung; null lets x264 decide (it takes 1.5 times the cores).
 */
export function videoPieceCommand(job: VideoPieceJob, input: CommandInput, threads: number | null): FfmpegCommand {
  return {
    inputs: [{ url: input.url, options: [...input.options, ...windowWords(job.source), ...sliceWords(job)] }],
    graph: filterGraph(job),
    outputs: job.rungs.map((rung, index) => ({
      target: `pipe:${FIRST_OUTPUT_PIPE + index}`,
      options: [
        ...['-map', `[v${index}]`],
        ...encoderWords(rung, job.grid, threads, keyframeExpression(job.grid)),
        ...timingWords(job),
        ...fragmentWords('frag_keyframe'),
      ],
    })),
  }
}

/** Input seek at the exact time in six decimals plus a length: frame-exact in indexed containers (measured). */
function sliceWords(job: VideoPieceJob): string[] {
  const frameSeconds = job.grid.fps.den / job.grid.fps.num
  const start = job.slice.startFrame === 0 ? [] : ['-ss', (job.slice.startFrame * frameSeconds).toFixed(6)]
  const length = job.slice.frameCount === null ? [] : ['-t', (job.slice.frameCount * frameSeconds).toFixed(6)]
  return [...start, ...length]
}

/** One decode; treatment that costs is done once, before the split. */
function filterGraph(job: VideoPieceJob): string {
  const shared = [
    ...windowFilters(job.source, 'video'),
    ...(job.picture.deinterlace ? ['bwdif=mode=send_frame:parity=auto:deint=all'] : []),
    ...presentationTimes(job),
    ...(job.picture.constantRate ? constantRate(job.grid) : []),
  ]
  const input = `[0:${job.streamIndex}]${shared.join(',')}`
  const indexes = [...job.rungs.keys()]
  const mapped = indexes.filter((index) => isMappedDown(job, index))
  const kept = indexes.filter((index) => !isMappedDown(job, index))
  const scaled = job.rungs.map((rung, index) => `[s${index}]${rungChain(rung, job.grid)}[v${index}]`)
  const toSdr = toneMapping(job.picture.transfer)
  if (kept.length === 0) return [`${input},${splitTo(mapped, toSdr)}`, ...scaled].join(';')
  if (mapped.length === 0) return [`${input},${splitTo(kept, [])}`, ...scaled].join(';')
  const branches = [`[sdr]${splitTo(mapped, toSdr)}`, `[hdr]${splitTo(kept, [])}`]
  return [`${input},split=2[sdr][hdr]`, ...branches, ...scaled].join(';')
}

function isMappedDown({ picture, rungs }: VideoPieceJob, index: number): boolean {
  return picture.transfer !== 'sdr' && rungs[index]?.range === 'sdr'
}

function splitTo(indexes: readonly number[], before: readonly string[]): string {
  return `${[...before, `split=${indexes.length}`].join(',')}${indexes.map((index) => `[s${index}]`).join('')}`
}

/** Repeats and drops pictures so that the k-th is shown at k divided by the rate. */
function constantRate({ fps, timescaleHz }: SegmentGrid): string[] {
  return [`fps=fps=${rationalText(fps)}:round=near:start_time=0`, `settb=1/${timescaleHz}`]
}

/** Containers that count milliseconds round by half of one; a little more is allowed for. */
const ROUNDING_SECONDS = 0.0011

/**
 * Takes the container's rounding off the times: a picture within a millisecond of the nominal grid is put on it, so that
 * 24 pictures a second from WebM are exactly 1/24 s apart; all others keep their time. The first picture of a master
 * is shown from 0, since one that comes late would leave a hole that players stop at.
 */
function presentationTimes({ grid, slice }: VideoPieceJob): string[] {
  const rate = rationalText(grid.fps)
  const near = `round((T-STARTT)*${rate})/(${rate})`
  const snapped = `if(lt(abs(T-STARTT-ld(0)),${ROUNDING_SECONDS}),STARTT+ld(0),T)`
  const time = `st(0,${near});${snapped}`
  const whole = slice.startFrame === 0 ? `if(eq(N,0),0,${time})` : time
  return [`settb=1/${grid.timescaleHz}`, `setpts='round((${whole})/TB)'`]
}

function rungChain(rung: VideoEncode, grid: SegmentGrid): string {
  const format = rung.bits === 10 ? 'yuv420p10le' : 'yuv420p'
  const size = `scale=${rung.widthPx}:${rung.heightPx}:flags=bicubic:out_range=tv,setsar=1,format=${format}`
  return [...everyStep(rung.frameStep, grid), size].join(',')
}

/**
 * The first picture in each cell of `step` nominal pictures. By time, so that the picture that begins a GOP cell, which
 * is whole steps long, begins it in each rung, also where pictures are sparse.
 */
function everyStep(step: number, { fps }: SegmentGrid): string[] {
  if (step === 1) return []
  const cell = (time: string): string => `floor((${time})*${fps.num}/${fps.den}/${step}+${1 / (2 * step)})`
  return [`select='if(isnan(prev_selected_t),1,gt(${cell('t')},${cell('prev_selected_t')}))'`]
}

/** PQ and HLG to BT.709 by linear light; the input's tags are given, since masters often lack the matrix. */
export function toneMapping(transfer: Transfer): string[] {
  if (transfer === 'sdr') return []
  const from = transfer === 'pq' ? 'smpte2084' : 'arib-std-b67'
  return [
    `zscale=tin=${from}:min=bt2020nc:pin=bt2020:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv420p',
  ]
}

/**
 * True for the first picture in each cell of the GOP grid.
 *
 * By time rather than by count, so that it also holds where pictures are sparse or irregular; the half picture of
 * slack absorbs timestamps that a container rounded to milliseconds. At a constant rate both are the same.
 */
function keyframeExpression(grid: SegmentGrid): string {
  const frameSeconds = grid.fps.den / grid.fps.num
  const gopSeconds = grid.gopFrames * frameSeconds
  const cell = (time: string): string => `floor((${time}+${(frameSeconds / 2).toFixed(9)})/${gopSeconds.toFixed(9)})`
  return `expr:if(isnan(prev_forced_t),1,gt(${cell('t')},${cell('prev_forced_t')}))`
}

/**
 * Pictures keep their own times: `vfr` on a fine time base passes each one through and only drops what would run
 * backwards. (`passthrough` ends with an error there, a constant rate would invent or drop pictures.)
 */
function timingWords(job: VideoPieceJob): string[] {
  const startSeconds = job.slice.startFrame / toNumber(job.grid.fps)
  return [
    ...['-fps_mode', 'vfr'],
    ...['-enc_time_base', `1:${job.grid.timescaleHz}`, '-video_track_timescale', String(job.grid.timescaleHz)],
    ...['-output_ts_offset', (startSeconds + TIMELINE_OFFSET_SECONDS).toFixed(6)],
    ...['-map_metadata', '-1', '-map_chapters', '-1'],
  ]
}

/**
 * Fragmented MP4 to a pipe. The first decode time is the offset exactly, and the init segment's edit list takes the
 * delay of reordered pictures off again: so a player that starts at the decode time (hls.js) finds a picture there, and
 * one that honours the list (Chromium, ffmpeg) shows it at the offset. Without the list the picture starts a B-frame
 * delay after the decode time; with `negative_cts_offsets` ffmpeg reads it as late by as much (both measured).
 */
export function fragmentWords(...cuts: string[]): string[] {
  return ['-f', 'mp4', '-movflags', [...cuts, 'delay_moov', 'frag_discont', 'default_base_moof'].join('+')]
}
