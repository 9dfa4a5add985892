/** Our own writer of the multivariant playlist. */
import { GantryError } from '../../core/contract/errors'
import type { Rational } from '../../core/contract/rational'
import { decimal, playlistUri, quoted } from './text'

export interface Variant {
  uri: string
  /** Upper bound of the variant's overall bit rate with its largest sound, measured. */
  bandwidthBps: number
  averageBandwidthBps: number
  /** RFC 6381 strings of picture and sound. */
  codecs: readonly string[]
  resolution?: { widthPx: number; heightPx: number }
  frameRate?: Rational
  audioGroup?: string
}

export interface AudioRendition {
  groupId: string
  name: string
  /** BCP 47. */
  language?: string
  isDefault: boolean
  channels: number
  uri: string
}

export interface MultivariantPlaylist {
  audio: readonly AudioRendition[]
  variants: readonly Variant[]
}

const VERSION = 7

/**
 * The text of a multivariant playlist; lines stand in the order given, and players start with the first variant.
 *
 * @throws QUEUE_INTERNAL for a list without variants, a group that no rendition has, or a value that could break a line.
 */
export function writeMultivariantPlaylist({ audio, variants }: MultivariantPlaylist): string {
  if (variants.length === 0)
    throw new GantryError('QUEUE_INTERNAL', 'a multivariant playlist needs a variant, got none')
  for (const { audioGroup } of variants) {
    if (audioGroup !== undefined && !audio.some((rendition) => rendition.groupId === audioGroup)) {
      throw new GantryError('QUEUE_INTERNAL', `no sound is in the group '${audioGroup}' that a variant names`)
    }
  }
  return `${[
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...audio.map((rendition) => `#EXT-X-MEDIA:${mediaAttributes(rendition)}`),
    ...variants.flatMap((variant) => [`#EXT-X-STREAM-INF:${variantAttributes(variant)}`, playlistUri(variant.uri)]),
  ].join('\n')}\n`
}

/** Source: RFC 8216, 4.3.4.1. */
function mediaAttributes(rendition: AudioRendition): string {
  return [
    'TYPE=AUDIO',
    `GROUP-ID=${quoted(rendition.groupId)}`,
    `NAME=${quoted(rendition.name)}`,
    ...(rendition.language === undefined ? [] : [`LANGUAGE=${quoted(rendition.language)}`]),
    `DEFAULT=${rendition.isDefault ? 'YES' : 'NO'}`,
    'AUTOSELECT=YES',
    `CHANNELS=${quoted(decimal(rendition.channels))}`,
    `URI=${quoted(playlistUri(rendition.uri))}`,
  ].join(',')
}

/** Source: RFC 8216, 4.3.4.2; FRAME-RATE is rounded to three decimals there. */
function variantAttributes(variant: Variant): string {
  const { resolution, frameRate, audioGroup } = variant
  return [
    `BANDWIDTH=${decimal(variant.bandwidthBps)}`,
    `AVERAGE-BANDWIDTH=${decimal(variant.averageBandwidthBps)}`,
    `CODECS=${quoted(variant.codecs.join(','))}`,
    ...(resolution === undefined ? [] : [`RESOLUTION=${decimal(resolution.widthPx)}x${decimal(resolution.heightPx)}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${(frameRate.num / frameRate.den).toFixed(3)}`]),
    ...(audioGroup === undefined ? [] : [`AUDIO=${quoted(audioGroup)}`]),
  ].join(',')
}
