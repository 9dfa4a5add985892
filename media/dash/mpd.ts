/**
 * Our own writer of the MPD: one Period that is finished, each Representation with a list of its segments.
 *
 * Attempts have random names, so segments of one Representation follow no template: hence SegmentList, whose times are
 * in a SegmentTimeline. Source: ISO/IEC 23009-1:2022, 5.3.9.3 and 5.3.9.6; the order of elements is that of its schema
 * (annex B).
 */
import { GantryError } from '../../core/contract/errors'
import type { Rational } from '../../core/contract/rational'
import { count, refused, relativeUri } from '../hls/text'
import { segmentList, type SegmentList } from './segment-list'
import { element } from './xml'

export interface Mpd {
  durationSeconds: number
  sets: readonly AdaptationSet[]
}

export type AdaptationSet = VideoSet | AudioSet | TextSet

interface SetBase {
  /** BCP 47. */
  language?: string
  /** For people. */
  label?: string
}

export interface VideoSet extends SetBase {
  kind: 'video'
  range: 'sdr' | 'pq' | 'hlg'
  representations: readonly VideoRepresentation[]
}

export interface AudioSet extends SetBase {
  kind: 'audio'
  role: 'main' | 'alternate'
  channels: number
  sampleRateHz?: number
  representations: readonly MediaRepresentation[]
}

export interface TextSet extends SetBase {
  kind: 'text'
  isForced: boolean
  isForDeaf: boolean
  id: string
  bandwidthBps: number
  /** All of it in one WebVTT file, whose times count from the beginning of the Period. */
  uri: string
}

export interface MediaRepresentation {
  /** Unique in the MPD, without white space. */
  id: string
  bandwidthBps: number
  /** RFC 6381. */
  codec: string
  segments: SegmentList
}

export interface VideoRepresentation extends MediaRepresentation {
  widthPx: number
  heightPx: number
  fps?: Rational
}

/** Our segments are CMAF fragments in all but their brands, so the profile of CMAF is not claimed. */
const PROFILE = 'urn:mpeg:dash:profile:isoff-main:2011'
const ROLE = 'urn:mpeg:dash:role:2011'
/** Hard of hearing. Source: ETSI TS 103 285 (DVB-DASH); TV-Anytime, AudioPurposeCS. */
const FOR_DEAF = { schemeIdUri: 'urn:tva:metadata:cs:AudioPurposeCS:2007', value: '2' }
/** Source: ISO/IEC 23091-3, table 10. Other counts have more than one layout, or none. */
const CHANNEL_LAYOUTS: Readonly<Record<number, string>> = { 1: '1', 2: '2', 3: '3', 4: '4', 5: '5', 6: '6', 8: '12' }

/** @throws QUEUE_INTERNAL for an MPD of nothing, an id that stands twice, or a value that it cannot say. */
export function writeMpd({ durationSeconds, sets }: Mpd): string {
  if (sets.length === 0) throw new GantryError('QUEUE_INTERNAL', 'an MPD needs an AdaptationSet, got none')
  const ids = sets.flatMap((set) => (set.kind === 'text' ? [set.id] : set.representations.map(({ id }) => id)))
  if (new Set(ids).size < ids.length) {
    throw new GantryError('QUEUE_INTERNAL', `the Representations of an MPD must differ, got ${ids.join(', ')}`)
  }
  const longest = longestSeconds(sets)
  const attributes = {
    xmlns: 'urn:mpeg:dash:schema:mpd:2011',
    profiles: PROFILE,
    type: 'static',
    mediaPresentationDuration: durationText(durationSeconds),
    ...(longest > 0 && { maxSegmentDuration: durationText(longest) }),
    // What bandwidth.ts counts with. Source: ISO/IEC 23009-1:2022, 5.3.1.2.
    minBufferTime: durationText(longest > 0 ? longest : 1),
  }
  const period = element(
    'Period',
    { id: '1', start: 'PT0S' },
    sets.flatMap((set, index) => adaptationSet(set, String(index + 1))),
  )
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...element('MPD', attributes, period), ''].join('\n')
}

/** Rounded up to microseconds: no segment may be longer. */
function longestSeconds(sets: readonly AdaptationSet[]): number {
  const lists = sets.flatMap((set) => (set.kind === 'text' ? [] : set.representations.map(({ segments }) => segments)))
  const all = lists.map(({ times: { durations }, timescaleHz }) => {
    const longest = durations.reduce((one, other) => Math.max(one, other), 0)
    return Math.ceil((longest * 1e6) / timescaleHz) / 1e6
  })
  return Math.max(0, ...all)
}

/** xs:duration in seconds alone, to a microsecond. */
function durationText(seconds: number): string {
  if (!(seconds >= 1e-6 && seconds <= 1e9)) throw refused('a duration', '0.000001 to 1e9 s', String(seconds))
  return `PT${seconds.toFixed(6).replace(/\.?0+$/, '')}S`
}

function adaptationSet(set: AdaptationSet, id: string): string[] {
  const lang = set.language === undefined ? {} : { lang: set.language }
  const label = set.label === undefined ? [] : element('Label', {}, set.label)
  const role = (value: string): string[] => element('Role', { schemeIdUri: ROLE, value })
  const aligned = { segmentAlignment: 'true', startWithSAP: '1' }
  switch (set.kind) {
    case 'video':
      return element(
        'AdaptationSet',
        { id, contentType: 'video', mimeType: 'video/mp4', ...pictures(set), ...aligned },
        [...rangeProperties(set.range), ...role('main'), ...set.representations.flatMap(videoRepresentation)],
      )
    case 'audio':
      return element('AdaptationSet', { id, contentType: 'audio', mimeType: 'audio/mp4', ...lang, ...aligned }, [
        ...label,
        ...role(set.role),
        ...set.representations.flatMap((one) => audioRepresentation(set, one)),
      ])
    case 'text':
      return element('AdaptationSet', { id, contentType: 'text', mimeType: 'text/vtt', ...lang }, [
        ...label,
        ...(set.isForDeaf ? element('Accessibility', FOR_DEAF) : []),
        ...role(set.isForced ? 'forced-subtitle' : set.isForDeaf ? 'caption' : 'subtitle'),
        ...element('Representation', { id: set.id, bandwidth: count(set.bandwidthBps) }, [
          ...element('BaseURL', {}, relativeUri(set.uri)),
        ]),
      ])
  }
}

/** What holds for all pictures of a set; sizes are rounded to even numbers, so the plainest of their aspects is meant. */
function pictures({ representations }: VideoSet): Record<string, string> {
  const aspects = representations.map(({ widthPx, heightPx }) => {
    const divisor = greatestDivisor(widthPx, heightPx)
    return { num: widthPx / divisor, den: heightPx / divisor }
  })
  const plainest = aspects.reduce((one, other) => (other.num + other.den < one.num + one.den ? other : one))
  const rates = representations.flatMap(({ fps }) => fps ?? [])
  const fastest = rates.reduce<Rational | null>(
    (one, other) => (one !== null && one.num * other.den >= other.num * one.den ? one : other),
    null,
  )
  return {
    par: `${count(plainest.num)}:${count(plainest.den)}`,
    maxWidth: count(Math.max(...representations.map(({ widthPx }) => widthPx))),
    maxHeight: count(Math.max(...representations.map(({ heightPx }) => heightPx))),
    ...(fastest !== null && { maxFrameRate: frameRateText(fastest) }),
  }
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}

/**
 * Colour as ISO/IEC 23091-2 numbers it; SDR says nothing, which means BT.709. A player that does not know PQ shows it
 * wrong, so it is essential; HLG was made to be shown as SDR in BT.2020 (14). Sources: ISO/IEC 23091-1
 * for the names, for HLG ETSI TS 103 285 (DVB-DASH).
 */
function rangeProperties(range: VideoSet['range']): string[] {
  const cicp = (kind: string, name: string, value: string): string[] =>
    element(kind, { schemeIdUri: `urn:mpeg:mpegB:cicp:${name}`, value })
  if (range === 'sdr') return []
  return [
    ...cicp('EssentialProperty', 'ColourPrimaries', '9'),
    ...cicp('EssentialProperty', 'MatrixCoefficients', '9'),
    ...cicp('EssentialProperty', 'TransferCharacteristics', range === 'pq' ? '16' : '14'),
    ...(range === 'hlg' ? cicp('SupplementalProperty', 'TransferCharacteristics', '18') : []),
  ]
}

function videoRepresentation(one: VideoRepresentation): string[] {
  const size = { width: count(one.widthPx), height: count(one.heightPx), sar: '1:1' }
  const rate = one.fps === undefined ? {} : { frameRate: frameRateText(one.fps) }
  return element('Representation', { ...common(one), ...size, ...rate }, segmentList(one.segments))
}

function audioRepresentation({ channels, sampleRateHz }: AudioSet, one: MediaRepresentation): string[] {
  const rate = sampleRateHz === undefined ? {} : { audioSamplingRate: count(sampleRateHz) }
  const layout = CHANNEL_LAYOUTS[channels]
  return element('Representation', { ...common(one), ...rate }, [
    ...(layout === undefined
      ? []
      : element('AudioChannelConfiguration', {
          schemeIdUri: 'urn:mpeg:mpegB:cicp:ChannelConfiguration',
          value: layout,
        })),
    ...segmentList(one.segments),
  ])
}

function common({ id, bandwidthBps, codec }: MediaRepresentation): Record<string, string> {
  if (!/^[A-Za-z0-9.]+$/.test(codec)) throw refused('a codec', 'an RFC 6381 string like avc1.64001f', codec)
  return { id, bandwidth: count(bandwidthBps), codecs: codec }
}

/** `30000/1001`, or a whole number. Source: ISO/IEC 23009-1:2022, table 12 (FrameRateType). */
function frameRateText({ num, den }: Rational): string {
  return den === 1 ? count(num) : `${count(num)}/${count(den)}`
}
