/** Pure: what ffprobe prints of packets and frames, by track. */

export interface DecodedTrack {
  kind: 'video' | 'audio'
  codecName: string
  widthPx: number | null
  heightPx: number | null
  channels: number | null
  packets: number
  frames: number
  startSeconds: number
  endSeconds: number
  /** The first packet, and the first frame that came out, are keyframes. */
  startsWithKey: boolean
}

export type Decoded = readonly DecodedTrack[]

interface Track extends DecodedTrack {
  firstPacketIsKey: boolean | null
  firstFrameIsKey: boolean | null
}

/** @param output In ffprobe's form `compact`: a line for each packet, frame and stream. */
export function decodedOf(output: string): Decoded {
  const tracks = new Map<string, Track>()
  for (const line of output.split('\n')) {
    const [what, ...fields] = line.split('|')
    const values = new Map(
      fields.map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]),
    )
    const track = trackOf(tracks, values)
    if (track === null) continue
    if (what === 'packet') addPacket(track, values)
    if (what === 'frame') {
      track.frames += 1
      track.firstFrameIsKey ??= values.get('key_frame') === '1'
    }
    if (what === 'stream') addStream(track, values)
  }
  return [...tracks.values()].map(({ firstPacketIsKey, firstFrameIsKey, ...track }) => ({
    ...track,
    startsWithKey: firstPacketIsKey === true && firstFrameIsKey !== false,
  }))
}

function trackOf(tracks: Map<string, Track>, values: ReadonlyMap<string, string>): Track | null {
  const kind = values.get('codec_type') ?? values.get('media_type')
  const index = values.get('stream_index') ?? values.get('index')
  if ((kind !== 'video' && kind !== 'audio') || index === undefined) return null
  const found = tracks.get(index) ?? {
    ...{ kind, codecName: '', widthPx: null, heightPx: null, channels: null, packets: 0, frames: 0 },
    ...{ startSeconds: Infinity, endSeconds: -Infinity, startsWithKey: false },
    ...{ firstPacketIsKey: null, firstFrameIsKey: null },
  }
  tracks.set(index, found)
  return found
}

function addPacket(track: Track, values: ReadonlyMap<string, string>): void {
  const [at, lasts] = [Number(values.get('pts_time')), Number(values.get('duration_time'))]
  track.packets += 1
  track.firstPacketIsKey ??= values.get('flags')?.startsWith('K') === true
  if (Number.isFinite(at)) track.startSeconds = Math.min(track.startSeconds, at)
  if (Number.isFinite(at)) track.endSeconds = Math.max(track.endSeconds, at + (Number.isFinite(lasts) ? lasts : 0))
}

function addStream(track: Track, values: ReadonlyMap<string, string>): void {
  const count = (name: string): number | null => {
    const value = Number(values.get(name))
    return Number.isSafeInteger(value) && value > 0 ? value : null
  }
  track.codecName = values.get('codec_name') ?? ''
  track.widthPx = count('width')
  track.heightPx = count('height')
  track.channels = count('channels')
}
