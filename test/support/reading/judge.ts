/**
 * The judgement of a published asset without any code of the product: all findings as sentences, none when it is right.
 * Measured by ffmpeg and ffprobe, parsed by hls-parser.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { probeJson } from '../run-program'
import { topBoxes } from './boxes'
import { complaints, pictureCount, soundSpan } from './decoding'
import { averageBps, peakSegmentBps } from './peak'
import { judgePictures } from './pictures'
import { readVariants, runFolderOf, type ReadTrack, type ReadVariant } from './playlists'
import { segmentTimings, type SegmentTiming } from './timing'

/** AAC encoders prime with one frame and fill the last one up: at 44.1 kHz at most 47 ms, and a gap filter of 2 frames. */
const SOUND_SLACK_SECONDS = 0.06
const PRIMING_SECONDS = 1_024 / 48_000

export async function judgeAsset(masterPath: string, sourcePath: string): Promise<string[]> {
  try {
    const variants = readVariants(masterPath)
    const sources = await factsOf(sourcePath)
    const timings = new Map<string, SegmentTiming[]>()
    for (const variant of variants) timings.set(variant.id, await segmentTimings(variant.track))
    return [
      ...(await judgeDecoding(masterPath, variants)),
      ...judgeGrid(variants, timings, sources.pictures),
      ...variants.flatMap(judgeBandwidth),
      ...(await judgeCodecs(variants)),
      ...(await judgeSound(variants, sources.soundEndSeconds)),
      ...(await judgeMp4s(masterPath, sources)),
      ...(sources.pictures > 0 ? await judgePictures(masterPath, lengthOf(variants[0]?.track)) : []),
    ]
  } catch (error) {
    return [`it cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
}

interface SourceTruth {
  pictures: number
  soundEndSeconds: number | null
}

async function factsOf(sourcePath: string): Promise<SourceTruth> {
  return {
    pictures: await pictureCount(sourcePath),
    soundEndSeconds: (await soundSpan(sourcePath))?.endSeconds ?? null,
  }
}

function lengthOf(track: ReadTrack | undefined): number {
  return track?.segments.reduce((sum, segment) => sum + segment.durationSeconds, 0) ?? 0
}

async function judgeDecoding(masterPath: string, variants: readonly ReadVariant[]): Promise<string[]> {
  const playlists = new Set([
    masterPath,
    ...variants.flatMap(({ track, sound }) => [track.playlist, sound?.playlist ?? '']),
  ])
  const findings: string[] = []
  for (const playlist of playlists) {
    if (playlist === '') continue
    for (const line of await complaints(playlist))
      findings.push(`${basename(dirname(playlist))}: decoder says: ${line}`)
  }
  return findings
}

/** Keyframes at starts, the same starts in every rung, durations as written, pictures as many as the master's. */
function judgeGrid(
  variants: readonly ReadVariant[],
  timings: ReadonlyMap<string, SegmentTiming[]>,
  pictures: number,
): string[] {
  const findings: string[] = []
  const [leading] = variants
  const grid = timings.get(leading?.id ?? '') ?? []
  for (const { id, track } of variants) {
    const own = timings.get(id) ?? []
    own.forEach((timing, index) => {
      const written = track.segments[index]?.durationSeconds ?? 0
      const next = own[index + 1]?.startSeconds
      if (!timing.startsWithKeyframe) findings.push(`${id}: segment ${index} does not start with a keyframe`)
      if (timing.startSeconds !== grid[index]?.startSeconds) findings.push(`${id}: segment ${index} is off the grid`)
      if (next !== undefined && Math.abs(next - timing.startSeconds - written) > 0.001) {
        findings.push(`${id}: segment ${index} lasts ${next - timing.startSeconds} s, EXTINF says ${written}`)
      }
      if (Math.round(written) > track.targetSeconds)
        findings.push(`${id}: segment ${index} is over the target duration`)
    })
    if (own.length !== grid.length) findings.push(`${id}: ${own.length} segments, the first rung has ${grid.length}`)
    const count = own.reduce((sum, timing) => sum + timing.packets, 0)
    if (pictures > 0 && count !== pictures) findings.push(`${id}: ${count} pictures, the master decodes to ${pictures}`)
  }
  return findings
}

function judgeBandwidth({ id, track, sound, bandwidthBps, averageBps: average }: ReadVariant): string[] {
  const both = [track, ...(sound === null ? [] : [sound])]
  const peak = both.reduce((sum, one) => sum + peakSegmentBps(one.segments, one.targetSeconds), 0)
  const mean = both.reduce((sum, one) => sum + averageBps(one.segments), 0)
  const findings: string[] = []
  if (bandwidthBps < peak || bandwidthBps > 1.1 * peak)
    findings.push(`${id}: BANDWIDTH ${bandwidthBps}, peak is ${peak}`)
  if (Math.abs(average - mean) > 0.01 * mean) findings.push(`${id}: AVERAGE-BANDWIDTH ${average}, it is ${mean}`)
  return findings
}

interface Streams {
  streams: {
    codec_type: string
    codec_name: string
    width?: number
    height?: number
    level?: number
    sample_aspect_ratio?: string
    start_time?: string
    nb_read_packets?: string
  }[]
}

async function judgeCodecs(variants: readonly ReadVariant[]): Promise<string[]> {
  const findings: string[] = []
  for (const { id, track, codecs, widthPx, heightPx } of variants) {
    const { streams } = await probeJson<Streams>(track.playlist, '-show_streams')
    const [stream] = streams
    if (stream?.codec_type === 'video') {
      const level = Number(stream.level).toString(16).padStart(2, '0')
      if (!new RegExp(`^avc1\\.[0-9a-f]{4}${level}(,|$)`).test(codecs))
        findings.push(`${id}: CODECS ${codecs}, level is ${level}`)
      if (stream.width !== widthPx || stream.height !== heightPx) {
        findings.push(
          `${id}: RESOLUTION ${String(widthPx)}x${String(heightPx)}, it is ${String(stream.width)}x${String(stream.height)}`,
        )
      }
      if (!['1:1', undefined].includes(stream.sample_aspect_ratio)) findings.push(`${id}: pixels are not square`)
    } else if (!codecs.startsWith('mp4a.40.2')) findings.push(`${id}: CODECS ${codecs} for sound alone`)
  }
  return findings
}

async function judgeSound(variants: readonly ReadVariant[], sourceEndSeconds: number | null): Promise<string[]> {
  const tracks = new Set(
    variants.map(({ sound, widthPx, track }) => sound?.playlist ?? (widthPx === null ? track.playlist : '')),
  )
  tracks.delete('')
  if (sourceEndSeconds === null) return tracks.size === 0 ? [] : ['there is sound, the master has none']
  if (tracks.size !== 1) return [`${tracks.size} sound renditions, one is expected`]
  const span = await soundSpan([...tracks][0] ?? '')
  if (span === null) return ['the sound cannot be decoded']
  const length = span.endSeconds - span.startSeconds - PRIMING_SECONDS
  if (Math.abs(length - sourceEndSeconds) <= SOUND_SLACK_SECONDS) return []
  return [`the sound lasts ${length.toFixed(3)} s, the master's ends at ${sourceEndSeconds.toFixed(3)} s`]
}

async function judgeMp4s(masterPath: string, { pictures, soundEndSeconds }: SourceTruth): Promise<string[]> {
  const folder = join(runFolderOf(masterPath), 'mp4')
  if (!existsSync(folder)) return ['there are no MP4s']
  const findings: string[] = []
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    const order = topBoxes(file)
    if (order.indexOf('moov') < 0 || order.indexOf('moov') > order.indexOf('mdat'))
      findings.push(`${name}: moov is not first`)
    for (const line of await complaints(file)) findings.push(`${name}: decoder says: ${line}`)
    const { streams } = await probeJson<Streams>(file, '-count_packets', '-show_streams')
    const video = streams.find((stream) => stream.codec_type === 'video')
    const sound = streams.find((stream) => stream.codec_type === 'audio')
    if (pictures > 0 && Number(video?.nb_read_packets) !== pictures) {
      findings.push(`${name}: ${String(video?.nb_read_packets)} pictures, the master decodes to ${pictures}`)
    }
    if ((soundEndSeconds === null) !== (sound === undefined))
      findings.push(`${name}: sound is ${sound ? 'there' : 'missing'}`)
    const apart = Math.abs(Number(video?.start_time ?? 0) - Number(sound?.start_time ?? 0))
    if (video && sound && apart > 0.001) findings.push(`${name}: picture and sound start ${apart} s apart`)
  }
  return findings
}
