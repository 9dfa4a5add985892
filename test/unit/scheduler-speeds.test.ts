import { ageDays, isCounted, isFresh, isMachineRecord, type MachineRecord } from '../../core/contract/fleet'
import { estimateCost } from '../../scheduler/cost/estimate'
import { knownSpeeds, NO_SPEEDS, stretchOf, type KnownSpeeds } from '../../scheduler/cost/known-speeds'
import { learn, NOTHING_LEARNED } from '../../scheduler/cost/learned'
import { CLASS_FORM, pieceClass } from '../../scheduler/cost/piece-class'
import { DEFAULT_PRICES } from '../../scheduler/cost/prices'
import { DECODE_MPX, ENCODE_MPX, TEST_PICTURE_SECONDS } from '../../scheduler/cost/speeds'
import type { CostCodec, CostPreset, MasterWork, RungWork } from '../../scheduler/cost/work'

const NOW = new Date('2026-03-01T00:00:00.000Z')
const daysAgo = (days: number): string => new Date(NOW.getTime() - days * 86_400_000).toISOString()
const FPS = { num: 25, den: 1 }

function machine(more: Partial<MachineRecord> = {}): MachineRecord {
  const kind = { cpu: 'AMD EPYC', arch: 'x64', ffmpegBuild: 'ffmpeg 5.1.9 0123', encoderThreads: 1 }
  return { v: 1, ...kind, cpuSeconds: TEST_PICTURE_SECONDS, at: daysAgo(0), ...more }
}

function rung(more: Partial<RungWork> = {}): RungWork {
  const size = { widthPx: 1280, heightPx: 720, fps: FPS, maxBitrateBps: 3e6 }
  return { id: '720p', codec: 'h264', preset: 'veryfast', bits: 8, ...size, ...more }
}

const CLASS = 'h264.veryfast.8bit.720.from-h264'

/** `weight` pieces of one class that took `ratio` times what was expected. */
function speeds(ratio: number, weight: number, machines: readonly MachineRecord[] = []): KnownSpeeds {
  const seen = { pieceClass: CLASS, logRatio: Math.log(ratio), weight, pieces: 7 }
  return knownSpeeds({ machines, learned: learn(NOTHING_LEARNED, 'a.1', [seen], NOW) }, NOW)
}

describe('how far figures are stretched', () => {
  it('is not at all where nothing is known', () => {
    expect(stretchOf(NO_SPEEDS, CLASS)).toEqual({ factor: 1, from: 'default', pieces: 0 })
  })

  it('is what the machines took, in the middle of their kinds', () => {
    const machines = [machine({ cpuSeconds: 4 * TEST_PICTURE_SECONDS }), machine()]
    const known = knownSpeeds({ machines, learned: NOTHING_LEARNED }, NOW)
    expect(stretchOf(known, CLASS)).toEqual({ factor: expect.closeTo(2, 9) as number, from: 'calibrated', pieces: 0 })
    expect(stretchOf(known, null).factor).toBeCloseTo(2, 9)
  })

  it('is by machines of the last month only, and by none that is dated ahead', () => {
    const slow = { cpuSeconds: 4 * TEST_PICTURE_SECONDS }
    const factor = (days: number): number =>
      stretchOf(
        knownSpeeds({ machines: [machine({ ...slow, at: daysAgo(days) })], learned: NOTHING_LEARNED }, NOW),
        null,
      ).factor
    expect([29, 31, -0.5, -2].map(factor).map((one) => Math.round(one))).toEqual([4, 1, 4, 1])
  })

  it('never is by more than eight times, whatever a machine tells', () => {
    const factor = (cpuSeconds: number): number =>
      stretchOf(knownSpeeds({ machines: [machine({ cpuSeconds })], learned: NOTHING_LEARNED }, NOW), CLASS).factor
    expect(factor(1e9)).toBeCloseTo(8, 9)
    expect(factor(1e-9)).toBeCloseTo(1 / 8, 9)
  })

  it('goes over from the machines to the pieces as these become many', () => {
    const slow = [machine({ cpuSeconds: 4 * TEST_PICTURE_SECONDS })]
    expect(stretchOf(speeds(2, 0.5, slow), CLASS)).toMatchObject({ from: 'calibrated', pieces: 0 })
    expect(stretchOf(speeds(2, 1, slow), CLASS)).toMatchObject({ from: 'learned', pieces: 7 })
    expect(stretchOf(speeds(2, 1, slow), CLASS).factor).toBeCloseTo(8 ** 0.5, 9)
    expect(stretchOf(speeds(2, 100, slow), CLASS).factor).toBeCloseTo(2, 1)
    expect(stretchOf(speeds(2, 100, slow), null).factor).toBeCloseTo(4, 9)
  })
})

describe('the class of a piece', () => {
  it('is that of its dearest rung and of the master', () => {
    const rungs = [rung({ codec: 'hevc', preset: 'medium', bits: 10, widthPx: 426, heightPx: 240 }), rung()]
    expect(pieceClass({ codec: 'hevc' }, rungs)).toBe(`h264.veryfast.8bit.720.from-hevc`)
    const dear = [rung(), rung({ codec: 'av1', preset: 'slower', bits: 10, widthPx: 1080, heightPx: 1920 })]
    expect(pieceClass({ codec: 'h264' }, dear)).toBe('av1.slower.10bit.1080.from-h264')
    expect(pieceClass({ codec: 'h264' }, [])).toBeNull()
  })

  it.each([
    [240, 480],
    [480, 480],
    [481, 720],
    [1_080, 1_080],
    [1_440, 2_160],
    [4_320, 2_160],
  ])('of %i lines is %i', (heightPx, size) => {
    expect(pieceClass({ codec: 'vp8' }, [rung({ heightPx, widthPx: 9_000 })])).toContain(`.${size}.from-vp8`)
  })

  it('has a name that records may have, also of masters whose codec nobody knows', () => {
    const presets = Object.keys(ENCODE_MPX.h264) as CostPreset[]
    const codecs: CostCodec[] = ['h264', 'hevc', 'av1']
    const decoders = [...Object.keys(DECODE_MPX), 'dnxhd', '__proto__', 'constructor', '../x', '']
    const names = codecs.flatMap((codec) =>
      presets.flatMap((preset) => decoders.map((decoder) => pieceClass({ codec: decoder }, [rung({ codec, preset })]))),
    )
    for (const name of names) expect(name).toMatch(CLASS_FORM)
    expect(pieceClass({ codec: 'constructor' }, [rung()])).toBe('h264.veryfast.8bit.720.from-other')
  })
})

describe('an estimate', () => {
  const work: MasterWork = {
    ...{ durationSeconds: 60, masterBytes: 1e6, segmentSeconds: 4, captionTracks: 1, mp4Files: 1, hasIFrames: false },
    picture: {
      ...{ codec: 'h264', widthPx: 1280, heightPx: 720, fps: FPS },
      ...{ isInterlaced: false, isToneMapped: false, pieces: 1, isCopied: true },
    },
    rungs: [rung()],
    sounds: [{ id: 'audio', codec: 'aac', channels: 2, bitrateBps: 128_000, isLevelled: false }],
    thumbnails: { imageIntervalSeconds: 10, spriteIntervalSeconds: 2, tilesPerSprite: 100 },
  }

  it('stretches the picture by what was learned of it and all else by the machines', () => {
    const slow = [machine({ cpuSeconds: 3 * TEST_PICTURE_SECONDS })]
    const plain = estimateCost(work, DEFAULT_PRICES, NO_SPEEDS)
    const known = speeds(2, 8, slow)
    const { factor } = stretchOf(known, CLASS)
    const { slotSeconds, vCpuHours, speeds: based } = estimateCost(work, DEFAULT_PRICES, known)
    expect(slotSeconds.decode).toBeCloseTo(factor * plain.slotSeconds.decode, 9)
    expect(slotSeconds.rungs[0]?.slotSeconds).toBeCloseTo(factor * (plain.slotSeconds.rungs[0]?.slotSeconds ?? 0), 9)
    for (const part of ['copy', 'captions', 'mp4', 'thumbnails'] as const)
      expect(slotSeconds[part]).toBeCloseTo(3 * plain.slotSeconds[part], 9)
    const { copy, decode, rungs, sounds, captions, mp4, thumbnails, total } = slotSeconds
    const parts = [copy, decode, captions, mp4, thumbnails, ...[...rungs, ...sounds].map((one) => one.slotSeconds)]
    expect(total).toBeCloseTo(
      parts.reduce((sum, one) => sum + one, 0),
      9,
    )
    expect(vCpuHours).toBeCloseTo(total / 3_600, 12)
    expect(based).toEqual({ factor, from: 'learned', pieces: 7 })
  })

  it('of sound alone goes by the machines', () => {
    const slow = [machine({ cpuSeconds: 3 * TEST_PICTURE_SECONDS })]
    const sound = { ...work, picture: null, rungs: [] }
    const plain = estimateCost(sound, DEFAULT_PRICES, NO_SPEEDS).slotSeconds.total
    const { slotSeconds, speeds: based } = estimateCost(sound, DEFAULT_PRICES, speeds(2, 8, slow))
    expect(slotSeconds.total).toBeCloseTo(3 * plain, 9)
    expect(based.from).toBe('calibrated')
  })
})

describe('the record of a machine', () => {
  it('is fresh for a week and counts for a month', () => {
    const at = (days: number): MachineRecord => machine({ at: daysAgo(days) })
    expect([0, 6.9, 7.1, -0.5, -1.5].map((days) => isFresh(at(days), NOW))).toEqual([true, true, false, true, false])
    expect([0, 29.9, 30.1, -1.5].map((days) => isCounted(at(days), NOW))).toEqual([true, true, false, false])
    expect(ageDays('no date', NOW)).toBeNaN()
    expect(isFresh(machine({ at: 'no date' }), NOW)).toBe(false)
  })

  it.each([
    ['nothing', null],
    ['text', 'x'],
    ['a list', []],
    ['another version', { ...machine(), v: 2 }],
    ['no time', { ...machine(), cpuSeconds: 0 }],
    ['a time that is text', { ...machine(), cpuSeconds: '1' }],
    ['an infinite time', { ...machine(), cpuSeconds: Infinity }],
    ['no processor', { ...machine(), cpu: undefined }],
    ['threads in parts', { ...machine(), encoderThreads: 1.5 }],
    ['no date', { ...machine(), at: 'x' }],
  ])('is none where it is %s', (_, value) => {
    expect(isMachineRecord(value)).toBe(false)
    expect(isMachineRecord(machine({ encoderThreads: null }))).toBe(true)
  })
})
