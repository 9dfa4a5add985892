/**
 * The index of a progressive file (ISO/IEC 14496-12, 8.2 to 8.7). What describes codec, picture and sound is taken from
 * the track's init segment, byte for byte.
 */
import { box, fullBox, timeField, timeVersion, uints, longInts, type BoxBytes } from './box-bytes'
import { boxAtPath, boxes, viewOf, type Box } from './boxes'
import { readInit } from './init'
import { packedLanguage } from './packed-language'
import type { SampleTables } from './progressive-tables'

export interface ProgressiveTrack {
  /** ftyp and moov. */
  init: Uint8Array
  tables: SampleTables
  /** Presentation time, by the fragments' clock, that the file shows at 0. */
  zeroTicks: number
  /** When the last sample shown is over, by the same clock. */
  endTicks: number
  /** BCP 47 in canonical form. */
  language: string | null
  /** Whether players take it without being asked. */
  isEnabled: boolean
}

const FAST_START_BRANDS = ['isom', 'iso2', 'mp41']
/** Of files with signed composition offsets. */
const SIGNED_OFFSETS_BRAND = 'iso4'

/** `isom`, and what else a reader has to know: the brand of the pictures' codec where there is one. */
export function ftyp(tracks: readonly ProgressiveTrack[]): BoxBytes {
  const entries = tracks.map(({ init }) => describe(init).entryType)
  const codecs = ['avc1', 'av01'].filter((brand) => entries.includes(brand))
  const brands = [...FAST_START_BRANDS, SIGNED_OFFSETS_BRAND, ...codecs]
  return box('ftyp', [Buffer.from('isom', 'latin1'), uints(512), Buffer.from(brands.join(''), 'latin1')])
}

/** @param chunkBox Where the chunks of a track are in the file: `stco` or `co64`. */
export function moov(tracks: readonly ProgressiveTrack[], chunkBox: (trackIndex: number) => BoxBytes): BoxBytes {
  const described = tracks.map((track) => ({ track, facts: describe(track.init) }))
  // The pictures' own clock, so that their times are exact; whole ticks of it are less than a sample of sound.
  const movieHz = described[0]?.facts.timescaleHz ?? 1
  const movieTicks = Math.max(...described.map(({ track, facts }) => totalTicks(editsOf(track, facts, movieHz))))
  return box(
    'moov',
    mvhd(movieHz, movieTicks, tracks.length + 1),
    ...described.map(({ track, facts }, index) =>
      box(
        'trak',
        tkhd(index + 1, track, facts, movieHz),
        edts(editsOf(track, facts, movieHz)),
        box('mdia', mdhd(track, facts), [facts.handlerBox], minf(track, facts, chunkBox(index))),
      ),
    ),
  )
}

function minf(track: ProgressiveTrack, facts: TrackFacts, chunkBox: BoxBytes): BoxBytes {
  const samples = box('stbl', [facts.descriptionBox], track.tables.boxes, chunkBox, preRoll(track, facts))
  return box('minf', facts.mediaHeaders, samples)
}

interface TrackFacts {
  kind: 'video' | 'audio'
  timescaleHz: number
  editTicks: number
  /** Of the sample entry. */
  entryType: string
  volume: number
  /** Matrix, width and height of `tkhd`. */
  placement: Uint8Array
  handlerBox: Uint8Array
  /** All of `minf` but `stbl`. */
  mediaHeaders: BoxBytes
  /** `stsd`. */
  descriptionBox: Uint8Array
}

/** Matrix of nine numbers, width, height (8.3.2); before them volume and 2 reserved bytes. */
const PLACEMENT_BYTES = 44

function describe(init: Uint8Array): TrackFacts {
  const { kind, timescaleHz, editTicks } = readInit(init)
  const track = boxAtPath(init, ['moov', 'trak'])
  const header = boxAtPath(init, ['tkhd'], track)
  const information = boxAtPath(init, ['mdia', 'minf'], track)
  const description = boxAtPath(init, ['stbl', 'stsd'], information)
  const copy = ({ start, end }: Box): Uint8Array => init.subarray(start, end)
  return {
    ...{ kind, timescaleHz, editTicks },
    entryType: Buffer.from(init.subarray(description.payload + 12, description.payload + 16)).toString('latin1'),
    volume: viewOf(init).getUint16(header.end - PLACEMENT_BYTES - 4),
    placement: init.subarray(header.end - PLACEMENT_BYTES, header.end),
    handlerBox: copy(boxAtPath(init, ['mdia', 'hdlr'], track)),
    mediaHeaders: boxes(init, information.payload, information.end)
      .filter(({ type }) => type !== 'stbl')
      .map(copy),
    descriptionBox: copy(description),
  }
}

/**
 * Media time that is shown at 0; media time begins with the first sample decoded. What comes before (priming of sound,
 * delay of reordered pictures) is taken off; where it is negative the track begins late.
 */
function leadTicks({ tables, zeroTicks }: ProgressiveTrack, { editTicks }: TrackFacts): number {
  return zeroTicks + editTicks - tables.firstDecodeTicks
}

/** In ticks of the file but for `mediaTicks`. */
interface Edits {
  pauseTicks: number
  shownTicks: number
  mediaTicks: number
}

function editsOf(track: ProgressiveTrack, facts: TrackFacts, movieHz: number): Edits {
  const lead = leadTicks(track, facts)
  const late = Math.max(0, -lead)
  const inMovie = (ticks: number): number => (ticks * movieHz) / facts.timescaleHz
  return {
    pauseTicks: Math.round(inMovie(late)),
    // Rounded up, since a reader may leave out a sample that ends behind the edit.
    shownTicks: Math.ceil(inMovie(track.endTicks - track.zeroTicks - late)),
    mediaTicks: Math.max(0, lead),
  }
}

function totalTicks({ pauseTicks, shownTicks }: Edits): number {
  return pauseTicks + shownTicks
}

const RATE_1 = 0x10000

/** 8.6.6; an edit of media time -1 is a pause. */
function edts({ pauseTicks, shownTicks, mediaTicks }: Edits): BoxBytes {
  const rows = [...(pauseTicks > 0 ? [[pauseTicks, -1] as const] : []), [shownTicks, mediaTicks] as const]
  const version = timeVersion(pauseTicks, shownTicks, 2 * mediaTicks)
  const field = (value: number): Uint8Array => (version === 1 ? longInts(value) : uints(value >>> 0))
  const table = rows.flatMap(([ticks, media]) => [field(ticks), field(media), uints(RATE_1)])
  return box('edts', fullBox('elst', version, 0, [uints(rows.length), ...table]))
}

const UNIT_MATRIX = uints(RATE_1, 0, 0, 0, RATE_1, 0, 0, 0, 0x40000000)

/** 8.2.2. Times of creation are left at 0: the same segments give the same file. */
function mvhd(movieHz: number, ticks: number, nextTrackId: number): BoxBytes {
  const version = timeVersion(ticks)
  const times = [timeField(version, 0), timeField(version, 0), uints(movieHz), timeField(version, ticks)]
  return fullBox('mvhd', version, 0, [
    ...times,
    uints(RATE_1, 0x1000000, 0, 0),
    UNIT_MATRIX,
    new Uint8Array(24),
    uints(nextTrackId),
  ])
}

const ENABLED = 1
const IN_MOVIE = 2

/** 8.3.2. Sounds are alternatives of each other. */
function tkhd(id: number, track: ProgressiveTrack, facts: TrackFacts, movieHz: number): BoxBytes {
  const ticks = totalTicks(editsOf(track, facts, movieHz))
  const version = timeVersion(ticks)
  const times = [timeField(version, 0), timeField(version, 0), uints(id, 0), timeField(version, ticks)]
  const group = facts.kind === 'audio' ? 1 : 0
  return fullBox('tkhd', version, IN_MOVIE + (track.isEnabled ? ENABLED : 0), [
    ...[...times, uints(0, 0), uints(group, facts.volume * 0x10000), facts.placement],
  ])
}

/** 8.4.2, and the whole tag in `elng` (8.4.6) where it says more than the language. */
function mdhd(track: ProgressiveTrack, facts: TrackFacts): BoxBytes {
  const { tables, zeroTicks, endTicks, language } = track
  const decodedTicks = tables.endDecodeTicks - tables.firstDecodeTicks
  const ticks = Math.max(decodedTicks, endTicks - zeroTicks + leadTicks(track, facts))
  const version = timeVersion(ticks)
  const times = [timeField(version, 0), timeField(version, 0), uints(facts.timescaleHz), timeField(version, ticks)]
  const header = fullBox('mdhd', version, 0, [...times, uints(packedLanguage(language) * 0x10000)])
  const isWhole = language === null || !language.includes('-')
  return isWhole ? header : [...header, ...fullBox('elng', 0, 0, [Buffer.from(`${language}\0`, 'latin1')])]
}

/** Opus needs 80 ms before the sample that is looked for; AAC the frame before. Source: Opus in ISOBMFF, 4.3.6.2. */
const OPUS_PRE_ROLL_SECONDS = 0.08

/** What a player that jumps has to decode first (8.9, 10.1): all samples are in one group that says how many. */
function preRoll({ tables }: ProgressiveTrack, { entryType, timescaleHz }: TrackFacts): BoxBytes {
  const opusFrames = Math.ceil((OPUS_PRE_ROLL_SECONDS * timescaleHz) / Math.max(1, tables.firstDurationTicks))
  const distance = entryType === 'Opus' ? -opusFrames : entryType === 'mp4a' ? -1 : 0
  if (distance === 0) return []
  const roll = Buffer.from('roll', 'latin1')
  const entry = Buffer.alloc(2)
  entry.writeInt16BE(distance)
  return [
    ...fullBox('sgpd', 1, 0, [roll, uints(2, 1), entry]),
    ...fullBox('sbgp', 0, 0, [roll, uints(1, tables.samples, 1)]),
  ]
}
