/** Defects of the I-frame playlists of a published asset, each with the rule of the gate that has to find it. */
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { GatePlant } from './gate-plants'
import type { Copy } from './reading/plant'
import { withoutSync } from './reading/plants-media'
import type { SeededRandom } from './seeded-random'

export const I_FRAME_LADDER = `name: wound
segmentSeconds: 4
gopSeconds: 2
rungs:
  - { id: 240p, shortSidePx: 240, maxBitrateBps: 500_000 }
  - { id: 360p, shortSidePx: 360, maxBitrateBps: 900_000 }
mp4: false
packaging: { iFrames: true }
`

const MASTER = 'master.m3u8'
const RUNGS = ['240p', '360p']
const anyRung = (random: SeededRandom): string => RUNGS[random.integer(0, 1)] ?? ''
const playlistOf = (rung: string): string => `r1/video/${rung}/iframes.m3u8`

/** In the I-frame playlist of some rung. */
function inPlaylist(from: string | RegExp, to: string) {
  return (copy: Copy, random: SeededRandom): void =>
    copy.edit(playlistOf(anyRung(random)), (text) => text.replace(from, to))
}

/** In the line that names it. */
function inLine(from: string | RegExp, to: string | ((found: string, value: string) => string)) {
  return (copy: Copy, random: SeededRandom): void => {
    const rung = anyRung(random)
    const change = (line: string): string => (typeof to === 'string' ? line.replace(from, to) : line.replace(from, to))
    copy.edit(MASTER, (text) => text.replace(new RegExp(`#EXT-X-I-FRAME.*/${rung}/.*`), change))
  }
}

interface Entry {
  bytes: number
  offset: number
  uri: string
}

/** Some entry but the first: what it names becomes another range, of as many bytes where none are given. */
function inEntry(change: (entry: Entry, random: SeededRandom) => Partial<Entry>) {
  return (copy: Copy, random: SeededRandom): void => {
    const wanted = random.integer(1, 4)
    let seen = -1
    copy.edit(playlistOf(anyRung(random)), (text) =>
      text.replace(/#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.*)/g, (found, bytes: string, offset: string, uri: string) => {
        seen += 1
        if (seen !== wanted) return found
        const entry = { bytes: Number(bytes), offset: Number(offset), uri }
        const to = { ...entry, ...change(entry, random) }
        return `#EXT-X-BYTERANGE:${to.bytes}@${to.offset}\n${to.uri}`
      }),
    )
  }
}

export const I_FRAME_PLANTS: GatePlant[] = [
  { defect: 'no EXT-X-I-FRAMES-ONLY', rule: 'iframes-kind', plant: inPlaylist(/#EXT-X-I-FRAMES-ONLY\n/, '') },
  { defect: 'the playlist of the rung itself', rule: 'iframes-kind', plant: inLine('iframes.m3u8', 'playlist.m3u8') },
  {
    defect: 'a variant that is for winding',
    rule: 'iframes-kind',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace('240p/playlist.m3u8', '240p/iframes.m3u8')),
  },
  { defect: 'a range a byte late', rule: 'iframes-start', plant: inEntry(({ offset }) => ({ offset: offset + 1 })) },
  {
    defect: 'a range in the middle of the media',
    rule: 'iframes-start',
    plant: inEntry(({ offset, bytes }, random) => ({ offset: offset + random.integer(bytes >> 1, bytes), bytes: 500 })),
  },
  { defect: 'a range a byte short', rule: 'iframes-cut', plant: inEntry(({ bytes }) => ({ bytes: bytes - 1 })) },
  {
    defect: 'a range that ends within the tables',
    rule: 'iframes-cut',
    plant: inEntry((_, random) => ({ bytes: random.integer(20, 200) })),
  },
  {
    defect: 'a range behind the end of the segment',
    rule: 'range-outside',
    plant: inEntry(() => ({ bytes: 50_000_000 })),
  },
  {
    defect: 'a picture that needs others by its tables',
    rule: 'iframes-keyframe',
    plant: (copy, random) => {
      const playlist = playlistOf(anyRung(random))
      const [, uri = ''] = /BYTERANGE.*\n(.*00001\.m4s)/.exec(readFileSync(copy.at(playlist), 'utf8')) ?? []
      copy.patch(join(dirname(playlist), uri), withoutSync)
    },
  },
  {
    defect: 'pictures in another order',
    rule: 'iframes-order',
    plant: inPlaylist(/(#EXTINF:2\.0+,\n.*\n.*\n)(#EXTINF:2\.0+,\n.*\n.*\n)/, '$2$1'),
  },
  { defect: 'a picture twice', rule: 'iframes-order', plant: inPlaylist(/(#EXTINF.*\n.*\n.*\n)/, '$1$1') },
  { defect: 'EXTINF half a second too short', rule: 'iframes-duration', plant: inPlaylist('EXTINF:2.0', 'EXTINF:1.5') },
  { defect: 'a picture that is left out', rule: 'iframes-duration', plant: withoutEntry(2) },
  { defect: 'without the last picture', rule: 'iframes-length', plant: withoutEntry(4) },
  {
    defect: 'BANDWIDTH halved',
    rule: 'iframes-bandwidth',
    plant: inLine(/:BANDWIDTH=(\d+)/, (_, bps) => `:BANDWIDTH=${Math.round(Number(bps) / 2)}`),
  },
  {
    defect: 'AVERAGE-BANDWIDTH an eighth too high',
    rule: 'iframes-bandwidth',
    plant: inLine(/AVERAGE-BANDWIDTH=(\d+)/, (_, bps) => `AVERAGE-BANDWIDTH=${Math.round(Number(bps) * 1.125)}`),
  },
  { defect: 'CODECS of another level', rule: 'codecs-differ', plant: inLine(/avc1\.6400\w\w/, 'avc1.640034') },
  {
    defect: 'CODECS with sound',
    rule: 'iframes-sound',
    plant: inLine(/CODECS="(avc1[^"]*)"/, 'CODECS="$1,mp4a.40.2"'),
  },
  { defect: 'the size of another rung', rule: 'resolution-differs', plant: inLine(/=(\d+)x(\d+)/, '=854x480') },
  { defect: 'a size that no variant has', rule: 'iframes-variant', plant: inLine(/=(\d+)x(\d+)/, '=854x480') },
  {
    defect: 'VIDEO-RANGE of another picture',
    rule: 'range-differs',
    plant: inLine('RESOLUTION', 'VIDEO-RANGE=PQ,RESOLUTION'),
  },
  { defect: 'a group of sound', rule: 'iframes-attributes', plant: inLine('RESOLUTION', 'AUDIO="audio",RESOLUTION') },
  { defect: 'no BANDWIDTH', rule: 'attribute-missing', plant: inLine(/BANDWIDTH=\d+,AVERAGE-/, 'AVERAGE-') },
  { defect: 'no init segment', rule: 'init-missing', plant: inPlaylist(/#EXT-X-MAP.*\n/, '') },
  {
    defect: 'a deleted I-frame playlist',
    rule: 'object-missing',
    plant: (copy, random) => rmSync(copy.at(playlistOf(anyRung(random)))),
  },
  {
    defect: 'recorded I-frames that no playlist names',
    rule: 'record-differs',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace(/#EXT-X-I-FRAME.*\n/, '')),
  },
  {
    defect: 'a fragment that moved within its segment',
    rule: 'iframes-start',
    plant: (copy, random) => {
      const playlist = playlistOf(anyRung(random))
      const [, uri = ''] = /BYTERANGE.*\n(.*00001\.m4s)/.exec(readFileSync(copy.at(playlist), 'utf8')) ?? []
      copy.patch(join(dirname(playlist), uri), (bytes) => Buffer.concat([FREE_BOX, bytes]))
    },
  },
]

/** `free`, of as many bytes as its header. */
const FREE_BOX = Buffer.from([0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65])

function withoutEntry(index: number) {
  return (copy: Copy, random: SeededRandom): void => {
    let seen = -1
    copy.edit(playlistOf(anyRung(random)), (text) =>
      text.replace(/#EXTINF:.*\n.*\n.*\n/g, (entry) => (++seen === index ? '' : entry)),
    )
  }
}
