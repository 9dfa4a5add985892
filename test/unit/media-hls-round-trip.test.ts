import { parse as parseElsewhere, type types } from 'hls-parser'
import { reduced } from '../../core/contract/rational'
import { writeMediaPlaylist, type MediaPlaylist, type PlaylistEntry } from '../../media/hls/media-playlist'
import { writeMultivariantPlaylist, type MultivariantPlaylist, type Variant } from '../../media/hls/multivariant'
import { parseMediaPlaylist } from '../../media/hls/parse-media'
import { parseMultivariantPlaylist } from '../../media/hls/parse-multivariant'
import { seededRandom, type SeededRandom } from '../support/seeded-random'

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed)
/** Letters that mean something in a playlist, and letters of many kinds. */
const ODD = ['#', ',', '=', ':', "'", '\\', ' ', '@', '-', 'é', 'e\u0301', 'ß', '日', '\u200f', '😀', 'A', 'z', '0']

const oddText = (random: SeededRandom): string =>
  Array.from({ length: random.integer(1, 12) }, () => random.pick(ODD)).join('')

function path(random: SeededRandom): string {
  const part = (): string => `${random.pick(['a', 'Z', '_', '-', '~', '0'])}${random.pick(['..', '.m4s', '', '-x'])}`
  return Array.from({ length: random.integer(1, 4) }, part).join('/')
}

function mediaPlaylist(random: SeededRandom): MediaPlaylist {
  let init = path(random)
  const first = init
  const segments = Array.from({ length: random.integer(1, 30) }, (_, index): PlaylistEntry => {
    const durationSeconds = random.integer(1, random.pick([1_000, 9_000_000, 1e12])) / 1e6
    const next = index > 0 && random.next() < 0.2 ? path(random) : init
    const changes = next !== init
    init = next
    const range = { bytes: random.integer(1, 1e9), offset: random.integer(0, 1e12) }
    const more = {
      ...(random.next() < 0.3 && { range }),
      ...(changes && { init }),
      ...(random.next() < 0.1 && { discontinuity: true as const }),
    }
    return { uri: path(random), durationSeconds, ...more }
  })
  return { init: first, segments, ...(random.next() < 0.3 && { isIFramesOnly: true as const }) }
}

function multivariantPlaylist(random: SeededRandom): MultivariantPlaylist {
  const audio = Array.from({ length: random.integer(0, 4) }, (_, index) => ({
    groupId: random.pick(['a', 'b,c="', ' ']).replaceAll('"', "'"),
    name: `${index}${oddText(random)}`,
    ...(random.next() < 0.5 && { language: random.pick(['en', 'pt-BR', 'zh-Hant-TW']) }),
    isDefault: index === 0,
    channels: random.integer(1, 24),
    uri: path(random),
  }))
  const captions = Array.from({ length: random.integer(0, 3) }, (_, index) => ({
    ...{ groupId: 'texts', name: `Text ${index}`, isForced: random.next() < 0.5, isForDeaf: false },
    uri: path(random),
  }))
  const variant = (): Variant => ({
    uri: path(random),
    bandwidthBps: random.integer(1, Number.MAX_SAFE_INTEGER),
    averageBandwidthBps: random.integer(1, 9_000_000),
    codecs: random.pick([['avc1.64001f'], ['hvc1.2.4.L123.B0', 'mp4a.40.2'], ['av01.0.08M.10', 'opus']]),
    ...(random.next() < 0.7 && {
      resolution: { widthPx: random.integer(1, 8_192), heightPx: random.integer(1, 8_192) },
    }),
    ...(random.next() < 0.7 && { frameRate: reduced({ num: random.integer(1, 240_000), den: 1_000 }) }),
    ...(random.next() < 0.5 && { videoRange: random.pick(['SDR', 'PQ', 'HLG'] as const) }),
    ...(audio.length > 0 && { audioGroup: random.pick(audio).groupId }),
    ...(captions.length > 0 && { captionsGroup: 'texts' }),
  })
  const variants = Array.from({ length: random.integer(1, 8) }, variant)
  const iFrames = variants
    .filter(() => random.next() < 0.3)
    .map(({ uri, bandwidthBps, averageBandwidthBps, codecs, resolution, videoRange }) => ({
      ...{ uri, bandwidthBps, codecs },
      ...(averageBandwidthBps !== undefined && { averageBandwidthBps }),
      ...(resolution !== undefined && { resolution }),
      ...(videoRange !== undefined && { videoRange }),
    }))
  return { audio, captions, variants, iFrames }
}

describe('what is written and read again', () => {
  it.each(SEEDS)('is the same media playlist (%i)', (seed) => {
    const playlist = mediaPlaylist(seededRandom(seed))
    const { init, segments, ...rest } = parseMediaPlaylist(writeMediaPlaylist(playlist))
    const { isIFramesOnly = false, ...entries } = playlist
    expect({ init, segments }).toStrictEqual(entries)
    expect(rest).toMatchObject({
      isIFramesOnly,
      version: 7,
      mediaSequence: 0,
      type: 'VOD',
      areSegmentsIndependent: true,
      hasEnd: true,
    })
    const rounded = segments.map(({ durationSeconds }) => Math.round(durationSeconds))
    expect(rest.targetDurationSeconds).toBe(Math.max(1, ...rounded))
  })

  it.each(SEEDS)('is the same multivariant playlist (%i)', (seed) => {
    const { audio, captions = [], variants, iFrames = [] } = multivariantPlaylist(seededRandom(seed))
    const read = parseMultivariantPlaylist(writeMultivariantPlaylist({ audio, captions, variants, iFrames }))
    expect(read).toStrictEqual({
      version: 7,
      areSegmentsIndependent: true,
      renditions: [
        ...audio.map((rendition) => ({ type: 'AUDIO', ...rendition, isAutoselect: true })),
        ...captions.map(({ groupId, name, isForced, uri }) => {
          return { type: 'SUBTITLES', groupId, name, isDefault: false, isAutoselect: true, isForced, uri }
        }),
      ],
      variants,
      iFrames,
    })
  })

  it('has a frame rate within half a thousandth, for three decimals are written', () => {
    const frameRate = { num: 30_000, den: 1_001 }
    const variant = { uri: 'v', bandwidthBps: 1, averageBandwidthBps: 1, codecs: ['avc1.64001f'], frameRate }
    const [read] = parseMultivariantPlaylist(writeMultivariantPlaylist({ audio: [], variants: [variant] })).variants
    expect(read?.frameRate).toEqual({ num: 2_997, den: 100 })
  })

  it('is read alike by a parser of others', () => {
    const random = seededRandom(7)
    const media = mediaPlaylist(random)
    const elsewhere = parseElsewhere(writeMediaPlaylist(media)) as types.MediaPlaylist
    expect(elsewhere.segments.map(({ uri, duration }) => [uri, duration])).toEqual(
      media.segments.map(({ uri, durationSeconds }) => [uri, durationSeconds]),
    )
    expect(elsewhere).toMatchObject({ version: 7, endlist: true, playlistType: 'VOD', independentSegments: true })
    const { audio, captions = [], variants } = multivariantPlaylist(random)
    const master = parseElsewhere(writeMultivariantPlaylist({ audio, captions, variants })) as types.MasterPlaylist
    expect(master.variants.map(({ uri, bandwidth, codecs }) => [uri, bandwidth, codecs])).toEqual(
      variants.map(({ uri, bandwidthBps, codecs }) => [uri, bandwidthBps, codecs.join(',')]),
    )
  })
})
