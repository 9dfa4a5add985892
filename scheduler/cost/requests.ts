/** Pure: how many requests a run makes to the object store. Deletions are free there and are not counted. */
import { CAPTION_SEGMENT_SECONDS } from '../../core/contract/job'
import type { MasterWork } from './work'

export interface RequestCount {
  /** PUT, POST and LIST: one price. */
  puts: number
  /** GET and HEAD: one price. */
  gets: number
}

/** core/adapters/s3-upload.ts */
const PART_BYTES = 8 * 2 ** 20
/** A block lasts its reader about a second (core/adapters/reply-pace.ts): pictures are read slowly, sound as fast as it comes. */
const PICTURE_BLOCK_BYTES = 2 ** 20
const SOUND_BLOCK_BYTES = 8 * 2 ** 20
/** The index of the master, at one of its ends. */
const BLOCKS_TO_OPEN = 2

/** Source, open entry, intent, final record, and three events with the mark that each was told. */
const STATE_PUTS = 10
/** What a run with a picture says of the speeds, in a record of its own and in the fleet's (scheduler/learn.ts). */
const LEARNED_PUTS = 2
const LEARNED_GETS = 3
const PIECES_LOOKED_AT = 16
/** `master.m3u8` and `asset.json`. */
const PUBLIC_PUTS = 2
/** Poster and the cues of the sprite sheets. */
const PICTURE_PUTS = 2

/**
 * From what the plan says; retries and repeated attempts are not in it. Every stored object is looked at once before
 * publication (HEAD), the init segments are read there, and each MP4 reads its rung's and the sound's segments again,
 * with the tables kept of each piece. I-frame playlists are written from these tables and the rung's init segment.
 */
export function requestsOf(work: MasterWork): RequestCount {
  const { durationSeconds, picture, rungs, sounds, mp4Files } = work
  const perTrack = Math.max(1, Math.ceil(durationSeconds / work.segmentSeconds))
  const tracks = rungs.length + sounds.length
  const media = tracks * (perTrack + 1)
  const slices = picture?.pieces ?? 0
  const tables = rungs.length * slices + sounds.length
  const mp4 = mp4Parts(work)
  const pictures = pictureFiles(work)
  const texts = work.captionTracks * (Math.ceil(durationSeconds / CAPTION_SEGMENT_SECONDS) + 2)
  const copies = picture?.isCopied === true ? 1 : 0
  const pieces = slices + sounds.length + (work.captionTracks > 0 ? 1 : 0)
  const jobs = copies + pieces + mp4Files + (work.thumbnails === null ? 0 : 1) + 2
  const looks = media + tracks + mp4Files + pictures + texts
  const iFrames = work.hasIFrames ? rungs.length : 0
  const playlists = tracks + work.captionTracks + iFrames
  const opened = BLOCKS_TO_OPEN * (pieces + copies)
  // Pieces share the pictures between them; a copy of the pictures is read after all of the master was.
  const readings =
    opened +
    (picture === null ? 0 : (1 + copies) * Math.ceil(work.masterBytes / PICTURE_BLOCK_BYTES)) +
    (pieces - slices) * Math.ceil(work.masterBytes / SOUND_BLOCK_BYTES)
  const remuxed = mp4Files * ((1 + sounds.length) * (perTrack + 1) + slices + sounds.length)
  const learned = slices > 0 ? { puts: LEARNED_PUTS, gets: LEARNED_GETS } : { puts: 0, gets: 0 }
  const stored = copies * copyParts(work) + media + tables + playlists + mp4 + pictures + texts
  return {
    puts: stored + jobs + STATE_PUTS + PUBLIC_PUTS + learned.puts,
    gets:
      readings +
      remuxed +
      iFrames * (1 + slices) +
      looks +
      2 * jobs +
      learned.gets +
      Math.min(slices, PIECES_LOOKED_AT),
  }
}

/** The media in parts, begun and ended, its index, and the list of what is removed at the end. */
function copyParts({ masterBytes }: MasterWork): number {
  return partRequests(masterBytes) + 2
}

/** A file above one part costs a request for each, one to begin and one to end. */
function partRequests(bytes: number): number {
  const parts = Math.ceil(bytes / PART_BYTES)
  return parts > 1 ? parts + 2 : 1
}

function mp4Parts({ rungs, sounds, mp4Files, durationSeconds }: MasterWork): number {
  const soundBps = sounds[0]?.bitrateBps ?? 0
  const rates = rungs.length > 0 ? rungs.map((rung) => rung.maxBitrateBps + soundBps) : [soundBps]
  return rates.slice(0, mp4Files).reduce((sum, bps) => sum + partRequests((bps * durationSeconds) / 8), 0)
}

function pictureFiles({ thumbnails, durationSeconds }: MasterWork): number {
  if (thumbnails === null) return 0
  const images = Math.ceil(durationSeconds / thumbnails.imageIntervalSeconds)
  const tiles = Math.ceil(durationSeconds / thumbnails.spriteIntervalSeconds)
  return PICTURE_PUTS + images + Math.max(1, Math.ceil(tiles / thumbnails.tilesPerSprite))
}
