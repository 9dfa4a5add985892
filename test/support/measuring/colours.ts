/** Masters of flat colours beside each other, and the colours that are seen in a file by its own tags. */
import { readFileSync, rmSync } from 'node:fs'
import { probeJson } from '../run-program'
import { ffmpegOutput } from './ffmpeg'

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number]

/** Bars of three quarters, as on test cards, and near black. */
export const BARS: readonly Rgb[] = [
  ...([
    [191, 191, 191],
    [191, 191, 0],
    [0, 191, 191],
    [0, 191, 0],
  ] as const),
  ...([
    [191, 0, 191],
    [191, 0, 0],
    [0, 0, 191],
    [16, 16, 16],
  ] as const),
]

/** @param words How it is coded and tagged. @param before Filters that turn RGB into what is coded. */
export async function makeBars(
  file: string,
  size: { widthPx: number; heightPx: number },
  before: string,
  words: readonly string[],
): Promise<void> {
  const width = size.widthPx / BARS.length
  const bars = BARS.map((rgb, index) => {
    const name = rgb.map((part) => part.toString(16).padStart(2, '0')).join('')
    return `color=0x${name}:s=${width}x${size.heightPx}:r=25:d=1,format=rgb24[b${index}]`
  })
  const graph = `${bars.join(';')};${BARS.map((_, index) => `[b${index}]`).join('')}hstack=${BARS.length},${before}`
  await ffmpegOutput('-f', 'lavfi', '-i', graph, ...words, file)
}

/** Weights of red and blue in luma. Source: ITU-T H.273, table 4. */
const MATRICES = { bt709: [0.2126, 0.0722], smpte170m: [0.299, 0.114], bt470bg: [0.299, 0.114] } as const
export type Matrix = keyof typeof MATRICES

export interface ColourTags {
  color_space: string
  color_range: string
  color_transfer: string
  color_primaries: string
}

export async function colourTags(file: string): Promise<Partial<ColourTags>> {
  const entries = [
    '-select_streams',
    'v:0',
    '-show_entries',
    'stream=color_space,color_range,color_transfer,color_primaries',
  ]
  const { streams } = await probeJson<{ streams: Partial<ColourTags>[] }>(file, ...entries)
  return streams[0] ?? {}
}

/**
 * What a viewer sees in the middle of each of so many bars of the first picture. The samples are taken as they are
 * stored, in limited range, and turned into colours here, not by ffmpeg.
 */
export async function seenColours(file: string, count: number, matrix: Matrix): Promise<Rgb[]> {
  const { streams } = await probeJson<{ streams: { width: number; height: number }[] }>(
    file,
    '-select_streams',
    'v:0',
    '-show_streams',
  )
  const { width = 0, height = 0 } = streams[0] ?? {}
  const raw = `${file}.${process.hrtime.bigint()}.yuv`
  // From 4:2:0 to 4:4:4 and, where it has 10 bits, to 8: no matrix and no range is touched.
  await ffmpegOutput('-i', file, '-frames:v', '1', '-vf', 'format=yuv444p', '-f', 'rawvideo', raw)
  const planes = readFileSync(raw)
  rmSync(raw)
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor(height / 2) * width + Math.floor(((index + 0.5) * width) / count)
    const [y = 0, u = 0, v = 0] = [0, 1, 2].map((plane) => planes[plane * width * height + at])
    return toRgb([y, u, v], matrix)
  })
}

function toRgb([y, u, v]: Rgb, matrix: Matrix): Rgb {
  const [red, blue] = MATRICES[matrix]
  const luma = (y - 16) / 219
  const [b, r] = [(2 * (1 - blue) * (u - 128)) / 224, (2 * (1 - red) * (v - 128)) / 224]
  const green = 1 - red - blue
  const parts = [luma + r, luma - (red * r) / green - (blue * b) / green, luma + b]
  return parts.map((part) => Math.min(255, Math.max(0, 255 * part))) as unknown as Rgb
}

/** The largest difference of any part of any colour. */
export function furthest(seen: readonly Rgb[], meant: readonly Rgb[]): number {
  const parts = seen.flatMap((rgb, index) => rgb.map((part, at) => Math.abs(part - (meant[index]?.[at] ?? NaN))))
  return Math.max(...parts)
}

/** The largest difference between the parts of one colour: 0 is grey. */
export function tint(rgb: Rgb): number {
  return Math.max(...rgb) - Math.min(...rgb)
}
