/** A published asset against its master, both as mediabunny reads them: no expectation here comes from ffmpeg's decoding. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { probeJson } from '../run-program'
import { readByMediabunny, readRendition, type ReadFile, type ReadPicture, type ReadSound } from './by-mediabunny'
import { readVariants, runFolderOf } from './playlists'

/** Containers count milliseconds, and Gantry takes their rounding off (docs/decisions/0005). */
const STEP_SLACK_SECONDS = 0.0023
/** Whether the swinging in of a codec counts as sound moves the start by a frame of it. */
const START_SLACK_SECONDS = 0.07
const END_SLACK_SECONDS = 0.1
const SHAPE_SLACK = 0.02
/** Added to the times of all segments. */
const OFFSET_SECONDS = 10

export async function judgeIndependently(masterPath: string, sourcePath: string): Promise<string[]> {
  const source = await readSource(sourcePath)
  const [best] = [...source.pictures].sort((a, b) => b.widthPx * b.heightPx - a.widthPx * a.heightPx)
  const findings: string[] = []
  for (const { id, track, widthPx } of readVariants(masterPath)) {
    const mp4 = join(runFolderOf(masterPath), 'mp4', `${widthPx === null ? 'audio' : id}.mp4`)
    if (!existsSync(mp4)) continue
    const made = await readByMediabunny(mp4)
    const say = (line: string): number => findings.push(`${id}: ${line}`)
    if (made.pictures.length > 0 !== (best !== undefined)) say(`${made.pictures.length} pictures`)
    const [segments] = widthPx === null ? [] : (await readRendition(track)).pictures
    for (const picture of made.pictures) {
      if (best !== undefined) judgePicture(picture, best).forEach(say)
      const inHls = (segments?.times ?? []).map((time) => time - OFFSET_SECONDS)
      if (!isSame(inHls, picture.times)) say('segments and MP4 show pictures at different times')
    }
    judgeSounds(made.sounds, source.sounds).forEach(say)
  }
  return findings
}

function judgePicture(made: ReadPicture, source: ReadPicture): string[] {
  const findings: string[] = []
  if (made.rotation !== 0) findings.push(`it is turned by ${made.rotation}`)
  const shape = made.widthPx / made.heightPx / (source.widthPx / source.heightPx)
  if (Math.abs(shape - 1) > SHAPE_SLACK) findings.push(`${made.widthPx}x${made.heightPx} has not the master's shape`)
  if (made.widthPx > source.widthPx || made.heightPx > source.heightPx) findings.push('it is larger than the master')
  findings.push(...judgeTimes(made.times, source.times), ...judgeColour(made.colour, source.colour))
  return findings
}

/** All steps from one picture to the next, but for the first picture, which is shown from the start. */
function judgeTimes(made: readonly number[], source: readonly number[]): string[] {
  if (made.length !== source.length) return [`${made.length} pictures, the master has ${source.length}`]
  if (made[0] !== 0) return [`the first picture is shown at ${String(made[0])}`]
  const from = ([, second = 0]: readonly number[]): number => second
  const steps = (times: readonly number[]): number[] => times.slice(1).map((time) => time - from(times))
  if (!isSame(steps(made), steps(source))) return ['pictures are not shown at the times of the master']
  const late = from(made) - (from(source) - (source[0] ?? 0))
  return Math.abs(late) <= START_SLACK_SECONDS ? [] : [`all pictures are ${late.toFixed(3)} s late`]
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return (
    some.length === others.length &&
    some.every((time, index) => Math.abs(time - (others[index] ?? NaN)) <= STEP_SLACK_SECONDS)
  )
}

/** What the master says is kept, HDR becomes BT.709, and nothing is left unsaid. */
function judgeColour(made: string, source: string): string[] {
  if (made.includes('none') || !made.endsWith(' limited')) return [`its colours are told as '${made}'`]
  const [, transfer = ''] = source.split(' ')
  const right = ['pq', 'hlg'].includes(transfer) ? 'bt709 bt709 bt709'.split(' ') : source.split(' ').slice(0, 3)
  const isKept = right.every((word, index) => word === 'none' || word === made.split(' ')[index])
  return isKept ? [] : [`its colours are '${made}', the master's are '${source}'`]
}

function judgeSounds(made: readonly ReadSound[], source: readonly ReadSound[]): string[] {
  const [own] = source
  if (own === undefined) return made.length === 0 ? [] : ['there is sound']
  if (made.length === 0) return ['there is no sound']
  const findings: string[] = []
  for (const { channels, language, endSeconds } of made) {
    // QuickTime's number 0 is English, and here it is no language.
    const like = source.filter((one) => one.language === language || one.language === 'und')
    if (like.length === 0) findings.push(`no sound of the master is in '${language}'`)
    if (!like.some((one) => Math.min(2, one.channels) === channels)) findings.push(`it has ${channels} channels`)
    const ends = like.map((one) => Math.abs(one.endSeconds - endSeconds))
    if (Math.min(...ends) > END_SLACK_SECONDS) findings.push(`its sound ends at ${endSeconds.toFixed(3)}`)
  }
  return findings
}

/** Old containers that mediabunny does not know are read by ffprobe, packet by packet. */
async function readSource(file: string): Promise<ReadFile> {
  if (!/\.(avi|mpg)$/.test(file)) return readByMediabunny(file)
  const { streams } = await probeJson<Probed>(file, '-show_streams')
  const { packets } = await probeJson<Probed>(
    file,
    '-show_frames',
    '-show_entries',
    'frame=pts_time,duration_time,stream_index',
  ).then(({ frames = [] }) => ({ packets: frames }))
  const timesOf = (index: number): number[] =>
    packets
      .filter((one) => one.stream_index === index)
      .map((one) => Number(one.pts_time))
      .sort((a, b) => a - b)
  const first = Math.min(...packets.map(({ pts_time }) => Number(pts_time)))
  return {
    pictures: streams
      .filter(({ codec_type }) => codec_type === 'video')
      .map((stream) => probedPicture(stream, timesOf(stream.index))),
    sounds: streams
      .filter(({ codec_type }) => codec_type === 'audio')
      .map(({ index, channels = 0 }) => {
        const endSeconds = (timesOf(index).at(-1) ?? 0) - first
        return { codec: '', channels, sampleRateHz: 0, language: 'und', startSeconds: 0, endSeconds }
      }),
  }
}

interface Probed {
  streams: {
    index: number
    codec_type: string
    width?: number
    height?: number
    channels?: number
    sample_aspect_ratio?: string
  }[]
  frames?: { pts_time: string; stream_index: number }[]
}

function probedPicture(
  { width = 0, height = 0, sample_aspect_ratio = '1:1' }: Probed['streams'][number],
  times: number[],
): ReadPicture {
  const [num = 1, den = 1] = sample_aspect_ratio.split(':').map(Number)
  const widthPx = num > 0 ? (width * num) / den : width
  return { codec: '', widthPx, heightPx: height, rotation: 0, colour: 'none none none limited', times, endSeconds: 0 }
}
