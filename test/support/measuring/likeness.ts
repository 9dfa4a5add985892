/**
 * How like its master a rung is, picture by picture in their order, whatever their times: so a picture that was lost,
 * doubled or moved makes all that follow it unlike. The pictures of the master are scaled by ffmpeg with words of our own.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ffmpegOutput } from './ffmpeg'

export interface Likeness {
  pictures: number
  masterPictures: number
  /** SSIM over all pictures, of luma and chroma; 1 is the same. */
  mean: number
  /** Under it is one picture of a hundred. */
  hundredth: number
  /** The mean where the rung is held against the picture before, and after. Nearly still pictures are alike there, too. */
  before: number
  after: number
  /** The largest mean difference between master and rung of the luma that a tenth, and that nine tenths, are under. */
  rangeOff: number
}

const SHIFTS = { mean: [0, 0], before: [1, 0], after: [0, 1] } as const

/** @param size Of the rung. */
export async function likeness(
  master: string,
  rung: string,
  size: { widthPx: number; heightPx: number },
): Promise<Likeness> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-likeness-'))
  const at = (name: string): string => join(folder, name)
  try {
    // In whole seconds by their place, so that the k-th of both have the same time.
    const inOrder = (from: number): string => `trim=start_frame=${from},settb=1/1000,setpts=1000*N`
    const told = (name: string): string => `signalstats,metadata=mode=print:file=${at(name)}`
    const names = Object.keys(SHIFTS)
    const labels = (side: string): string => names.map((name) => `[${side}-${name}]`).join('')
    const scaled = `scale=${size.widthPx}:${size.heightPx}:flags=bicubic:out_range=tv,setsar=1,format=yuv420p`
    const pairs = Object.entries(SHIFTS).map(([name, [ofRung, ofMaster]]) => {
      const [one, other] = [`[r-${name}]${inOrder(ofRung)}[rr-${name}]`, `[m-${name}]${inOrder(ofMaster)}[mm-${name}]`]
      return `${one};${other};[rr-${name}][mm-${name}]ssim=stats_file=${at(name)}[${name}]`
    })
    const graph = [
      `[0:v:0]${scaled},${told('m')},split=${names.length}${labels('m')}`,
      `[1:v:0]format=yuv420p,${told('r')},split=${names.length}${labels('r')}`,
      ...pairs,
    ]
    const outputs = names.flatMap((name) => ['-map', `[${name}]`])
    const words = ['-filter_complex', graph.join(';'), ...outputs, '-fps_mode', 'passthrough', '-f', 'null', '-']
    await ffmpegOutput('-i', master, '-i', rung, ...words)
    const ssim = (name: string): number[] => figures(at(name), /All:(\S+)/g)
    const right = ssim('mean')
    return {
      ...{ pictures: figures(at('r'), /YAVG=(\S+)/g).length, masterPictures: figures(at('m'), /YAVG=(\S+)/g).length },
      ...{ mean: mean(right), before: mean(ssim('before')), after: mean(ssim('after')) },
      hundredth: right.sort((one, other) => one - other)[Math.floor(right.length / 100)] ?? NaN,
      rangeOff: Math.max(
        ...[/YLOW=(\S+)/g, /YHIGH=(\S+)/g].map((of) =>
          Math.abs(mean(figures(at('m'), of)) - mean(figures(at('r'), of))),
        ),
      ),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function figures(file: string, pattern: RegExp): number[] {
  return [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, figure]) => Number(figure))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const LEAST_MEAN = 0.9
const LEAST_HUNDREDTH = 0.8
/** The neighbours are like each other where little moves; on real masters the right picture leads by 0.008 to 0.2. */
const LEAST_LEAD = 0.003
/** Of 255: blocks and blur move these by 1 or 2, a range that was mixed up by 5 to 16. */
const MOST_RANGE_OFF = 3

/** All that is wrong, as sentences. */
export function unlikeness({
  pictures,
  masterPictures,
  mean: right,
  hundredth,
  before,
  after,
  rangeOff,
}: Likeness): string[] {
  const lead = right - Math.max(before, after)
  return [
    ...(pictures === masterPictures ? [] : [`${pictures} pictures, the master has ${masterPictures}`]),
    ...(right >= LEAST_MEAN ? [] : [`SSIM is ${right.toFixed(4)}`]),
    ...(hundredth >= LEAST_HUNDREDTH ? [] : [`one picture of a hundred has an SSIM under ${hundredth.toFixed(4)}`]),
    ...(lead >= LEAST_LEAD ? [] : [`the neighbours are as like (by ${(-lead).toFixed(4)}): pictures are shifted`]),
    ...(rangeOff <= MOST_RANGE_OFF ? [] : [`luma is off by ${rangeOff.toFixed(1)}: the range is wrong`]),
  ]
}
