/** Of every valid ladder and every master the MPD tells of the same renditions, segments and times as the playlists. */
import { dirname, join } from 'node:path/posix'
import { everyPublication, type PublicationCase } from '../support/every-publication'
import { segmentsByHlsParser, variantsByHlsParser } from '../support/playlist-readers'
import { readMpdText, type ReadRepresentation } from '../support/reading/mpd'

function everyMpd(check: (representations: ReadRepresentation[], one: PublicationCase) => void): void {
  let seen = 0
  everyPublication((one) => {
    const { mpd, asset } = one.made
    expect(mpd !== null).toBe(one.intent.packaging?.dash === true)
    expect(asset.manifest).toBe(mpd === null ? undefined : 'manifest.mpd')
    if (mpd === null) return
    seen += 1
    check(readMpdText(mpd).representations, one)
  })
  expect(seen).toBeGreaterThan(5)
}

const playlistsOf = ({ made }: PublicationCase): Map<string, string> =>
  new Map(made.playlists.map(({ key, text }) => [`r3/${key}`, text]))

describe('the MPD of every publication', () => {
  it('is there where the ladder asks for it, and names each rendition once', () => {
    everyMpd((representations, { made: { asset } }) => {
      const folders = representations.map(({ segments }) => dirname(dirname(segments[0]?.path ?? '')))
      const media = [...asset.video, ...asset.audio].map(({ playlist }) => dirname(playlist))
      expect(folders.slice(0, media.length).sort()).toEqual(media.sort())
      const files = representations.slice(media.length).map(({ segments }) => segments[0]?.path)
      expect(files).toEqual(asset.captions.map(({ file }) => file))
    })
  })

  it('has the segments and the durations of the playlists, beginning where the first one is shown', () => {
    everyMpd((representations, one) => {
      for (const { segments, init, kind } of representations) {
        if (kind === 'text') continue
        const playlist = join(dirname(init ?? ''), 'playlist.m3u8')
        const read = segmentsByHlsParser(playlistsOf(one).get(playlist) ?? '').segments
        expect(segments.map(({ path }) => path)).toEqual(read.map(({ uri }) => join(dirname(playlist), uri)))
        expect(new Set(read.map((segment) => join(dirname(playlist), segment.init ?? '')))).toEqual(new Set([init]))
        const id = dirname(playlist).split('/').at(-1)
        const { segments: stored = [], timescaleHz = 1 } =
          one.view.timeline.tracks.find((track) => track.id === id) ?? {}
        segments.forEach(({ startSeconds, durationSeconds }, index) => {
          expect(Math.abs(durationSeconds - (read[index]?.durationSeconds ?? NaN))).toBeLessThanOrEqual(1.01e-6)
          expect(startSeconds).toBeCloseTo((stored[index]?.startTicks ?? NaN) / timescaleHz - 10, 9)
        })
      }
    })
  })

  it('gives a picture the size, the codec and the rate of its variant', () => {
    everyMpd((representations, { made: { multivariant } }) => {
      const variants = variantsByHlsParser(multivariant)
      for (const { init, kind, attributes } of representations.filter((one) => one.kind === 'video')) {
        const variant = variants.find(({ uri }) => dirname(uri) === dirname(init ?? ''))
        expect(kind).toBe('video')
        expect(`${attributes['width'] ?? ''}x${attributes['height'] ?? ''}`).toBe(variant?.resolution)
        expect(variant?.codecs.split(',')[0]).toBe(attributes['codecs'])
        const [num = NaN, den = 1] = (attributes['frameRate'] ?? '').split('/').map(Number)
        expect(num / den).toBeCloseTo(variant?.frameRate ?? NaN, 2)
      }
    })
  })

  it('keeps one codec and one range in each set of pictures', () => {
    everyMpd((representations) => {
      const sets = new Map<string, Set<string>>()
      for (const { kind, attributes, properties } of representations) {
        if (kind !== 'video') continue
        const shape = `${attributes['codecs']?.slice(0, 4) ?? ''} ${properties.join()}`
        const key = JSON.stringify([attributes['maxWidth'], attributes['maxHeight'], shape])
        sets.set(key, (sets.get(key) ?? new Set()).add(shape))
      }
      for (const shapes of sets.values()) expect(shapes.size).toBe(1)
    })
  })

  /** Source: ISO/IEC 23009-1:2022, 5.3.5.2, on @bandwidth. */
  it('has a bandwidth by which no segment comes late, once minBufferTime was loaded', () => {
    everyMpd((representations, one) => {
      const { attributes } = readMpdText(one.made.mpd ?? '')
      const bufferSeconds = Number(/^PT([\d.]+)S$/.exec(attributes['minBufferTime'] ?? '')?.[1])
      for (const { init, kind, attributes: own } of representations) {
        if (kind === 'text') continue
        const id = dirname(init ?? '')
          .split('/')
          .at(-1)
        const track = one.view.timeline.tracks.find((candidate) => candidate.id === id)
        // Each stretch is tried, so long ones would take minutes.
        const stored = (track?.segments ?? []).slice(-60)
        const seconds = (ticks = 0): number => ticks / (track?.timescaleHz ?? 1)
        for (let from = 0; from < stored.length; from += 1) {
          let bits = 0
          for (let to = from; to < stored.length; to += 1) {
            bits += (stored[to]?.bytes ?? 0) * 8
            const until = seconds(stored[to]?.startTicks) - seconds(stored[from]?.startTicks) + bufferSeconds
            expect(bits).toBeLessThanOrEqual(Number(own['bandwidth']) * until * 1.001 + 8)
          }
        }
      }
    })
  })
})
