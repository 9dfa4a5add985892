/**
 * Of every valid ladder and every master the playlists say what was made: two parsers that are not ours read each of them
 * alike, and as the plan and the markers have it.
 */
import { join, dirname } from 'node:path/posix'
import type { Intent } from '../../core/contract/intent'
import type { VideoEncode } from '../../core/contract/job'
import type { TrackOutput } from '../../core/contract/markers'
import { judgeAsset } from '../../media/gate/gate'
import type { InitLook } from '../../media/gate/description'
import { describePublication } from '../../worker/gate'
import { everyPublication, type PublicationCase as Case } from '../support/every-publication'
import {
  channelsByHlsParser,
  segmentsByHlsParser,
  segmentsByM3u8Parser,
  variantsByHlsParser,
  variantsByM3u8Parser,
} from '../support/playlist-readers'
import { averageBps, peakSegmentBps } from '../support/reading/peak'
import type { Markers } from '../support/run-markers'

const videoTracks = ({ pieces }: Markers): readonly TrackOutput[] => pieces.flatMap(({ tracks }) => tracks)
const soundTracks = ({ sounds }: Markers): TrackOutput[] => sounds.flatMap(({ track }) => track ?? [])
const rungsOf = ({ intent }: Case): readonly VideoEncode[] =>
  intent.jobs.flatMap((job) => (job.kind === 'video-piece' ? job.rungs : []))
const playlistOf = (kind: string, id: string): string => `r3/${kind}/${id}/playlist.m3u8`

/** Forms of sound, each with the tracks of its group in the order of the plan. */
function groupsOf(one: Case): { id: string; tracks: { track: TrackOutput; sound: Intent['sounds'][number] }[] }[] {
  const ids = [...new Set(one.intent.sounds.flatMap(({ groups }) => groups))]
  return ids.map((id) => ({
    id,
    tracks: one.intent.sounds
      .filter(({ groups }) => groups.includes(id))
      .map((sound) => ({ sound, track: soundTracks(one).find((track) => track.id === sound.trackId) as TrackOutput })),
  }))
}

/** As RFC 8216 has it, by trying every set of segments. */
function rates(track: TrackOutput, targetSeconds: number): { peak: number; average: number } {
  const read = durationsOf(track)
  return { peak: peakSegmentBps(read, targetSeconds), average: averageBps(read) }
}

function durationsOf({ segments, timescaleHz }: TrackOutput) {
  return segments.map(({ bytes, startTicks, endTicks }) => {
    return { file: '', bytes, durationSeconds: (endTicks - startTicks) / timescaleHz }
  })
}

/** The same for all pictures and sounds. Source: RFC 8216, 6.2.4. */
function targetOf(one: Case): number {
  const all = [...videoTracks(one), ...soundTracks(one)].flatMap(durationsOf)
  return Math.max(1, ...all.map(({ durationSeconds }) => Math.round(durationSeconds)))
}

describe('the multivariant playlist of every publication', () => {
  it('is read alike by two parsers', () => {
    everyPublication(({ made: { multivariant } }) => {
      expect(variantsByM3u8Parser(multivariant)).toEqual(variantsByHlsParser(multivariant))
    })
  })

  it('offers each picture once with each form of sound, as it was made', () => {
    everyPublication((one) => {
      if (one.pieces.length === 0) return
      const groups = groupsOf(one)
      const hasHdr = rungsOf(one).some(
        ({ id, range }) => range !== 'sdr' && videoTracks(one).some((track) => track.id === id),
      )
      const variant = one.intent.jobs.find((job) => job.kind === 'video-piece')
      const fps = variant?.kind === 'video-piece' ? variant.grid.fps : { num: 0, den: 1 }
      const expected = videoTracks(one).flatMap((track) => {
        const rung = rungsOf(one).find(({ id }) => id === track.id) as VideoEncode
        return (groups.length === 0 ? [null] : groups).map((group) => ({
          uri: playlistOf('video', track.id),
          codecs: [track.codec, ...new Set(group?.tracks.map((sound) => sound.track.codec) ?? [])].join(','),
          resolution: `${rung.widthPx}x${rung.heightPx}`,
          frameRate: Number((fps.num / fps.den / rung.frameStep).toFixed(3)),
          videoRange: hasHdr ? { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' }[rung.range] : null,
          audio: group?.id ?? null,
        }))
      })
      const read = variantsByHlsParser(one.made.multivariant).map(
        ({ uri, codecs, resolution, frameRate, videoRange, audio }) => {
          return { uri, codecs, resolution, frameRate, videoRange, audio: audio[0]?.groupId ?? null }
        },
      )
      expect(read).toHaveLength(expected.length)
      expect(read).toEqual(expect.arrayContaining(expected))
    })
  })

  it('has the rates of the segments as RFC 8216 has them, with the largest sound of the group', () => {
    everyPublication((one) => {
      const target = targetOf(one)
      for (const { uri, bandwidthBps, averageBps: average, audio } of variantsByHlsParser(one.made.multivariant)) {
        const id = uri.split('/').at(-2)
        const own = [...videoTracks(one), ...soundTracks(one)].find(
          (track) => uri === playlistOf(uri.split('/')[1] ?? '', track.id),
        )
        expect(own?.id).toBe(id)
        const isPicture = uri.startsWith('r3/video/')
        const sounds = soundTracks(one).filter((track) =>
          audio.some((rendition) => rendition.uri === playlistOf('audio', track.id)),
        )
        const all = [
          rates(own as TrackOutput, target),
          ...(isPicture ? [{ peak: most(sounds, 'peak', target), average: most(sounds, 'average', target) }] : []),
        ]
        const sum = (of: 'peak' | 'average'): number => all.reduce((total, rate) => total + rate[of], 0)
        // Durations are written in microseconds and both rates are rounded up.
        expect(Math.abs(bandwidthBps - sum('peak'))).toBeLessThanOrEqual(2 + 1e-4 * sum('peak'))
        expect(Math.abs(average - sum('average'))).toBeLessThanOrEqual(2 + 1e-4 * sum('average'))
      }
    })
  })

  it('names every sound and every text with a word once in each group, one sound as the default', () => {
    everyPublication((one) => {
      const { multivariant } = one.made
      const channels = channelsByHlsParser(multivariant)
      const stored = one.captions.flatMap(({ tracks }) => tracks).filter(({ cues }) => cues > 0)
      for (const { audio, subtitles } of variantsByHlsParser(multivariant)) {
        const group = groupsOf(one).find(({ id }) => id === audio[0]?.groupId)
        expect(audio.map(({ uri }) => uri).sort()).toEqual(
          group?.tracks.map(({ track }) => playlistOf('audio', track.id)).sort() ?? [],
        )
        if (audio.length > 0) expect(audio.filter(({ isDefault }) => isDefault)).toHaveLength(1)
        for (const { uri, language } of audio) {
          const sound = group?.tracks.find(({ track }) => playlistOf('audio', track.id) === uri)?.sound
          expect(channels.get(uri)).toBe(String(sound?.channels))
          expect(language === null).toBe(sound?.language === null)
          if (language !== null && sound?.language === 'eng') expect(language).toBe('en')
        }
        expect(subtitles.map(({ uri }) => uri).sort()).toEqual(
          stored.map(({ id }) => playlistOf('captions', id)).sort(),
        )
        for (const { uri, isForced, isDefault } of subtitles) {
          const text = one.intent.captions.find(({ trackId }) => playlistOf('captions', trackId) === uri)
          expect([isForced, isDefault]).toEqual([text?.isForced, false])
        }
      }
    })
  })
})

function most(tracks: readonly TrackOutput[], of: 'peak' | 'average', targetSeconds: number): number {
  return Math.max(0, ...tracks.map((track) => rates(track, targetSeconds)[of]))
}

describe('the media playlists of every publication', () => {
  it('are read alike by two parsers', () => {
    everyPublication(({ made: { playlists } }) => {
      for (const { text } of playlists) expect(segmentsByM3u8Parser(text)).toEqual(segmentsByHlsParser(text))
    })
  })

  it('are those that the multivariant playlist names', () => {
    everyPublication(({ made }) => {
      const variants = variantsByHlsParser(made.multivariant)
      const named = variants.flatMap(({ uri, audio, subtitles }) => [
        uri,
        ...[...audio, ...subtitles].map((one) => one.uri),
      ])
      expect([...new Set(named)].sort()).toEqual(made.playlists.map(({ key }) => `r3/${key}`).sort())
    })
  })

  it('have every segment that was stored, in order, with its init segment and its time', () => {
    everyPublication((one) => {
      for (const [kind, tracks] of [['video', videoTracks(one)] as const, ['audio', soundTracks(one)] as const]) {
        for (const { id, init, segments, timescaleHz } of tracks) {
          const playlist = one.made.playlists.find(({ key }) => `r3/${key}` === playlistOf(kind, id))
          const folder = dirname(playlist?.key ?? '')
          const read = segmentsByHlsParser(playlist?.text ?? '')
          expect(read.isFinished).toBe(true)
          expect(read.segments.map(({ uri }) => join(folder, uri))).toEqual(segments.map(({ key }) => key))
          expect(new Set(read.segments.map((segment) => join(folder, segment.init ?? '')))).toEqual(new Set([init.key]))
          read.segments.forEach(({ durationSeconds }, index) => {
            const { startTicks = 0, endTicks = 0 } = segments[index] ?? {}
            expect(Math.abs(durationSeconds - (endTicks - startTicks) / timescaleHz)).toBeLessThanOrEqual(1.001e-6)
            expect(Math.round(durationSeconds)).toBeLessThanOrEqual(read.targetSeconds)
          })
          const total = read.segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0)
          const { startTicks = 0 } = segments[0] ?? {}
          expect(total).toBeCloseTo(((segments.at(-1)?.endTicks ?? 0) - startTicks) / timescaleHz, 5)
        }
      }
    })
  })

  it('of texts last as long as the picture', () => {
    everyPublication(({ made, captions }) => {
      for (const { id, cues } of captions.flatMap(({ tracks }) => tracks)) {
        const playlist = made.playlists.find(({ key }) => `r3/${key}` === playlistOf('captions', id))
        expect(playlist === undefined).toBe(cues === 0)
        if (playlist === undefined) continue
        const { segments } = segmentsByHlsParser(playlist.text)
        const total = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0)
        expect(total).toBeCloseTo(made.asset.durationSeconds, 4)
        expect(segments.every(({ init }) => init === null)).toBe(true)
      }
    })
  })
})

describe('the I-frame playlists of every publication', () => {
  it('come beside all else, which is as without them', () => {
    everyPublication(({ made, wound, keyframes }) => {
      expect(wound.playlists.slice(0, made.playlists.length)).toEqual(made.playlists)
      expect(wound.multivariant.startsWith(made.multivariant)).toBe(true)
      const { video, ...rest } = wound.asset
      const also = made.asset.video.map((one, index) => ({ ...one, iFrames: video[index]?.iFrames }))
      expect({ ...rest, video }).toEqual({ ...made.asset, video: also })
      const named = variantsByHlsParser(wound.multivariant, true).map(({ uri }) => uri)
      expect(named).toEqual(video.map(({ iFrames }) => iFrames))
      expect(named).toHaveLength(keyframes.size)
    })
  })

  it('have every keyframe at its place, and last as long as the rung to the microsecond', () => {
    everyPublication((one) => {
      for (const [id, own] of one.keyframes) {
        const [text = '', ofRung = ''] = ['iframes', 'playlist'].map(
          (name) => one.wound.playlists.find(({ key }) => key === `video/${id}/${name}.m3u8`)?.text,
        )
        const read = segmentsByHlsParser(text)
        expect(segmentsByM3u8Parser(text)).toEqual(read)
        expect(read.segments.map(({ uri }) => `video/${id}/${uri}`)).toEqual(own.map(({ key }) => key))
        const ranges = [...text.matchAll(/BYTERANGE:(\d+)@(\d+)/g)].map(([, bytes, offset]) =>
          [bytes, offset].map(Number),
        )
        expect(ranges).toEqual(own.map(({ range }) => [range.bytes, range.offset]))
        const microseconds = (playlist: string): number =>
          segmentsByHlsParser(playlist).segments.reduce(
            (sum, { durationSeconds }) => sum + Math.round(durationSeconds * 1e6),
            0,
          )
        expect(microseconds(text)).toBe(microseconds(ofRung))
      }
    })
  })

  it('say the rates that are measured of them, and the picture of their rung', () => {
    everyPublication((one) => {
      const streams = variantsByHlsParser(one.wound.multivariant, true)
      const variants = variantsByHlsParser(one.wound.multivariant)
      for (const { uri, bandwidthBps, averageBps: average, codecs, ...stream } of streams) {
        const own = one.keyframes.get(uri.split('/').at(-2) ?? '') ?? []
        const { segments, targetSeconds } = segmentsByHlsParser(
          one.wound.playlists.find(({ key }) => `r3/${key}` === uri)?.text ?? '',
        )
        const read = segments.map((segment, index) => ({ file: '', ...segment, bytes: own[index]?.range.bytes ?? 0 }))
        expect(bandwidthBps).toBe(Math.ceil(peakSegmentBps(read, targetSeconds)))
        expect(average).toBe(Math.ceil(averageBps(read)))
        const variant = variants.find((found) => found.uri === uri.replace('iframes', 'playlist'))
        expect(variant?.codecs.split(',')[0]).toBe(codecs)
        expect(stream).toMatchObject({ resolution: variant?.resolution, videoRange: variant?.videoRange, audio: [] })
      }
    })
  })
})

describe('the gate', () => {
  /** As the init segments of the markers would be read. */
  function initsOf(one: Case): Map<string, InitLook> {
    const looks = new Map<string, InitLook>()
    for (const { id, init, codec, timescaleHz } of videoTracks(one)) {
      const { widthPx, heightPx, range } = rungsOf(one).find((rung) => rung.id === id) as VideoEncode
      const told = { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' } as const
      const facts = { kind: 'video' as const, codec, timescaleHz, widthPx, heightPx, range: told[range] }
      looks.set(init.key, { tracks: [facts] })
    }
    for (const { id, init, codec, timescaleHz } of soundTracks(one)) {
      const channels = one.intent.sounds.find(({ trackId }) => trackId === id)?.channels ?? 2
      looks.set(init.key, { tracks: [{ kind: 'audio', codec, timescaleHz, channels }] })
    }
    return looks
  }

  it('lets every publication pass, whatever the master and the ladder', () => {
    everyPublication((one) => {
      const tracks = [...videoTracks(one), ...soundTracks(one)]
      const objects = tracks.flatMap(({ init, segments }) => [init, ...segments])
      const found = new Map(objects.map(({ key, bytes }) => [key, { bytes }]))
      const told = describePublication({ view: one.view, objects, made: one.made, found, inits: initsOf(one) })
      expect(judgeAsset(told).filter(({ severity }) => severity === 'error')).toEqual([])
      const more = { view: one.view, objects, made: one.wound, keyframes: one.keyframes, found, inits: initsOf(one) }
      expect(judgeAsset(describePublication(more))).toEqual(judgeAsset(told))
    })
  })

  it('lets none pass that lacks an object', () => {
    everyPublication((one) => {
      const objects = [...videoTracks(one), ...soundTracks(one)].flatMap(({ segments }) => segments)
      const found = new Map(objects.map(({ key, bytes }, index) => [key, index === 0 ? null : { bytes }]))
      const told = describePublication({ view: one.view, objects, made: one.made, found, inits: initsOf(one) })
      expect(judgeAsset(told)[0]).toMatchObject({ rule: 'object-missing', severity: 'error' })
    })
  })
})
