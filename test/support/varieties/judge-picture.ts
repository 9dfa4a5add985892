/** Colours, upright or not, and nearness to a film that needed no treatment. */
import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import type { ReadPicture } from '../reading/by-mediabunny'
import { probeJson, runProgram } from '../run-program'
import { UPRIGHT } from './films'
import type { ExpectedPicture } from './variety'

/** A wrong matrix moves the green quarter by 20, a wrong range each one by 7 and more. */
const COLOUR_SLACK = 6

interface Tags {
  streams: { color_range?: string; color_primaries?: string; color_transfer?: string; color_space?: string }[]
}

export async function judgeColours(
  mp4: string,
  read: ReadPicture | undefined,
  expected: ExpectedPicture,
): Promise<string[]> {
  const findings = await judgeTags(mp4, read, expected)
  if (expected.quarters === null) return findings
  const shown = await quartersOf(mp4)
  const isRight = expected.quarters === 'hues' ? hasHues(shown) : isNear(shown, expected.quarters ?? UPRIGHT)
  return isRight ? findings : [...findings, `its quarters are ${shown.map(hex).join(' ')}`]
}

async function judgeTags(mp4: string, read: ReadPicture | undefined, { colour }: ExpectedPicture): Promise<string[]> {
  const names = 'color_primaries,color_transfer,color_space,color_range'
  const { streams } = await probeJson<Tags>(mp4, '-select_streams', 'v:0', '-show_entries', `stream=${names}`)
  const [tags = {}] = streams
  const told = [tags.color_primaries, tags.color_transfer, tags.color_space, tags.color_range]
  const byFfprobe = told.map((one) => one ?? 'none').join(' ')
  const findings: string[] = []
  if (!byFfprobe.endsWith(' tv')) findings.push(`range by ffprobe: ${byFfprobe}`)
  if (colour === undefined) return findings
  if (byFfprobe !== `${colour} tv`) findings.push(`colours by ffprobe: ${byFfprobe}, not ${colour}`)
  if (read?.colour !== `${colour} limited`) findings.push(`colours by mediabunny: ${read?.colour ?? ''}, not ${colour}`)
  return findings
}

type Rgb = [number, number, number]

/** The mean of each quarter of the first picture, turned into RGB as the file says. */
async function quartersOf(mp4: string): Promise<Rgb[]> {
  const words = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    mp4,
    '-frames:v',
    '1',
    '-vf',
    'format=gbrp,scale=64:64:flags=area,scale=2:2:flags=area,format=rgb24',
  ]
  const child = spawn('ffmpeg', [...words, '-f', 'rawvideo', '-'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const bytes = await buffer(child.stdout)
  return [0, 1, 2, 3].map((at) => [...bytes.subarray(3 * at, 3 * at + 3)] as Rgb)
}

function isNear(shown: readonly Rgb[], wanted: readonly string[]): boolean {
  return wanted.every((colour, at) => {
    const right = Buffer.from(colour, 'hex')
    return (shown[at] ?? []).every((value, channel) => Math.abs(value - (right[channel] ?? 0)) <= COLOUR_SLACK)
  })
}

/** Red, green and blue lead in their quarters by much, and grey is grey and not dark. */
function hasHues([red, green, blue, grey]: readonly Rgb[]): boolean {
  const leads = (colour: Rgb | undefined, channel: number): boolean =>
    colour !== undefined && colour.every((value, one) => one === channel || value + 60 <= (colour[channel] ?? 0))
  const isGrey = grey !== undefined && Math.max(...grey) - Math.min(...grey) <= COLOUR_SLACK && Math.min(...grey) > 90
  return leads(red, 0) && leads(green, 1) && leads(blue, 2) && isGrey
}

function hex(colour: Rgb): string {
  return Buffer.from(colour).toString('hex')
}

/** Picture by picture. */
export async function judgeReference(
  mp4: string,
  { film, leastDecibels }: NonNullable<ExpectedPicture['reference']>,
): Promise<string[]> {
  const graph = '[0:v]settb=1/1000,setpts=N[a];[1:v]settb=1/1000,setpts=N[b];[a][b]psnr[out]'
  const words = ['-hide_banner', '-nostdin', '-i', mp4, '-f', 'lavfi', '-i', film, '-lavfi', graph, '-map', '[out]']
  const { stderr } = await runProgram('ffmpeg', [...words, '-f', 'null', '-'])
  const decibels = Number(/ y:([\d.]+|inf) /.exec(stderr)?.[1]?.replace('inf', '999') ?? NaN)
  return decibels >= leastDecibels ? [] : [`it is ${decibels} dB from what it should be, not ${leastDecibels}`]
}
