/** Defects of a published asset, each with the rule of the gate that has to find it. Which place is hit a seed decides. */
import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RuleId } from '../../media/gate/rules'
import { segmentOf, withoutSegment, type Copy } from './reading/plant'
import { later, withoutIdr, withoutSync } from './reading/plants-media'
import type { SeededRandom } from './seeded-random'

export interface GatePlant {
  defect: string
  rule: RuleId
  /** Where only a decoder, or all bytes, can tell. */
  isDeep?: true
  plant: (copy: Copy, random: SeededRandom) => void
}

const MASTER = 'master.m3u8'
const SOUND = 'r1/audio/audio/playlist.m3u8'
const MP4 = 'r1/mp4/240p.mp4'
const RUNGS = ['240p', '360p']

const rungOf = (random: SeededRandom): string => `r1/video/${RUNGS[random.integer(0, 1)] ?? ''}/playlist.m3u8`
/** Of a rung: neither the first segment nor the last. */
const MIDDLE = 1

function inRung(from: string | RegExp, to: string) {
  return (copy: Copy, random: SeededRandom): void => copy.edit(rungOf(random), (text) => text.replace(from, to))
}

function inMaster(from: string | RegExp, to: string | ((found: string, value: string) => string)) {
  return (copy: Copy): void =>
    copy.edit(MASTER, (text) => (typeof to === 'string' ? text.replace(from, to) : text.replace(from, to)))
}

function inSegment(change: (bytes: Buffer, random: SeededRandom) => Buffer) {
  return (copy: Copy, random: SeededRandom): void =>
    copy.patch(segmentOf(copy, rungOf(random), MIDDLE), (bytes) => change(bytes, random))
}

const times = (factor: number) => (_: string, bps: string) => `:BANDWIDTH=${Math.round(Number(bps) * factor)}`

/** What the playlists say. */
export const SAID: GatePlant[] = [
  { defect: 'another first line', rule: 'playlist-header', plant: inRung('#EXTM3U', '#EXTM3U8') },
  { defect: 'a NUL', rule: 'playlist-text', plant: inRung('#EXT-X-ENDLIST', '#EXT-X-ENDLIST\0') },
  {
    defect: 'bytes of another encoding',
    rule: 'playlist-text',
    plant: (copy) =>
      copy.patch(MASTER, (bytes) => Buffer.from(bytes.toString('latin1').replace('NAME="', 'NAME="\xe9'), 'latin1')),
  },
  { defect: 'a target duration that is no number', rule: 'tag-syntax', plant: inRung('DURATION:4', 'DURATION:four') },
  { defect: 'two versions', rule: 'tag-duplicate', plant: inRung('#EXTINF', '#EXT-X-VERSION:7\n#EXTINF') },
  { defect: 'EXTINF without its URI', rule: 'tag-dangling', plant: inRung(/^.*00001\.m4s\n/m, '') },
  { defect: 'a version that is too low', rule: 'tag-version', plant: inRung('VERSION:7', 'VERSION:5') },
  { defect: 'a quote that is not closed', rule: 'attribute-syntax', plant: inMaster(/CODECS="([^"]*)"/, 'CODECS="$1') },
  {
    defect: 'an attribute twice',
    rule: 'attribute-duplicate',
    plant: inMaster('FRAME-RATE=', 'FRAME-RATE=1,FRAME-RATE='),
  },
  { defect: 'no BANDWIDTH', rule: 'attribute-missing', plant: inMaster(/:BANDWIDTH=\d+,/, ':') },
  { defect: 'a number in quotes', rule: 'attribute-value', plant: inMaster(/:BANDWIDTH=(\d+)/, ':BANDWIDTH="$1"') },
  { defect: 'a target duration that is too short', rule: 'target-exceeded', plant: inRung('DURATION:4', 'DURATION:3') },
  { defect: 'no target duration', rule: 'target-missing', plant: inRung(/#EXT-X-TARGETDURATION.*\n/, '') },
  { defect: 'no end', rule: 'end-missing', plant: inRung('#EXT-X-ENDLIST', '') },
  { defect: 'a variant that is the master itself', rule: 'playlist-kind', plant: inMaster(/^r1\/video.*$/m, MASTER) },
  {
    defect: 'a sound group that is not there',
    rule: 'group-unknown',
    plant: inMaster(/AUDIO="[^"]*"/, 'AUDIO="none"'),
  },
  { defect: 'a rendition of one name twice', rule: 'group-names', plant: inMaster(/(#EXT-X-MEDIA:.*\n)/, '$1$1') },
  {
    defect: 'a segment on another server',
    rule: 'uri-absolute',
    plant: inRung(/^.*00001\.m4s$/m, 'http://127.0.0.1:1/a'),
  },
  { defect: 'a segment by an absolute path', rule: 'uri-outside', plant: inRung(/^.*00001\.m4s$/m, '/etc/passwd') },
  { defect: 'a segment twice', rule: 'segment-repeated', plant: inRung('00001.m4s', '00000.m4s') },
  { defect: 'BANDWIDTH halved', rule: 'bandwidth-low', plant: inMaster(/:BANDWIDTH=(\d+)/, times(0.5)) },
  { defect: 'BANDWIDTH an eighth too high', rule: 'bandwidth-high', plant: inMaster(/:BANDWIDTH=(\d+)/, times(1.125)) },
  {
    defect: 'AVERAGE-BANDWIDTH halved',
    rule: 'bandwidth-average',
    plant: inMaster(/,AVERAGE-BANDWIDTH=(\d+)/, (_, bps) => `,AVERAGE-BANDWIDTH=${Math.round(Number(bps) / 2)}`),
  },
  { defect: 'CODECS of another level', rule: 'codecs-differ', plant: inMaster(/avc1\.6400\w\w/, 'avc1.640034') },
  { defect: 'CODECS without the sound', rule: 'codecs-differ', plant: inMaster(',mp4a.40.2', '') },
  { defect: 'another RESOLUTION', rule: 'resolution-differs', plant: inMaster('426x240', '428x240') },
  { defect: 'FRAME-RATE too low', rule: 'rate-low', plant: inMaster('FRAME-RATE=10', 'FRAME-RATE=5') },
  { defect: 'FRAME-RATE too high', rule: 'rate-high', plant: inMaster('FRAME-RATE=10', 'FRAME-RATE=60') },
  {
    defect: 'VIDEO-RANGE of another picture',
    rule: 'range-differs',
    plant: inMaster(',AUDIO=', ',VIDEO-RANGE=PQ,AUDIO='),
  },
  {
    defect: 'sound that is not offered',
    rule: 'sound-missing',
    plant: (copy) =>
      copy.edit(MASTER, (text) => text.replace(/#EXT-X-MEDIA.*\n/, '').replaceAll(/,AUDIO="[^"]*"/g, '')),
  },
  { defect: 'other CHANNELS', rule: 'sound-channels', plant: inMaster(/CHANNELS="\d"/, 'CHANNELS="6"') },
  {
    defect: 'EXTINF a quarter of a second too long',
    rule: 'duration-segment',
    plant: inRung('EXTINF:4.0', 'EXTINF:4.25'),
  },
  { defect: 'no EXT-X-MAP', rule: 'init-missing', plant: inRung(/#EXT-X-MAP.*\n/, '') },
  {
    defect: 'a break in one rung',
    rule: 'discontinuity-uneven',
    plant: inRung(/(#EXTINF.*\n.*00001)/, '#EXT-X-DISCONTINUITY\n$1'),
  },
  {
    defect: 'a rung without its last segment',
    rule: 'grid-differs',
    plant: (copy, random) => copy.edit(rungOf(random), (text) => withoutSegment(text, 2)),
  },
  {
    defect: 'sound that ends early',
    rule: 'record-differs',
    plant: (copy) => copy.edit(SOUND, (text) => withoutSegment(text, 2)),
  },
  {
    defect: 'sound with a hole',
    rule: 'discontinuity-missing',
    plant: (copy) => copy.edit(SOUND, (text) => withoutSegment(text, 1)),
  },
]

/** What lies there. */
export const STORED: GatePlant[] = [
  {
    defect: 'a deleted segment',
    rule: 'object-missing',
    plant: (copy, random) => rmSync(copy.at(segmentOf(copy, rungOf(random), MIDDLE))),
  },
  {
    defect: 'a deleted media playlist',
    rule: 'object-missing',
    plant: (copy, random) => rmSync(copy.at(rungOf(random))),
  },
  { defect: 'a deleted poster', rule: 'object-missing', plant: (copy) => rmSync(copy.at('r1/thumbs/poster.jpg')) },
  { defect: 'an empty segment', rule: 'object-size', plant: inSegment(() => Buffer.alloc(0)) },
  {
    defect: 'an MP4 of another length',
    rule: 'object-size',
    plant: (copy) => copy.patch(MP4, (bytes) => bytes.subarray(0, bytes.length - 1)),
  },
  {
    defect: 'an MP4 of other bytes',
    rule: 'object-checksum',
    isDeep: true,
    plant: (copy, random) => copy.patch(MP4, (bytes) => flipped(bytes, random.integer(2_000, bytes.length - 1))),
  },
  {
    defect: 'a link out of the asset',
    rule: 'uri-outside',
    plant: (copy, random) => {
      const segment = copy.at(segmentOf(copy, rungOf(random), MIDDLE))
      const stray = join(dirname(copy.at('.')), 'stray.m4s')
      renameSync(segment, stray)
      symlinkSync(stray, segment)
    },
  },
  {
    defect: 'a segment that ends early',
    rule: 'segment-unreadable',
    plant: inSegment((bytes, random) => bytes.subarray(0, random.integer(1, bytes.length - 1))),
  },
  { defect: 'a segment that is no MP4', rule: 'segment-unreadable', plant: inSegment((bytes) => bytes.fill(0x55)) },
  { defect: 'a segment without keyframe by its boxes', rule: 'segment-keyframe', plant: inSegment(withoutSync) },
  {
    defect: 'a segment without keyframe by its stream',
    rule: 'segment-keyframe',
    isDeep: true,
    plant: inSegment(withoutIdr),
  },
  {
    defect: 'pictures that are overwritten',
    rule: 'segment-decode',
    isDeep: true,
    plant: inSegment((bytes) => bytes.fill(0x55, bytes.lastIndexOf('mdat') + 200, bytes.length - 50)),
  },
  { defect: 'a segment that begins late', rule: 'grid-differs', plant: inSegment((bytes) => later(bytes, 1_000)) },
  {
    defect: 'segments that changed places',
    rule: 'segment-order',
    plant: (copy, random) => {
      const rung = rungOf(random)
      const [first = '', second = ''] = [0, 1].map((index) => copy.at(segmentOf(copy, rung, index)))
      const [one, two] = [readFileSync(first), readFileSync(second)]
      writeFileSync(first, two)
      writeFileSync(second, one)
    },
  },
  {
    defect: 'sound that comes late',
    rule: 'sound-start',
    plant: (copy) =>
      [0, 1, 2].forEach((index) => copy.patch(segmentOf(copy, SOUND, index), (bytes) => later(bytes, 24_000))),
  },
  {
    defect: 'a gap in the sound',
    rule: 'timeline-gap',
    plant: (copy) => copy.patch(segmentOf(copy, SOUND, 2), (bytes) => later(bytes, 1_024)),
  },
  {
    defect: 'a cut init segment',
    rule: 'init-unreadable',
    plant: (copy, random) => copy.patch(initOf(copy, rungOf(random)), (bytes) => bytes.subarray(0, bytes.length - 100)),
  },
  {
    defect: 'the init segment of another rung',
    rule: 'resolution-differs',
    plant: (copy) =>
      cpSync(
        copy.at(initOf(copy, 'r1/video/360p/playlist.m3u8')),
        copy.at(initOf(copy, 'r1/video/240p/playlist.m3u8')),
      ),
  },
]

function initOf(copy: Copy, playlist: string): string {
  const [, name = ''] = /#EXT-X-MAP:URI="([^"]*)"/.exec(readFileSync(copy.at(playlist), 'utf8')) ?? []
  return join(dirname(playlist), name)
}

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  return bytes
}
