/** MP4 files and segments as mediabunny reads them: a reader that shares no code with ffmpeg or the product. */
import { readFileSync } from 'node:fs'
import {
  ALL_FORMATS,
  BufferSource,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
} from 'mediabunny'
import type { ReadTrack } from './playlists'

export interface ReadPicture {
  codec: string
  /** Upright, with square pixels. */
  widthPx: number
  heightPx: number
  /** Clockwise. */
  rotation: number
  /** Primaries, transfer characteristics, matrix and range, as the file says. */
  colour: string
  /** Presentation times, rising. */
  times: number[]
  endSeconds: number
}

export interface ReadSound {
  codec: string
  channels: number
  sampleRateHz: number
  /** `und` where the file does not say. */
  language: string
  startSeconds: number
  endSeconds: number
}

export interface ReadFile {
  pictures: ReadPicture[]
  sounds: ReadSound[]
}

/** @throws When it is no file that mediabunny reads. */
export async function readByMediabunny(file: string): Promise<ReadFile> {
  return readBytes(readFileSync(file))
}

/** The init segment and all segments of a rendition as one file. */
export function readRendition({ init, segments }: ReadTrack): Promise<ReadFile> {
  return readBytes(Buffer.concat([init, ...segments.map(({ file }) => file)].map((file) => readFileSync(file))))
}

async function readBytes(bytes: Buffer): Promise<ReadFile> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) })
  try {
    const pictures: ReadPicture[] = []
    const sounds: ReadSound[] = []
    for (const track of await input.getTracks()) {
      if (track.isVideoTrack()) pictures.push(await readPicture(track))
      if (track.isAudioTrack()) sounds.push(await readSound(track))
    }
    return { pictures, sounds }
  } finally {
    input.dispose()
  }
}

async function readPicture(track: InputVideoTrack): Promise<ReadPicture> {
  const { primaries, transfer, matrix, fullRange } = await track.getColorSpace()
  const packets = await packetsOf(track)
  return {
    codec: (await track.getCodecParameterString()) ?? 'unknown',
    widthPx: await track.getDisplayWidth(),
    heightPx: await track.getDisplayHeight(),
    rotation: await track.getRotation(),
    colour: [primaries, transfer, matrix, fullRange === true ? 'full' : 'limited']
      .map((one) => one ?? 'none')
      .join(' '),
    times: packets.map(({ timestamp }) => timestamp).sort((one, other) => one - other),
    endSeconds: endOf(packets),
  }
}

async function readSound(track: InputAudioTrack): Promise<ReadSound> {
  const packets = await packetsOf(track)
  return {
    codec: (await track.getCodecParameterString()) ?? 'unknown',
    channels: await track.getNumberOfChannels(),
    sampleRateHz: await track.getSampleRate(),
    language: await track.getLanguageCode(),
    startSeconds: Math.min(...packets.map(({ timestamp }) => timestamp)),
    endSeconds: endOf(packets),
  }
}

interface Packet {
  timestamp: number
  duration: number
}

async function packetsOf(track: InputVideoTrack | InputAudioTrack): Promise<Packet[]> {
  const packets: Packet[] = []
  for await (const packet of new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true })) {
    packets.push({ timestamp: packet.timestamp, duration: packet.duration })
  }
  return packets
}

function endOf(packets: readonly Packet[]): number {
  return Math.max(0, ...packets.map(({ timestamp, duration }) => timestamp + duration))
}
