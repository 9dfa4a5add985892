/**
 * The judgement of a published asset without any code of the product: all findings as sentences, none when it is right.
 * Measured by ffmpeg and ffprobe, parsed by hls-parser. What it can find, test/integration/reading.test.ts shows.
 */
import { basename, dirname } from 'node:path'
import { judgeCodecs } from './codecs'
import { complaints, decodePictures } from './decoding'
import { judgeGrid } from './grid'
import { judgeMp4s } from './mp4'
import { averageBps, peakSegmentBps } from './peak'
import { judgePictures } from './pictures'
import { readVariants, soundTracks, type ReadVariant } from './playlists'
import { judgeSound } from './sound'
import { readMaster } from './source'

export async function judgeAsset(masterPath: string, sourcePath: string): Promise<string[]> {
  try {
    const variants = readVariants(masterPath)
    const truth = await readMaster(sourcePath)
    return [
      ...(await judgeDecoding(masterPath, variants, truth.pictures)),
      ...(await judgeGrid(variants, truth.pictures)),
      ...variants.flatMap(judgeBandwidth),
      ...(await judgeCodecs(variants, truth.shape)),
      ...(await judgeSound(variants, truth.soundEndSeconds)),
      ...(await judgeMp4s(masterPath, variants, truth)),
      ...(truth.shape === null ? [] : await judgePictures(masterPath, lengthOf(variants), truth.shape)),
    ]
  } catch (error) {
    return [`it cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
}

function lengthOf([first]: readonly ReadVariant[]): number {
  return first?.track.segments.reduce((sum, segment) => sum + segment.durationSeconds, 0) ?? 0
}

async function judgeDecoding(
  masterPath: string,
  variants: readonly ReadVariant[],
  pictures: number,
): Promise<string[]> {
  const findings: string[] = []
  const say = (name: string, lines: readonly string[]): void =>
    lines.forEach((line) => findings.push(`${name}: decoder says: ${line}`))
  for (const { id, track } of variants.filter(({ widthPx }) => widthPx !== null)) {
    const decoded = await decodePictures(track.playlist)
    say(id, decoded.complaints)
    if (decoded.pictures !== pictures) {
      findings.push(`${id}: decodes to ${decoded.pictures} pictures, the master to ${pictures}`)
    }
  }
  for (const playlist of [masterPath, ...soundTracks(variants).map((track) => track.playlist)]) {
    say(basename(dirname(playlist)), await complaints(playlist))
  }
  return findings
}

function judgeBandwidth({ id, track, sound, bandwidthBps, averageBps: average }: ReadVariant): string[] {
  const both = [track, ...(sound === null ? [] : [sound])]
  const peak = both.reduce((sum, one) => sum + peakSegmentBps(one.segments, one.targetSeconds), 0)
  const mean = both.reduce((sum, one) => sum + averageBps(one.segments), 0)
  const findings: string[] = []
  if (bandwidthBps < peak || bandwidthBps > 1.1 * peak) {
    findings.push(`${id}: BANDWIDTH ${bandwidthBps}, peak is ${peak}`)
  }
  if (Math.abs(average - mean) > 0.01 * mean) findings.push(`${id}: AVERAGE-BANDWIDTH ${average}, it is ${mean}`)
  return findings
}
