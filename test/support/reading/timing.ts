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
  startsWithKeyframe: boolean
}

interface Packets {
  packets: { pts_time: string; flags: string; size: string }[]
}

/** Each segment alone behind its init segment, as a player gets it after a seek. */
export async function segmentTimings(track: ReadTrack): Promise<SegmentTiming[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-reading-'))
  try {
    const timings: SegmentTiming[] = []
    for (const { file } of track.segments) {
      const alone = join(folder, 'segment.mp4')
      writeFileSync(alone, Buffer.concat([readFileSync(track.init), readFileSync(file)]))
      const { packets } = await probeJson<Packets>(alone, '-show_entries', 'packet=pts_time,flags')
      const times = packets.map((packet) => Number(packet.pts_time))
      timings.push({
        startSeconds: Math.min(...times),
        lastSeconds: Math.max(...times),
        packets: packets.length,
        startsWithKeyframe: packets[0]?.flags.startsWith('K') ?? false,
      })
    }
    return timings
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
