/**
 * What ffmpeg's reader of MP4 edit lists takes off the pictures' times.
 *
 * Where a list begins within a picture, as when the head was trimmed, the reader drops that picture and lets the next one
 * begin at 0; the sound begins where the list says. So sound and picture part by up to a picture. Without the reader of
 * whole lists (`-advanced_editlist 0`) the same packet has the time that the container says.
 */
import { z } from 'zod'
import type { SourceFacts } from '../contract/source'

/** A picture lasts no longer in any master of moving pictures; more is a list of a form that is not understood. */
const MAX_LEAD_SECONDS = 1

const PACKETS = z.object({ packets: z.array(z.object({ pts_time: z.string(), flags: z.string() })).min(1) })

/** @param ffprobe Runs it on the master with these words, and gives what it prints; empty when it fails. */
export async function withPictureLead(
  facts: SourceFacts,
  ffprobe: (words: readonly string[]) => Promise<string>,
): Promise<SourceFacts> {
  const { container, video } = facts
  if (container !== 'mp4' || video === null) return facts
  const first = ['-select_streams', String(video.streamIndex), '-show_packets', '-read_intervals', '%+#1']
  const edited = readPacket(await ffprobe(first))
  if (edited?.isDropped !== true) return facts
  const told = readPacket(await ffprobe(['-advanced_editlist', '0', ...first]))
  const leadSeconds = told === null ? 0 : told.seconds - edited.seconds
  return leadSeconds > 0 && leadSeconds < MAX_LEAD_SECONDS ? { ...facts, video: { ...video, leadSeconds } } : facts
}

function readPacket(output: string): { seconds: number; isDropped: boolean } | null {
  const [packet] = PACKETS.safeParse(parsed(output)).data?.packets ?? []
  const seconds = Number(packet?.pts_time)
  return packet === undefined || Number.isNaN(seconds) ? null : { seconds, isDropped: packet.flags.includes('D') }
}

/** Null where ffprobe failed or was cut: then the times are left as they are. */
function parsed(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return null
  }
}
