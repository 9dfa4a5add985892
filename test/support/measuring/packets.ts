/** Packets of a file in order of decoding, track by track: by ffprobe, and by mediabunny, which shares no code with it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'
import { probeJson } from '../run-program'

export interface ReadPacket {
  ptsSeconds: number
  /** Null where the reader does not tell. */
  dtsSeconds: number | null
  bytes: number
  /** MD5 of the data, hex. */
  hash: string
}

interface Probed {
  streams: { index: number }[]
  packets: { stream_index: number; pts_time: string; dts_time: string; size: string; data_hash: string }[]
}

export async function packetsByFfprobe(file: string): Promise<ReadPacket[][]> {
  const entries = 'packet=stream_index,pts_time,dts_time,size,data_hash:stream=index'
  const { streams, packets } = await probeJson<Probed>(file, '-show_data_hash', 'md5', '-show_entries', entries)
  return streams.map(({ index }) =>
    packets
      .filter((packet) => packet.stream_index === index)
      .map(({ pts_time, dts_time, size, data_hash }) => ({
        ...{ ptsSeconds: Number(pts_time), dtsSeconds: Number(dts_time), bytes: Number(size) },
        hash: data_hash.replace(/^MD5:/i, ''),
      })),
  )
}

export async function packetsByMediabunny(file: string): Promise<ReadPacket[][]> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(readFileSync(file)) })
  try {
    const tracks: ReadPacket[][] = []
    for (const track of await input.getTracks()) {
      if (!track.isVideoTrack() && !track.isAudioTrack()) continue
      const packets: ReadPacket[] = []
      for await (const { timestamp, data } of new EncodedPacketSink(track).packets()) {
        const hash = createHash('md5').update(data).digest('hex')
        packets.push({ ptsSeconds: timestamp, dtsSeconds: null, bytes: data.byteLength, hash })
      }
      tracks.push(packets)
    }
    return tracks
  } finally {
    input.dispose()
  }
}
