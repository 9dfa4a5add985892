/** Pure: what colours a master's numbers mean, where it says so and where it does not. */
import type { Colour, Transfer } from '../contract/source'
import type { ProbedStream } from './ffprobe-json'

/** Source: ITU-T H.273, tables 2 to 4, by ffmpeg's names; of the matrices those that its scaler knows. */
const PRIMARIES = ['bt709', 'bt470m', 'bt470bg', 'smpte170m', 'smpte240m', 'film', 'bt2020', 'smpte431', 'smpte432']
const CURVES = ['bt709', 'smpte170m', 'smpte240m', 'bt470m', 'bt470bg', 'iec61966-2-1', 'bt2020-10', 'bt2020-12']
const MATRICES = ['bt709', 'fcc', 'bt470bg', 'smpte170m', 'smpte240m', 'bt2020nc']

const BT709: Colour = { primaries: 'bt709', curve: 'bt709', matrix: 'bt709' }

/** Source: the rule of mpv and of most players for pictures that do not say. */
const HD_WIDTH_PX = 1_280
const SD_LINES_MAX = 576
/** 608 with the lines of data above the picture that D-10 keeps. */
const PAL_LINES = [576, 288, 608]

/**
 * What the standard-range rungs of a master are made and tagged as: its own colours, with what it does not say filled in
 * as players would. Without tags a player takes the small rungs of an HD master for SD, and the colours change with the
 * rung. RGB becomes BT.709, as do HDR pictures that are mapped.
 *
 * @returns With a note where the master's numbers are of a kind that cannot be told here.
 */
export function pictureColour(stream: ProbedStream, transfer: Transfer): { colour: Colour; notes: string[] } {
  if (transfer !== 'sdr') return { colour: BT709, notes: [] }
  const isRgb = /^(0?rgb|0?bgr|gbr|argb|abgr|pal8|x2rgb|x2bgr|monow|monob|xyz)/.test(stream.pixelFormat)
  const told = isRgb ? 'bt709' : MATRICES.find((name) => name === stream.matrix)
  const primaries = PRIMARIES.find((name) => name === stream.primaries)
  const matrix = told ?? (primaries === 'bt709' ? 'bt709' : guessed(stream))
  const curve = CURVES.find((name) => name === stream.transfer)
  const own = { primaries: primaries ?? primariesFor(matrix), curve: curve ?? curveFor(matrix), matrix }
  const isOther = told === undefined && !['', 'unknown', 'reserved', 'gbr'].includes(stream.matrix)
  return { colour: own, notes: isOther ? [`colours by the matrix '${stream.matrix}' are read as ${matrix}`] : [] }
}

function guessed({ widthPx, heightPx }: ProbedStream): string {
  if (PAL_LINES.includes(heightPx)) return 'bt470bg'
  return widthPx >= HD_WIDTH_PX || heightPx > SD_LINES_MAX ? 'bt709' : 'smpte170m'
}

function primariesFor(matrix: string): string {
  return { bt2020nc: 'bt2020', fcc: 'bt470m' }[matrix] ?? matrix
}

function curveFor(matrix: string): string {
  return { bt2020nc: 'bt2020-10', fcc: 'bt470m', bt470bg: 'smpte170m' }[matrix] ?? matrix
}
