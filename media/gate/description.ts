/**
 * An asset as the gate is told of it: texts, sizes and what was measured in the media. Who reads or knows all this is
 * elsewhere (the publish handler has it from markers, `gantry verify` from the objects).
 *
 * Paths are relative to the folder of the multivariant playlist, with `/` between parts.
 */

export interface AssetDescription {
  /** Path of the playlist that a player begins with; of an MPD that is looked at alone its own. */
  master: string
  /** Path of the MPD, where there is one; its text is with those of the playlists. */
  manifest?: string
  /** Texts by path, that of the master included. One that could not be read is not there. */
  playlists: ReadonlyMap<string, string>
  /** All that the playlists name; null for what is not there. What was not looked at is not in it. */
  objects: ReadonlyMap<string, FoundObject | null>
  /** What the records say of objects. */
  recorded: ReadonlyMap<string, RecordedObject>
  /** What was taken off all measured times; nothing where it is absent. */
  mediaZeroSeconds?: number
  /** By path of the media playlist. */
  media: ReadonlyMap<string, PlaylistMedia>
  /** By path of the I-frame playlist. */
  iFrames: ReadonlyMap<string, IFrameMedia>
  /** Null where nothing is known but the playlists. */
  expected: ExpectedAsset | null
}

export interface FoundObject {
  bytes: number
  /** Hex; absent where the bytes were not read. */
  sha256?: string
}

export interface RecordedObject {
  bytes: number
  sha256?: string
}

/** What has to be there, from the plan of a run or from the asset's own record. */
export interface ExpectedAsset {
  /** Playlists of all renditions. */
  renditions: readonly ExpectedRendition[]
  /** I-frame playlists. */
  iFrames: readonly string[]
}

export interface ExpectedRendition {
  playlist: string
  kind: 'video' | 'audio' | 'captions'
  segments?: number
  bytes?: number
  /** Pictures or coded sound frames of all segments together. */
  samples?: number
}

export interface PlaylistMedia {
  /** By `initKey`. */
  inits: ReadonlyMap<string, InitLook>
  /** In the order of the playlist; null for what was not measured. */
  segments: readonly (SegmentLook | null)[]
}

export interface IFrameMedia {
  /** By `initKey`. */
  inits: ReadonlyMap<string, InitLook>
  /** In the order of the playlist; null for what was not measured. */
  pictures: readonly (PictureLook | null)[]
}

export type PictureLook = FirstPicture | PictureFault

/** The sample that the fragment at the beginning of a range begins with. */
export interface FirstPicture {
  startSeconds: number
  isKeyframe: boolean
  /** From the beginning of the range to the end of the sample, at least. */
  bytes: number
}

/** `start`: no fragment begins there. `cut`: its tables are not whole. */
export interface PictureFault {
  fault: 'start' | 'cut'
  message: string
}

export type InitLook = { tracks: readonly TrackFacts[] } | { fault: string }

export interface TrackFacts {
  kind: 'video' | 'audio'
  /** RFC 6381. */
  codec: string
  timescaleHz: number
  /** As coded, and as shown by the track header where that differs. */
  widthPx?: number
  heightPx?: number
  shownPx?: { widthPx: number; heightPx: number }
  /** Null where the init segment does not tell. */
  range?: 'SDR' | 'PQ' | 'HLG' | null
  channels?: number
}

export type SegmentLook = { tracks: readonly TrackMeasure[] } | { fault: string } | { text: string }

/** One track of one segment. */
export interface TrackMeasure {
  kind: 'video' | 'audio'
  /** Earliest presentation, and when the sample shown last is over. */
  startSeconds: number
  endSeconds: number
  /** Where the boxes were read. */
  decodeStartSeconds?: number
  decodeEndSeconds?: number
  samples: number
  startsWithKeyframe: boolean
  /** Shortest time between two samples. */
  shortestSeconds?: number
  /** What a decoder says, where one was asked. */
  complaint?: string
}

/** Init segments are told apart by their resource and the part of it. */
export function initKey(path: string, range: { offset: number; bytes: number } | null): string {
  return range === null ? path : `${path}@${range.offset}+${range.bytes}`
}
