/** Times of packets by mediabunny, which knows edit lists and shares no code with ffmpeg. */
import { readFileSync } from 'node:fs'
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'

/** Presentation times of a track's packets, rising. */
export async function packetTimes(file: string, kind: 'video' | 'audio'): Promise<number[]> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(readFileSync(file)) })
  const track = kind === 'video' ? await input.getPrimaryVideoTrack() : await input.getPrimaryAudioTrack()
  if (track === null) throw new Error(`${file} has no ${kind}`)
  const times: number[] = []
  for await (const { timestamp } of new EncodedPacketSink(track).packets()) times.push(timestamp)
  return times.sort((one, other) => one - other)
}
