/** The language of ladder files: what is in them, and how messages and editors speak of it. */
import { rootOf, type Language } from '../language/language'
import { ladderSchema, type Ladder } from './schema'

/** What each field is for, in the words of `docs/ladders.md`; a test holds the two together. */
const MEANINGS: Readonly<Record<string, string>> = {
  name: 'Shown in reports.',
  description: 'For people.',
  segmentSeconds: 'Length of a segment; a multiple of `gopSeconds`.',
  gopSeconds: 'Time between keyframes.',
  rungs: 'The renditions of the picture; none makes an audio-only asset of every master.',
  'rungs[].id': "Folder name of the rendition; each its own, the sounds' included.",
  'rungs[].shortSidePx':
    'The shorter side of the picture: the height of a landscape picture, the width of a portrait one.',
  'rungs[].codec': 'Picture codec. HEVC is written as `hvc1`, AV1 by SVT-AV1 at a constant picture rate.',
  'rungs[].bits': 'Depth of a sample; 10 for hevc and av1 only.',
  'rungs[].crf':
    "Constant quality on the codec's own scale; lower is better and larger, 6 less is about twice the size. At most 40 for h264 and hevc.",
  'rungs[].bitrateBps': 'Average bit rate to aim for, in place of `crf`.',
  'rungs[].maxBitrateBps':
    'Cap on the bit rate, over a buffer of 2 seconds; not below that of a smaller rung of the codec.',
  'rungs[].maxFps': 'A master with more pictures a second gets every second of them (or fourth, eighth).',
  'rungs[].preset': 'Slower ones make smaller files at more cost.',
  'rungs[].profile': "H.264 profile; only players of old age need a lower one. The other codecs' follows from `bits`.",
  'rungs[].required':
    'Whether a master fails when this rung cannot be encoded. One that is not required is left out then, with a warning.',
  audio: 'The forms each sound is made in; every rung is offered with each.',
  'audio[].id': 'Folder name, and id of the group in the playlist.',
  'audio[].codec': 'Sound codec.',
  'audio[].bitrateBps': 'Bit rate at these channels; fewer channels get their share. At least 192_000 for 6.',
  'audio[].channels':
    'Masters with more are mixed down; one with fewer keeps its own where the ladder has no smaller form.',
  'audio[].loudnessLufs':
    'Loudness of the whole by EBU R128, reached by one gain from start to end; -23 for broadcast, -16 usual for the web.',
  hdr: 'What becomes of a PQ or HLG master: BT.709 in every rung, or kept in those with 10 bits and mapped in the others.',
  captions: 'Whether text subtitles become WebVTT renditions.',
  thumbnails: 'Pictures for previews and posters.',
  'thumbnails.posterAtFraction': 'Where the poster is taken: 0 is the start of the master, 1 its end.',
  'thumbnails.posterMaxWidthPx': 'Largest width of the poster.',
  'thumbnails.imageIntervalSeconds': 'Time between single pictures; at least `gopSeconds`.',
  'thumbnails.imageWidthPx': 'Width of a single picture.',
  'thumbnails.spriteIntervalSeconds': 'Time between tiles for the seek bar; at least `gopSeconds`.',
  'thumbnails.spriteTileWidthPx': 'Width of a tile.',
  'thumbnails.spriteColumns': 'Tiles beside each other on a sheet.',
  'thumbnails.spriteRows': 'Rows of tiles on a sheet.',
  mp4: 'Also make a progressive MP4 of every rung.',
  packaging: 'What is written beside the HLS playlists, over the same segments.',
  'packaging.iFrames': 'I-frame playlists, by which players show pictures while they wind.',
  'packaging.dash': 'Also `manifest.mpd`, for DASH players.',
  'packaging.early': 'Also `early.m3u8`, which plays what is encoded already while the rest is being encoded.',
}

const OTHER_NAMES: Language<Ladder>['otherNames'] = {
  height: ['shortSidePx'],
  heightpx: ['shortSidePx'],
  width: ['shortSidePx'],
  widthpx: ['shortSidePx'],
  resolution: ['shortSidePx'],
  size: ['shortSidePx'],
  bitrate: ['maxBitrateBps', 'bitrateBps'],
  maxrate: ['maxBitrateBps'],
  maxbitrate: ['maxBitrateBps'],
  maxchannels: ['channels'],
  framerate: ['maxFps'],
  fps: ['maxFps'],
  bitdepth: ['bits'],
  loudness: ['loudnessLufs'],
  lufs: ['loudnessLufs'],
  segmentduration: ['segmentSeconds'],
  keyframeinterval: ['gopSeconds'],
  gop: ['gopSeconds'],
  columns: ['spriteColumns'],
  rows: ['spriteRows'],
  renditions: ['rungs'],
  ladder: ['rungs'],
  video: ['rungs'],
}

export const LADDER: Language<Ladder> = {
  noun: 'a ladder',
  code: 'LADDER_INVALID',
  schema: ladderSchema,
  root: rootOf(ladderSchema),
  otherNames: OTHER_NAMES,
  meanings: MEANINGS,
  title: 'Gantry ladder',
  description: 'Which renditions Gantry makes of a master. Rules between fields: gantry ladders check FILE',
}
