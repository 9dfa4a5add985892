/**
 * A master whose picture flashes and whose sound beeps at the same instants, and when both are seen and heard in a file:
 * by the pictures and samples that ffmpeg decodes, at the times that a reader gives them.
 */
import { readFileSync, rmSync } from 'node:fs'
import { ffmpegOutput } from './ffmpeg'
import { packetTimes } from './mediabunny'

export interface FlashAndBeep {
  fps: '25' | '30000/1001'
  sampleRateHz: number
}

/** Start, middle and end of 12 s, in pictures. */
const EVENT_PICTURES = { '25': [25, 150, 275], '30000/1001': [30, 180, 330] } as const
const FLASH_PICTURES = 3
const BEEP_SECONDS = 0.1

/** Uncompressed sound, so that its times are exact; B-frames, so that decode times are no presentation times. */
export async function makeFlashAndBeep(file: string, { fps, sampleRateHz }: FlashAndBeep): Promise<void> {
  const starts = EVENT_PICTURES[fps]
  const flash = starts.map((first) => `between(N,${first},${first + FLASH_PICTURES - 1})`).join('+')
  const beep = starts.map((first) => {
    const time = `(t-${first}/(${fps}))`
    return `gte(${time},0)*lt(${time},${BEEP_SECONDS})*sin(2*PI*1000*${time})`
  })
  const picture = `color=black:s=128x72:r=${fps}:d=12,format=yuv420p,geq=lum='if(${flash},235,16)':cb=128:cr=128`
  const sound = `aevalsrc='0.5*(${beep.join('+')})':s=${sampleRateHz}:d=12`
  await ffmpegOutput(
    ...['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-bf', '2', '-x264-params', 'b-adapt=0', '-c:a', 'pcm_s16le', '-f', 'mov', file],
  )
}

/** Mean luma of a picture; 16 is black, 235 white. */
const BRIGHT_LUMA = 128

export interface Seen {
  /** Places of the pictures where a flash begins, and when those are shown by ffmpeg and by mediabunny. */
  flashes: readonly number[]
  byFfmpeg: readonly number[]
  byMediabunny: readonly number[]
}

/** Each picture of the file is one packet, so both readers count alike. */
export async function picturesIn(input: string): Promise<Seen> {
  const print = 'scale=8:8:flags=area,signalstats,metadata=mode=print:key=lavfi.signalstats.YAVG:file=-'
  const words = ['-copyts', '-i', input, '-map', '0:v:0', '-vf', print, '-fps_mode', 'passthrough', '-f', 'null', '-']
  const pictures = [...(await ffmpegOutput(...words)).matchAll(/pts_time:(\S+)\n.*YAVG=(\S+)/g)]
  const bright = pictures.map(([, , luma]) => Number(luma) > BRIGHT_LUMA)
  const flashes = bright.flatMap((isBright, index) => (isBright && bright[index - 1] === false ? [index] : []))
  const told = await packetTimes(input, 'video')
  return {
    flashes,
    byFfmpeg: flashes.map((index) => Number(pictures[index]?.[1])),
    byMediabunny: flashes.map((index) => told[index] ?? NaN),
  }
}

/** Of the loudest sample; codecs ring before an onset, but not as loud as this. */
const ONSET_SHARE = 0.5
/** A beep is silent at every half wave; so long a silence is between two beeps. */
const BETWEEN_BEEPS_SECONDS = 0.25

/** Places of the first loud sample of each beep. */
function beepStarts({ samples, rateHz }: DecodedSound): number[] {
  const loud = ONSET_SHARE * samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
  const starts: number[] = []
  let lastLoud = -Infinity
  samples.forEach((sample, index) => {
    if (loud === 0 || Math.abs(sample) < loud) return
    if (index - lastLoud > BETWEEN_BEEPS_SECONDS * rateHz) starts.push(index)
    lastLoud = index
  })
  return starts
}

export interface DecodedSound {
  /** The first channel. */
  samples: Float32Array
  rateHz: number
  /** When a sample is heard, by the time of the decoded frame that it is in. */
  secondsOf: (index: number) => number
}

/** @param before Words before the input. @throws When there is no sound. */
export async function decodedSound(input: string, ...before: string[]): Promise<DecodedSound> {
  const raw = `${input}.${process.hrtime.bigint()}.pcm`
  const form = ['-map', '0:a:0', '-af', 'pan=mono|c0=c0', '-c:a', 'pcm_f32le']
  const words = ['-copyts', ...before, '-i', input, ...form, '-f', 'f32le', raw, ...form, '-f', 'framecrc', '-']
  const lines = await ffmpegOutput(...words)
  const bytes = readFileSync(raw)
  rmSync(raw)
  const rateHz = Number(/^#sample_rate 0: (\d+)$/m.exec(lines)?.[1])
  let first = 0
  const frames = [...lines.matchAll(/^0, +-?\d+, +(-?\d+), +(\d+),/gm)].map(([, ticks, samples]) => {
    const frame = { first, ticks: Number(ticks) }
    first += Number(samples)
    return frame
  })
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  return {
    ...{ samples, rateHz },
    secondsOf: (index) => {
      const frame = frames.findLast((one) => one.first <= index)
      return frame === undefined ? NaN : (frame.ticks + index - frame.first) / rateHz
    },
  }
}

/**
 * How much later than its flash each beep is heard, in milliseconds: as ffmpeg reads the files, and by the times that
 * mediabunny gives to packets. For the latter ffmpeg only decodes, and applies no edit list.
 */
export async function beepsAfterFlashes(
  pictures: Seen,
  soundFile: string,
): Promise<{ byFfmpeg: number[]; byMediabunny: number[] }> {
  const [heard, stored, told] = await Promise.all([
    decodedSound(soundFile),
    decodedSound(soundFile, '-ignore_editlist', '1', '-flags2', 'skip_manual'),
    packetTimes(soundFile, 'audio'),
  ])
  const ofStored = (index: number): number => (told[0] ?? NaN) + index / stored.rateHz
  return {
    byFfmpeg: apart(pictures.byFfmpeg, beepStarts(heard).map(heard.secondsOf)),
    byMediabunny: apart(pictures.byMediabunny, beepStarts(stored).map(ofStored)),
  }
}

function apart(flashes: readonly number[], beeps: readonly number[]): number[] {
  if (flashes.length !== beeps.length) throw new Error(`${flashes.length} flashes, ${beeps.length} beeps`)
  return beeps.map((seconds, index) => 1_000 * (seconds - (flashes[index] ?? NaN)))
}
