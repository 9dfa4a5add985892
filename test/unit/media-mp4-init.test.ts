import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GantryError } from '../../core/contract/errors'
import { readInit } from '../../media/mp4/init'
import { createSplitter } from '../../media/mp4/splitter'
import {
  audioEntry,
  avcEntry,
  box,
  claimedBox,
  editList,
  esds,
  fullBox,
  initSegment,
  joined,
  text,
  u16,
  u32,
  u8,
  visualEntry,
  zeros,
} from '../support/mp4-builder'

const INVALID = expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' })

/** The init segment at the head of what ffmpeg wrote. */
function fixture(name: string): Uint8Array {
  const splitter = createSplitter({ maxPartBytes: 1_000_000 })
  const [init] = splitter.push(new Uint8Array(readFileSync(join(__dirname, '../fixtures/mp4', name))))
  return init?.bytes ?? zeros(0)
}

/** `facts`, or the code of the refusal. */
function outcome(bytes: Uint8Array): unknown {
  try {
    return readInit(bytes).timescaleHz > 0 ? 'facts' : 'nonsense'
  } catch (error) {
    return error instanceof GantryError ? error.code : error
  }
}

const video = (entry: Uint8Array) => readInit(initSegment({ entries: [entry] }))
const audio = (entry: Uint8Array) => readInit(initSegment({ handler: 'soun', entries: [entry], timescaleHz: 48_000 }))
const aac = (...config: number[]) => audio(audioEntry('mp4a', 2, 48_000, esds(0x40, u8(...config))))

describe('readInit', () => {
  it.each([
    ['h264-bframes.mp4', { kind: 'video', codec: 'avc1.64000a', widthPx: 96, heightPx: 54, timescaleHz: 90_000 }],
    ['hevc-main10-init.mp4', { kind: 'video', codec: 'hvc1.2.4.L30.90', widthPx: 96, heightPx: 54 }],
    ['av1-pq-init.mp4', { kind: 'video', codec: 'av01.0.00M.10.0.110.09.16.09.0', widthPx: 96, heightPx: 54 }],
    ['aac-stereo.mp4', { kind: 'audio', codec: 'mp4a.40.2', sampleRateHz: 48_000, channels: 2, timescaleHz: 48_000 }],
    ['opus-init.mp4', { kind: 'audio', codec: 'opus', sampleRateHz: 48_000, channels: 2 }],
    ['flac-96k-init.mp4', { kind: 'audio', codec: 'fLaC', sampleRateHz: 96_000, channels: 1 }],
  ])('reads what ffmpeg writes: %s', (name, facts) => {
    expect(readInit(fixture(name))).toMatchObject(facts)
  })

  it.each([0, 1] as const)('reads the time scale and the defaults, with times of version %i', (version) => {
    expect(readInit(initSegment({ version, timescaleHz: 30_000, trackId: 7 }))).toEqual({
      kind: 'video',
      timescaleHz: 30_000,
      editTicks: 0,
      defaults: { trackId: 7, durationTicks: 3_000, bytes: 100, flags: 0x1010000 },
      codec: 'avc1.64001f',
      widthPx: 320,
      heightPx: 180,
    })
  })

  it.each([
    ['no track', initSegment({ tracks: 0 })],
    ['two tracks', initSegment({ tracks: 2 })],
    ['no bytes', zeros(0)],
    ['a track of subtitles', initSegment({ handler: 'subt' })],
    ['a time scale of 0', initSegment({ timescaleHz: 0 })],
    ['no sample entry', initSegment({ entries: [] })],
    ['two sample entries', initSegment({ entries: [avcEntry(), avcEntry()] })],
    ['defaults of another track', initSegment({ trackId: 1, trexTrackId: 2 })],
    ['a picture of no width', initSegment({ entries: [box('avc1', zeros(78), box('avcC', u8(1, 2, 3, 4)))] })],
    ['an unknown picture codec', initSegment({ entries: [visualEntry('vp09')] })],
    ['MPEG video that does not say which', initSegment({ entries: [visualEntry('mp4v')] })],
    ['an encrypted picture', initSegment({ entries: [visualEntry('encv')] })],
    ['no avcC', initSegment({ entries: [visualEntry('avc1')] })],
    ['an avcC of 3 bytes', initSegment({ entries: [visualEntry('avc1', box('avcC', u8(1, 100, 0)))] })],
    ['an hvcC of 12 bytes', initSegment({ entries: [visualEntry('hvc1', box('hvcC', zeros(12)))] })],
    ['an entry that ends within its fields', initSegment({ entries: [box('avc1', zeros(26))] })],
    ['a child of impossible size', initSegment({ entries: [visualEntry('avc1', claimedBox(99, 'avcC', zeros(9)))] })],
  ])('refuses %s', (_, bytes) => {
    expect(() => readInit(bytes)).toThrow(INVALID)
  })

  it('refuses every init segment that is cut short', () => {
    const whole = fixture('h264-bframes.mp4')
    const outcomes = Array.from(whole, (_, length) => outcome(whole.subarray(0, length)))
    expect(new Set(outcomes)).toEqual(new Set(['FFMPEG_OUTPUT_INVALID']))
  })

  it.each(['h264-bframes.mp4', 'aac-stereo.mp4', 'flac-96k-init.mp4', 'av1-pq-init.mp4'])(
    'gives facts or refuses, and never anything else, when a byte of %s is wrong',
    (name) => {
      const bytes = fixture(name)
      const outcomes = Array.from(bytes, (byte, at) => outcome(Uint8Array.from(bytes).fill(byte ^ 0xff, at, at + 1)))
      expect(new Set(outcomes)).toEqual(new Set(['facts', 'FFMPEG_OUTPUT_INVALID']))
    },
  )
})

describe('codec strings of pictures', () => {
  const hvcC = (head: number, compatibility: number, constraints: number[], level: number): Uint8Array =>
    visualEntry('hvc1', box('hvcC', u8(1, head), u32(compatibility), u8(...constraints, level), zeros(10)))

  it('has profile, constraints and level of avcC in two digits each', () => {
    expect(video(visualEntry('avc1', box('avcC', u8(1, 0x42, 0xc0, 0x0b)))).codec).toBe('avc1.42c00b')
    expect(video(visualEntry('avc3', box('avcC', u8(1, 0x4d, 0x40, 0x29)))).codec).toBe('avc3.4d4029')
  })

  it.each([
    ['Main, level 3.1', hvcC(0x01, 0x60000000, [0xb0, 0, 0, 0, 0, 0], 93), 'hvc1.1.6.L93.B0'],
    ['Main 10, high tier', hvcC(0x22, 0x20000000, [0x90, 0, 0, 0, 0, 0], 153), 'hvc1.2.4.H153.90'],
    ['no constraint at all', hvcC(0x01, 0x60000000, [0, 0, 0, 0, 0, 0], 30), 'hvc1.1.6.L30'],
    ['a gap in the constraints', hvcC(0x04, 0x08000000, [0x9d, 0, 8, 0, 0, 0], 120), 'hvc1.4.10.L120.9D.0.8'],
    ['profile space B', hvcC(0x81, 1, [0, 0, 0, 0, 0, 0], 30), 'hvc1.B1.80000000.L30'],
  ])('has an HEVC string by annex E: %s', (_, entry, codec) => {
    expect(video(entry).codec).toBe(codec)
  })

  const av1C = (profileAndLevel: number, bits: number, ...more: Uint8Array[]): Uint8Array =>
    visualEntry('av01', box('av1C', u8(0x81, profileAndLevel, bits, 0)), ...more)
  const nclx = (primaries: number, transfer: number, matrix: number, range: number): Uint8Array =>
    box('colr', text('nclx'), u16(primaries, transfer, matrix), u8(range))

  it.each([
    ['8 bit', av1C(0x08, 0x0c), 'av01.0.08M.08'],
    ['10 bit, high tier', av1C(0x0d, 0xcc), 'av01.0.13H.10'],
    ['BT.709 as declared', av1C(0x08, 0x0c, nclx(1, 1, 1, 0)), 'av01.0.08M.08'],
    ['colour declared as unspecified', av1C(0x08, 0x0c, nclx(2, 2, 2, 0)), 'av01.0.08M.08'],
    ['an ICC profile, which names no codes', av1C(0x08, 0x0c, box('colr', text('prof'), zeros(9))), 'av01.0.08M.08'],
    ['full range', av1C(0x08, 0x0c, nclx(1, 1, 1, 0x80)), 'av01.0.08M.08.0.110.01.01.01.1'],
    ['PQ', av1C(0x0c, 0x4c, nclx(9, 16, 9, 0)), 'av01.0.12M.10.0.110.09.16.09.0'],
    ['4:4:4, profile 1', av1C(0x28, 0x00), 'av01.1.08M.08.0.000.01.01.01.0'],
    ['12 bit, profile 2', av1C(0x48, 0x6c), 'av01.2.08M.12'],
    ['no colour', av1C(0x08, 0x1c), 'av01.0.08M.08.1.110.01.01.01.0'],
  ])('has an AV1 string: %s', (_, entry, codec) => {
    expect(video(entry).codec).toBe(codec)
  })
})

describe('codec strings of sound', () => {
  it.each([
    ['AAC LC, 48 kHz stereo', [0x11, 0x90], 'mp4a.40.2', 48_000, 2],
    ['AAC LC, 44.1 kHz 5.1', [0x12, 0x30], 'mp4a.40.2', 44_100, 6],
    ['AAC LC, 7.1 as configuration 7', [0x11, 0xb8], 'mp4a.40.2', 48_000, 8],
    ['HE-AAC, 24 kHz told, 48 kHz heard', [0x2b, 0x11, 0x88], 'mp4a.40.5', 48_000, 2],
    ['HE-AAC v2, mono told, stereo heard', [0xeb, 0x09, 0x88], 'mp4a.40.29', 48_000, 2],
    ['an escaped object type (xHE-AAC, 42)', [0xf9, 0x46, 0x40], 'mp4a.40.42', 48_000, 2],
    ['a rate that is written out', [0x17, 0x80, 0x5d, 0xb0, 0x10], 'mp4a.40.2', 47_968, 2],
    ['channels that are described elsewhere', [0x11, 0x80], 'mp4a.40.2', 48_000, 2],
  ])('reads %s', (_, config, codec, sampleRateHz, channels) => {
    expect(aac(...config)).toMatchObject({ kind: 'audio', codec, sampleRateHz, channels })
  })

  it('reads MP3 in MP4 from the entry, for it has no configuration', () => {
    expect(audio(audioEntry('mp4a', 1, 44_100, esds(0x6b, zeros(0))))).toMatchObject({
      codec: 'mp4a.6b',
      sampleRateHz: 44_100,
      channels: 1,
    })
  })

  it('passes over the optional fields of the ES descriptor', () => {
    const flags = joined(u8(0xe0), u16(5), u8(3), text('url'), u16(9))
    expect(audio(audioEntry('mp4a', 2, 48_000, esds(0x40, u8(0x11, 0x90), flags))).codec).toBe('mp4a.40.2')
  })

  it.each([
    ['no esds', audioEntry('mp4a', 2, 48_000)],
    ['an esds without descriptors', audioEntry('mp4a', 2, 48_000, fullBox('esds', 0, 0))],
    ['another descriptor first', audioEntry('mp4a', 2, 48_000, fullBox('esds', 0, 0, u8(4, 2, 0, 0)))],
    ['a descriptor longer than its box', audioEntry('mp4a', 2, 48_000, fullBox('esds', 0, 0, u8(3, 99), zeros(20)))],
    ['a length of five bytes', audioEntry('mp4a', 2, 48_000, fullBox('esds', 0, 0, u8(3, 255, 255, 255, 255, 1)))],
    ['a configuration of no bytes', audioEntry('mp4a', 2, 48_000, esds(0x40, zeros(0)))],
    ['a reserved rate', audioEntry('mp4a', 2, 48_000, esds(0x40, u8(0x16, 0x90)))],
    ['no channel anywhere', audioEntry('mp4a', 0, 48_000, esds(0x40, u8(0x11, 0x80)))],
    ['a dfLa that begins with padding', audioEntry('fLaC', 2, 48_000, fullBox('dfLa', 0, 0, u8(1), zeros(37)))],
    ['an Opus without dOps', audioEntry('Opus', 2, 48_000)],
    ['an unknown codec', audioEntry('alac', 2, 48_000)],
  ])('refuses %s', (_, entry) => {
    expect(() => audio(entry)).toThrow(INVALID)
  })
})

describe('edit lists', () => {
  it.each([0, 1] as const)('of version %i tell what is taken off the sample times', (version) => {
    expect(readInit(initSegment({ edits: editList(version, [0, 7_200]) })).editTicks).toBe(7_200)
  })

  it('need not be there', () => {
    expect(readInit(initSegment({ edits: box('edts') })).editTicks).toBe(0)
    expect(readInit(fixture('h264-bframes.mp4')).editTicks).toBe(0)
  })

  it('are read as ffmpeg writes them', () => {
    expect(readInit(fixture('h264-edit-list.mp4')).editTicks).toBe(7_200)
  })

  it.each([
    ['an empty edit first', editList(0, [500, -1])],
    ['an empty edit first, in 64 bits', editList(1, [500, -1])],
    ['more than one edit', editList(0, [500, 0], [500, 3_000])],
    ['no edit at all', editList(0)],
    ['an edit that is cut short', box('edts', fullBox('elst', 0, 0, u32(1, 0)))],
  ])('are refused with %s, since they change what is shown', (_, edits) => {
    expect(() => readInit(initSegment({ edits }))).toThrow(INVALID)
  })
})

describe('MPEG video', () => {
  it.each([
    [0x61, 'mp4v.61'],
    [0x6a, 'mp4v.6a'],
  ])('of object type %i is %s', (objectType, codec) => {
    const bytes = initSegment({ entries: [visualEntry('mp4v', esds(objectType, zeros(0)))] })
    expect(readInit(bytes)).toMatchObject({ kind: 'video', codec })
  })
})
