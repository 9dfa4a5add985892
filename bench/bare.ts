/** Pure: the same rungs as the product makes, by ffmpeg as one would write it by hand. */
import type { VideoEncode, VideoPieceJob } from '../core/contract/job'
import { toNumber } from '../core/contract/rational'
import { audioCommand } from '../worker/ffmpeg/audio-args'
import type { FfmpegCommand } from '../worker/ffmpeg/command'
import { videoPieceCommand } from '../worker/ffmpeg/video-args'
import type { WholePlan } from './plan-of'

/** Before the input, since fluent-ffmpeg makes a word `undefined` of none there. */
const QUIET = ['-nostats', '-loglevel', 'warning']

/** Below the folder that ffmpeg runs in; it does not make them itself. */
export function bareFolders({ video, audio }: WholePlan): string[] {
  return [...video.rungs.map(({ id }) => id), audio.encode.id]
}

/** One process that decodes once: what the product is measured against. */
export function oneProcess(plan: WholePlan, master: string): FfmpegCommand {
  return bareCommand(plan, plan.video.rungs, true, master)
}

/** One process a rung, each with its own decode, one after the other; the smallest has the sound with it. */
export function processPerRung(plan: WholePlan, master: string): FfmpegCommand[] {
  return plan.video.rungs.map((rung, index) => bareCommand(plan, [rung], index === 0, master))
}

function bareCommand(
  plan: WholePlan,
  rungs: readonly VideoEncode[],
  withSound: boolean,
  master: string,
): FfmpegCommand {
  const { video, audio } = plan
  const pictures = encoderWords(video, rungs).map((words, index) => ({
    words: ['-map', `[v${index}]`, ...words],
    rung: rungs[index],
  }))
  const outputs = pictures.map(({ words, rung }) => hls(rung?.id ?? '', words, plan))
  const sound = withSound
    ? [hls(audio.encode.id, ['-map', `0:${audio.streamIndexes[0] ?? 0}`, ...soundWords(plan)], plan)]
    : []
  return { inputs: [{ url: master, options: QUIET }], graph: graphOf(video, rungs), outputs: [...outputs, ...sound] }
}

function graphOf({ streamIndex }: VideoPieceJob, rungs: readonly VideoEncode[]): string {
  const split = `[0:${streamIndex}]split=${rungs.length}${rungs.map((_, index) => `[s${index}]`).join('')}`
  const scaled = rungs.map(({ widthPx, heightPx }, index) => {
    return `[s${index}]scale=${widthPx}:${heightPx}:flags=bicubic,format=yuv420p[v${index}]`
  })
  return [split, ...scaled].join(';')
}

/**
 * Encoder, rate, preset, profile and keyframes, word for word as the product gives them to ffmpeg with automatic threads;
 * what stands around them is of its pipes.
 */
export function encoderWords(video: VideoPieceJob, rungs: readonly VideoEncode[]): string[][] {
  const { outputs } = videoPieceCommand({ ...video, rungs }, { url: '', options: [] }, null)
  return rungs.map((_, index) => between(outputs[index]?.options ?? [], '-c:v', '-fps_mode'))
}

/** Beside the words of the product's encoder the form that its filters give to the sound. */
function soundWords({ audio }: WholePlan): string[] {
  const { outputs } = audioCommand(audio, { url: '', options: [] }, null)
  const { channels, sampleRateHz } = audio.encode
  const words = between(outputs[0]?.options ?? [], '-c:a', '-output_ts_offset')
  return [...words, '-ac', String(channels), '-ar', String(sampleRateHz)]
}

/** @throws RangeError when the product's words have changed, so that the bench does not compare something else. */
function between(words: readonly string[], first: string, end: string): string[] {
  const [from, to] = [words.indexOf(first), words.indexOf(end)]
  if (from < 0 || to < from) throw new RangeError(`no words between '${first}' and '${end}' in: ${words.join(' ')}`)
  return words.slice(from, to)
}

function hls(
  folder: string,
  words: readonly string[],
  { video: { grid } }: WholePlan,
): FfmpegCommand['outputs'][number] {
  const segmentSeconds = (grid.gopFrames * grid.gopsPerSegment) / toNumber(grid.fps)
  return {
    target: `${folder}/playlist.m3u8`,
    options: [
      ...words,
      ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod'],
      ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4'],
      ...['-hls_segment_filename', `${folder}/%05d.m4s`],
    ],
  }
}
