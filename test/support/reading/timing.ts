/** When things happen, measured by ffprobe on the stored bytes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { probeJson } from '../run-program'
import type { ReadTrack } from './playlists'

export interface SegmentTiming {
  /** Earliest presentation time in the segment. */
  startSeconds: number
  lastSeconds: number
  packets: number
  /** Longest time from one presentation to the next; 0 with a single one. */
  longestStepSeconds: number
  /** By the container and by the stream. */
  startsWithKeyframe: boolean
}

interface Packets {
  packets: { pts_time: string; flags: string; size: string }[]
}

/** With its parsers ffprobe calls a packet a keyframe when either the container or the stream does. */
const BY_CONTAINER = ['-fflags', 'noparse']

/** Whether the first picture that comes out of a segment alone is a keyframe of the stream. */
async function decodesFirst(file: string): Promise<boolean> {
  const words = ['-read_intervals', '%+#1', '-show_entries', 'frame=key_frame']
  const { frames } = await probeJson<{ frames?: { key_frame: number }[] }>(file, ...words)
  return frames?.[0]?.key_frame === 1
}

/** Each segment alone behind its init segment, as a player gets it after a seek. */
export async function segmentTimings(track: ReadTrack): Promise<SegmentTiming[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-reading-'))
  try {
    const timings: SegmentTiming[] = []
    for (const { file } of track.segments) {
      const alone = join(folder, 'segment.mp4')
      writeFileSync(alone, Buffer.concat([readFileSync(track.init), readFileSync(file)]))
      const { packets } = await probeJson<Packets>(alone, ...BY_CONTAINER, '-show_entries', 'packet=pts_time,flags')
      const times = packets.map((packet) => Number(packet.pts_time)).sort((one, other) => one - other)
      timings.push({
        startSeconds: times[0] ?? NaN,
        lastSeconds: times.at(-1) ?? NaN,
        packets: packets.length,
        longestStepSeconds: Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time))),
        startsWithKeyframe: (packets[0]?.flags.startsWith('K') ?? false) && (await decodesFirst(alone)),
      })
    }
    return timings
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
