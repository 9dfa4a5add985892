import fc from 'fast-check'
import { byteLength } from '../../media/mp4/box-bytes'
import { fragmentsOf, withoutMedia } from '../../media/mp4/fragment-tables'
import { readInit } from '../../media/mp4/init'
import { mediaOrder, progressiveFile } from '../../media/mp4/progressive-layout'
import type { ProgressiveTrack } from '../../media/mp4/progressive-moov'
import { createTables } from '../../media/mp4/progressive-tables'
import { eachSample } from '../../media/mp4/sample-runs'
import * as mp4 from '../support/mp4-builder'
import { readProgressive, type ReadFile } from '../support/progressive-reader'

const ZERO_SECONDS = 10
const AAC = mp4.audioEntry('mp4a', 2, 48_000, mp4.esds(0x40, mp4.u8(0x11, 0x90)))
const OPUS = mp4.audioEntry('Opus', 2, 48_000, mp4.box('dOps', mp4.u8(0, 2), mp4.zeros(9)))
const pictureInit = (editTicks = 0): Uint8Array =>
  mp4.initSegment({ timescaleHz: 90_000, edits: editTicks === 0 ? mp4.zeros(0) : mp4.editList(0, [0, editTicks]) })
const soundInit = (entry = AAC): Uint8Array =>
  mp4.initSegment({ handler: 'soun', entries: [entry], timescaleHz: 48_000 })

interface Row {
  duration: number
  size: number
  composition: number
  isSync: boolean
}

const row = (more: Partial<Row> = {}): Row => ({ duration: 3_000, size: 100, composition: 0, isSync: true, ...more })

/** One fragment for each list of rows, gapless from `startTicks` on. */
function trackOf(
  init: Uint8Array,
  fragments: readonly (readonly Row[])[],
  { startTicks = NaN, ...more }: Partial<ProgressiveTrack> & { startTicks?: number } = {},
): ProgressiveTrack {
  const { timescaleHz, defaults } = readInit(init)
  const zeroTicks = ZERO_SECONDS * timescaleHz
  const tables = createTables(timescaleHz)
  let ticks = Number.isNaN(startTicks) ? zeroTicks : startTicks
  for (const rows of fragments) {
    const run = rows.map(({ isSync, ...fields }) => ({ ...fields, flags: isSync ? mp4.SYNC : mp4.NON_SYNC }))
    const kept = withoutMedia(
      mp4.fragment(
        [mp4.traf(mp4.tfhd(), mp4.tfdt(ticks), mp4.trun(run, { version: 1 }))],
        rows.reduce((sum, { size }) => sum + size, 0),
      ),
    )
    for (const { moof } of fragmentsOf(kept)) eachSample(kept, moof, defaults, tables.add)
    tables.endChunk()
    ticks = rows.reduce((sum, { duration }) => sum + duration, ticks)
  }
  return { init, tables: tables.end(), zeroTicks, endTicks: ticks, language: null, isEnabled: true, ...more }
}

function written(...tracks: ProgressiveTrack[]): ReadFile & { bytes: number; headBytes: number } {
  const { head, bytes } = progressiveFile(tracks)
  return { ...readProgressive(Buffer.concat(head)), bytes, headBytes: byteLength(head) }
}

const times = (count: number, of: Row): Row[] => Array<Row>(count).fill(of)

describe('tables that are kept of fragments', () => {
  it('say where the media is, fragment after fragment', () => {
    const one = mp4.joined(mp4.box('styp', mp4.zeros(8)), mp4.fragment([mp4.traf(mp4.tfhd())], 70))
    const other = mp4.joined(mp4.box('moof', mp4.zeros(4)), mp4.longBox('mdat', mp4.zeros(33)))
    const kept = mp4.joined(withoutMedia(one), withoutMedia(other))
    expect(kept.byteLength).toBe(one.byteLength + other.byteLength - 70 - 33)
    expect([...fragmentsOf(kept)].map(({ bytes, mediaStart, mediaBytes }) => [bytes, mediaStart, mediaBytes])).toEqual([
      [one.byteLength, one.byteLength - 70, 70],
      [other.byteLength, 12 + 16, 33],
    ])
  })

  it.each([
    ['media first', mp4.claimedBox(20, 'mdat')],
    ['a cut box', mp4.claimedBox(20, 'moof', mp4.zeros(3))],
    ['a cut header', mp4.joined(mp4.box('moof'), mp4.zeros(5))],
    ['a box of no size', mp4.claimedBox(4, 'moof')],
    ['no media at the end', mp4.box('moof')],
  ])('are refused with %s', (_, kept) => {
    expect(() => [...fragmentsOf(kept)]).toThrow(expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' }))
  })
})

const rows = fc.array(
  fc.record({
    ...{ duration: fc.integer({ min: 0, max: 50_000 }), size: fc.nat(5_000) },
    ...{ composition: fc.integer({ min: -9_000, max: 9_000 }), isSync: fc.boolean() },
  }),
  { minLength: 1, maxLength: 30 },
)
const fragments = fc.array(rows, { minLength: 1, maxLength: 8 })

it('every sample is where its tables say, at its time, and nothing overlaps', () => {
  fc.assert(
    fc.property(fragments, fragments, (video, audio) => {
      const tracks = [trackOf(pictureInit(), video), trackOf(soundInit(), audio)]
      const file = written(...tracks)
      const ends = file.tracks.flatMap(({ samples }) =>
        samples.map(({ offset, bytes }) => [offset, offset + bytes] as const),
      )
      const wanted = [video, audio].map((all) => {
        let ticks = 0
        return all.flat().map(({ duration, composition, size, isSync }) => {
          ticks += duration
          return [ticks - duration, ticks - duration + composition, size, isSync]
        })
      })
      const found = file.tracks.map(({ samples }) =>
        samples.map(({ decodeTicks, shownTicks, bytes, isSync }) => [decodeTicks, shownTicks, bytes, isSync]),
      )
      expect(found).toEqual(wanted)
      const sorted = ends.filter(([from, to]) => to > from).sort(([a], [b]) => a - b)
      const joints = sorted.map(([from], index) => from - (sorted[index - 1]?.[1] ?? file.headBytes))
      expect(joints.every((gap) => gap === 0)).toBe(true)
      expect(Math.max(file.headBytes, ...ends.map(([, to]) => to))).toBe(file.bytes)
      expect(file.media).toEqual({ start: file.headBytes, bytes: file.bytes - file.headBytes })
    }),
    { numRuns: 60 },
  )
})

describe('the order of the media', () => {
  it('is the order of decoding, in runs of a second at most', () => {
    const video = trackOf(pictureInit(), [times(60, row()), times(60, row())])
    const audio = trackOf(soundInit(), Array<Row[]>(8).fill(times(24, row({ duration: 1_000, size: 10 }))))
    const order = [...mediaOrder([video.tables, audio.tables])].map(({ trackIndex, bytes }) => [trackIndex, bytes])
    const second = [
      [0, 3_000],
      [1, 240],
      [1, 240],
    ]
    expect(order).toEqual([...second, ...second, ...second, ...second])
  })

  it('puts the index first, before media of known length', () => {
    expect(written(trackOf(pictureInit(), [times(5, row())])).order).toEqual(['ftyp', 'moov', 'mdat'])
  })
})

describe('offsets', () => {
  /** Two pictures of so many bytes together, and one byte behind them. */
  const large = (bytes: number): ProgressiveTrack => {
    const tables = createTables(90_000)
    const half = Math.floor(bytes / 2)
    for (const [index, size] of [half, bytes - half, 1].entries()) {
      const ticks = 900_000 + 3_000 * index
      tables.add({
        ...{ decodeTicks: ticks, presentationTicks: ticks, durationTicks: 3_000 },
        bytes: size,
        isSync: true,
      })
      tables.endChunk()
    }
    return {
      init: pictureInit(),
      tables: tables.end(),
      zeroTicks: 900_000,
      endTicks: 909_000,
      language: null,
      isEnabled: true,
    }
  }
  const headBytes = written(large(2)).headBytes

  it.each([
    [2 ** 32 - 1 - headBytes, 4],
    [2 ** 32 + 1_000, 8],
  ])('of %i bytes of media take %i bytes each', (bytes, offsetBytes) => {
    const file = written(large(bytes - 100))
    const [track] = file.tracks
    expect(track?.offsetBytes).toBe(offsetBytes)
    expect(track?.samples.map(({ offset }) => offset - file.headBytes)).toEqual([
      0,
      Math.floor((bytes - 100) / 2),
      bytes - 100,
    ])
    expect(file.media).toEqual({ start: file.headBytes, bytes: bytes - 99 })
  })
})

describe('the presentation', () => {
  it('begins with the first picture and the first sample of sound at 0', () => {
    const video = trackOf(pictureInit(6_000), [times(50, row({ composition: 6_000 }))])
    const audio = trackOf(soundInit(), [times(40, row({ duration: 1_024 }))], { startTicks: 480_000 - 1_024 })
    const file = written(video, audio)
    expect(file.movieHz).toBe(90_000)
    expect(file.tracks.map(({ edits }) => edits)).toEqual([
      [{ movieTicks: 150_000, mediaTicks: 6_000 }],
      // 39 frames of 1,024 samples, rounded up to the pictures' clock.
      [{ movieTicks: 74_880, mediaTicks: 1_024 }],
    ])
    expect(file.movieTicks).toBe(150_000)
    expect(file.tracks.map(({ durations }) => durations)).toEqual([
      { movieTicks: 150_000, mediaTicks: 156_000 },
      { movieTicks: 74_880, mediaTicks: 40 * 1_024 },
    ])
  })

  it('waits where a track begins late', () => {
    const file = written(trackOf(pictureInit(), [times(10, row())], { startTicks: 10 * 90_000 + 4_500 }))
    expect(file.tracks[0]?.edits).toEqual([
      { movieTicks: 4_500, mediaTicks: -1 },
      { movieTicks: 30_000, mediaTicks: 0 },
    ])
    expect(file.movieTicks).toBe(34_500)
  })

  it('is counted in 64 bits where 32 are too few', () => {
    const day = trackOf(pictureInit(), [times(3, row({ duration: 2_000_000_000 }))])
    expect(written(day)).toMatchObject({
      movieTicks: 6_000_000_000,
      tracks: [{ edits: [{ movieTicks: 6e9, mediaTicks: 0 }], durations: { movieTicks: 6e9, mediaTicks: 6e9 } }],
    })
  })
})

describe('a track', () => {
  const audio = (more: Partial<ProgressiveTrack> = {}, entry = AAC): ProgressiveTrack =>
    trackOf(soundInit(entry), [times(10, row({ duration: 960 }))], more)

  it('describes its samples as the init segment does, byte for byte', () => {
    const init = pictureInit()
    const { description } = written(trackOf(init, [times(2, row())])).tracks[0] ?? {}
    const at = Buffer.from(init).indexOf('stsd')
    expect(description).toEqual(Buffer.from(init.subarray(at + 4, at + 4 + (description?.byteLength ?? 0))))
    expect(description?.byteLength).toBe(Buffer.from(init).readUInt32BE(at - 4) - 8)
  })

  it('says its language, and the whole tag where there is more', () => {
    const tags = ['en', 'pt-BR', 'gsw', null, 'x-klingon']
    expect(
      written(...tags.map((language) => audio({ language }))).tracks.map((one) => [one.language, one.languageTag]),
    ).toEqual([
      ['eng', null],
      ['por', 'pt-BR'],
      ['gsw', null],
      ['und', null],
      ['und', 'x-klingon'],
    ])
  })

  it('is played without being asked where it is meant to be', () => {
    const file = written(audio(), audio({ isEnabled: false }))
    expect(file.tracks.map(({ flags }) => flags)).toEqual([3, 2])
  })

  it.each([
    ['AAC', AAC, -1],
    ['Opus', OPUS, -4],
  ])('of %s says how much is decoded before a jump', (_, entry, distance) => {
    expect(written(audio({}, entry)).tracks[0]?.rollDistance).toBe(distance)
  })

  it('of pictures says nothing of the kind, and names its codec', () => {
    const file = written(trackOf(pictureInit(), [times(2, row())]))
    expect(file.tracks[0]?.rollDistance).toBeNull()
    expect(file.brands).toBe('isomiso2mp41iso4avc1')
  })
})

describe('pieces whose times of decoding overlap', () => {
  it('are shown when they were, by a clock of decoding that does not run backwards', () => {
    const tables = createTables(90_000)
    const sample = { durationTicks: 3_000, bytes: 10, isSync: true }
    const samples = [
      { ...sample, decodeTicks: 900_000, presentationTicks: 900_000 },
      { ...sample, decodeTicks: 903_000, presentationTicks: 909_000 },
      { ...sample, decodeTicks: 902_000, presentationTicks: 912_000 },
      { ...sample, decodeTicks: 905_000, presentationTicks: 915_000 },
    ]
    for (const one of samples) tables.add(one)
    const track = { init: pictureInit(), tables: tables.end(), zeroTicks: 900_000, endTicks: 918_000 }
    const [read] = written({ ...track, language: null, isEnabled: true }).tracks
    expect(read?.samples.map(({ shownTicks }) => shownTicks)).toEqual([0, 9_000, 12_000, 15_000])
    expect(read?.samples.map(({ decodeTicks }) => decodeTicks)).toEqual([0, 3_000, 3_000, 5_000])
  })
})

describe('refused', () => {
  it.each([
    ['no sample', []],
    ['an offset beyond 31 bits', [[row({ composition: 2 ** 31 - 1 }), row({ composition: -1 })]]],
  ])('is %s', (what, all) => {
    const tables = createTables(90_000)
    const build = (): unknown => {
      const decodeTicks = 900_000
      for (const { composition, duration, size, isSync } of all.flat()) {
        const presentationTicks = decodeTicks + composition + (what.includes('31 bits') ? 1 : 0)
        tables.add({ decodeTicks, presentationTicks, durationTicks: duration, bytes: size, isSync })
      }
      return tables.end()
    }
    expect(build).toThrow(expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' }))
  })
})
