/** Pure: a video piece's job to the ffmpeg command that decodes once and encodes all its rungs. */
import type { SegmentGrid, VideoEncode, VideoPieceJob } from '../../core/contract/job'
import { TIMELINE_OFFSET_SECONDS } from '../../core/contract/job'
import { rationalText } from '../../core/contract/rational'
import type { Colour, FieldOrder, Transfer } from '../../core/contract/source'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { encoderWords } from './video-encoders'
import { isSeekable, windowFilters } from './window'
import { companionOutputs } from './zero'

/**
 * @param input The master with the words that force its demuxer.
 * @param threads Encoder threads per rung; null lets x264 decide (it takes 1.5 times the cores).
 */
export function videoPieceCommand(job: VideoPieceJob, input: CommandInput, threads: number | null): FfmpegCommand {
  return {
    inputs: [{ url: input.url, options: [...input.options, ...seekWords(job)] }],
    graph: filterGraph(job),
    outputs: [
      ...job.rungs.map((rung, index) => ({
        target: `pipe:${FIRST_OUTPUT_PIPE + index}`,
        options: [
          ...['-map', `[v${index}]`],
          ...encoderWords(rung, job.grid, threads, keyframes(job)),
          ...timingWords(job),
          ...fragmentWords('frag_keyframe'),
        ],
      })),
      ...companionOutputs(job.source, [job.streamIndex]),
    ],
  }
}

/**
 * A seek that lands at or before the slice; the graph cuts it out to the tick. `-accurate_seek` would do the cutting by
 * times that it rounds to microseconds and that differ with the place of the seek.
 */
function seekWords({ source, slice: { seekSeconds } }: VideoPieceJob): string[] {
  // Others are read from their start, and the window's filters drop what is before it.
  return seekSeconds === 0 || !isSeekable(source) ? [] : ['-noaccurate_seek', '-ss', String(seekSeconds)]
}

const PARITIES: Readonly<Record<FieldOrder, string>> = { flagged: 'auto', 'top-first': 'tff', 'bottom-first': 'bff' }

/** One decode; treatment that costs is done once, before the split. */
function filterGraph(job: VideoPieceJob): string {
  const shared = [
    ...timesAfterSeek(job),
    ...(job.picture.dataLines === 0 ? [] : [`crop=iw:ih-${job.picture.dataLines}:0:${job.picture.dataLines}`]),
    ...(job.picture.deinterlace ? [`bwdif=mode=send_frame:parity=${PARITIES[job.picture.fieldOrder]}:deint=all`] : []),
    ...presentationTimes(job),
    ...cutOut(job),
  ]
  const input = `[0:${job.streamIndex}]${shared.join(',')}`
  const indexes = [...job.rungs.keys()]
  const mapped = indexes.filter((index) => isMappedDown(job, index))
  const kept = indexes.filter((index) => !isMappedDown(job, index))
  const scaled = job.rungs.map((rung, index) => `[s${index}]${rungChain(rung, job)}[v${index}]`)
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

/**
 * ffmpeg counts times from where it was asked to seek; the graph counts all of them from where the asset begins, so
 * that a picture has the same time in every piece, to the tick.
 */
function timesAfterSeek({ source, slice }: VideoPieceJob): string[] {
  if (!isSeekable(source)) return windowFilters(source, 'video')
  const shiftSeconds = slice.seekSeconds - (source.clip?.inSeconds ?? 0)
  const shifts = [
    ...(shiftSeconds === 0 ? [] : [`round(${shiftSeconds.toFixed(6)}/TB)`]),
    ...(source.startSeconds === undefined ? [] : [`round(${rationalText(source.startSeconds)}/TB)`]),
  ]
  return shifts.length === 0 ? [] : [`setpts='PTS+${shifts.join('+')}'`]
}

/** Containers that count milliseconds round by half of one; a little more is allowed for. */
const ROUNDING_SECONDS = 0.0011

/**
 * Takes the container's rounding off the times: a picture within a millisecond of the nominal grid is put on it, so that
 * 24 pictures a second from WebM are exactly 1/24 s apart; all others keep their time.
 */
function presentationTimes({ grid, firstPicture }: VideoPieceJob): string[] {
  const rate = rationalText(grid.fps)
  const first = firstPicture === null ? 'STARTT' : `${firstPicture.num}/${firstPicture.den}`
  const near = `round((T-${first})*${rate})/(${rate})`
  const snapped = `if(lt(abs(T-${first}-ld(0)),${ROUNDING_SECONDS}),${first}+ld(0),T)`
  return [`settb=1/${grid.timescaleHz}`, `setpts='round((st(0,${near});${snapped})/TB)'`]
}

/**
 * The slice out of what was decoded. The first picture of an asset is shown from 0, since one that comes late would
 * leave a hole that players stop at.
 */
function cutOut({ source, slice, grid, picture }: VideoPieceJob): string[] {
  const { index, startTicks, endTicks } = slice
  const isFirst = index === 0
  const clipStart = source.clip !== null && isSeekable(source) ? -Math.round(ROUNDING_SECONDS * grid.timescaleHz) : null
  const start = isFirst ? clipStart : startTicks
  const steady = picture.constantRate ? constantRate(grid, isFirst) : []
  const fromStart = start === null ? [] : [`trim=start_pts=${start}`]
  return [
    ...(isFirst ? [...fromStart, "setpts='if(eq(N,0),0,PTS)'", ...steady] : [...steady, ...fromStart]),
    // Behind its end nothing is asked for any more, which ends ffmpeg.
    ...(endTicks === null ? [] : [`trim=end_pts=${endTicks}`]),
  ]
}

/** Repeats and drops pictures so that the k-th of the asset is shown at k divided by the rate. */
function constantRate({ fps, timescaleHz }: SegmentGrid, isFirst: boolean): string[] {
  const start = isFirst ? ':start_time=0' : ''
  return [`fps=fps=${rationalText(fps)}:round=near${start}`, `settb=1/${timescaleHz}`]
}

function rungChain(rung: VideoEncode, { grid, picture }: VideoPieceJob): string {
  const format = rung.bits === 10 ? 'yuv420p10le' : 'yuv420p'
  const [matrices, tags] = rung.range === 'sdr' ? sdrColours(picture.colour) : ['', '']
  const size = `scale=${rung.widthPx}:${rung.heightPx}:flags=bicubic:out_range=tv${matrices},setsar=1,format=${format}`
  return [...everyStep(rung.frameStep, grid), `${size}${tags}`].join(',')
}

/** The scaler's names; it takes BT.601 for what says nothing, also for RGB that becomes something else. */
const SCALER_MATRICES: Readonly<Record<string, string>> = { bt470bg: 'bt601', smpte170m: 'bt601', bt2020nc: 'bt2020' }

/** Colours stay what they are; what the master does not say is said, so that every rung is shown alike. */
function sdrColours({ primaries, curve, matrix }: Colour): [matrices: string, tags: string] {
  const name = SCALER_MATRICES[matrix] ?? matrix
  const tags = `range=tv:color_primaries=${primaries}:color_trc=${curve}:colorspace=${matrix}`
  return [`:in_color_matrix=${name}:out_color_matrix=${name}`, `,setparams=${tags}`]
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

/** A list of more keyframes makes an argument longer than Linux takes (128 KiB). */
const MAX_LISTED_KEYFRAMES = 5_000

/** What `-force_key_frames` takes: the first picture in each cell of the asset's GOP grid. */
function keyframes({ grid, slice, limits }: VideoPieceJob): string {
  const gopSeconds = (grid.gopFrames * grid.fps.den) / grid.fps.num
  const startSeconds = slice.startTicks / grid.timescaleHz
  const endSeconds = slice.endTicks === null ? null : slice.endTicks / grid.timescaleHz
  const lengthSeconds = endSeconds === null ? longest(limits.durationSeconds) : endSeconds - startSeconds
  const count = Math.ceil(lengthSeconds / gopSeconds) + 1
  if (slice.index === 0 || count > MAX_LISTED_KEYFRAMES) return keyframeExpression(grid)
  const first = Math.round(startSeconds / gopSeconds)
  const halfPicture = grid.fps.den / grid.fps.num / 2
  return Array.from({ length: count }, (_, index) => ((first + index) * gopSeconds - halfPicture).toFixed(6)).join(',')
}

/** The last piece lasts as long as the master does, which may be longer than it says. */
function longest(durationSeconds: number | null): number {
  return durationSeconds === null ? Infinity : 1.5 * durationSeconds + 60
}

/**
 * By time rather than by count, so that it also holds where pictures are sparse or irregular; the half picture of slack
 * absorbs timestamps that a container rounded to milliseconds. At a constant rate both are the same. ffmpeg counts `t`
 * from the first picture of a piece: in one that begins later than the asset only a list of times is of the asset.
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
function timingWords({ grid: { timescaleHz } }: VideoPieceJob): string[] {
  return [
    ...['-fps_mode', 'vfr'],
    ...['-enc_time_base', `1:${timescaleHz}`, '-video_track_timescale', String(timescaleHz)],
    ...['-output_ts_offset', String(TIMELINE_OFFSET_SECONDS)],
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
