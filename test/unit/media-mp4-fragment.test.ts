import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureFragment } from '../../media/mp4/fragment'
import { readInit, type SampleDefaults } from '../../media/mp4/init'
import { createSplitter } from '../../media/mp4/splitter'
import {
  box,
  fragment,
  fullBox,
  joined,
  NON_SYNC,
  SYNC,
  tfdt,
  tfhd,
  traf,
  trun,
  u32,
  u64,
  zeros,
} from '../support/mp4-builder'

const INVALID = expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' })
const defaults: SampleDefaults = { trackId: 1, durationTicks: 10, bytes: 1, flags: NON_SYNC }
const measure = (...trafs: Uint8Array[]) => measureFragment(fragment(trafs), defaults)

describe('measureFragment', () => {
  it('takes the earliest and the latest sample as shown, not as decoded', () => {
    // Shown in the order I B B P: decode times 1000, 1010, 1020, 1030.
    const run = trun([{ composition: 20 }, { composition: 40 }, { composition: 10 }, { composition: 10 }], {
      firstFlags: SYNC,
    })
    expect(measure(traf(tfhd(), tfdt(1_000), run))).toEqual({
      startTicks: 1_020,
      lastTicks: 1_050,
      endTicks: 1_060,
      decodeStartTicks: 1_000,
      decodeEndTicks: 1_040,
      samples: 4,
      startsWithKeyframe: true,
      keyframeTicks: [1_020],
    })
  })

  it('reads offsets as signed in version 1 and as unsigned in version 0', () => {
    const rows = [{ composition: -30 }, { composition: 0 }]
    expect(measure(traf(tfhd(), tfdt(100), trun(rows, { version: 1 }))).startTicks).toBe(70)
    expect(measure(traf(tfhd(), tfdt(100), trun(rows, { version: 0 }))).endTicks).toBe(100 + 2 ** 32 - 30 + 10)
  })

  it('may start before 0', () => {
    expect(measure(traf(tfhd(), tfdt(0), trun([{ composition: -5 }], { version: 1 }))).startTicks).toBe(-5)
  })

  it.each([0, 1])('reads decode times of version %i', (version) => {
    expect(measure(traf(tfhd(), tfdt(0xfffffffe, version), trun([{ duration: 3 }])))).toMatchObject({
      startTicks: 0xfffffffe,
      endTicks: 0x100000001,
    })
  })

  it('takes a field from the sample, else from tfhd, else from trex', () => {
    const own = { duration: 7, flags: SYNC }
    const inTfhd = tfhd(1, 0x28, u32(5, SYNC))
    const ends = (...boxes: Uint8Array[]) => measure(traf(...boxes))
    expect(ends(inTfhd, tfdt(0), trun([own]))).toMatchObject({ endTicks: 7, keyframeTicks: [0] })
    expect(ends(inTfhd, tfdt(0), trun([{ size: 1 }]))).toMatchObject({ endTicks: 5, keyframeTicks: [0] })
    expect(ends(tfhd(), tfdt(0), trun([{ size: 1 }]))).toMatchObject({ endTicks: 10, keyframeTicks: [] })
  })

  it('passes over the fields of tfhd that it does not need', () => {
    const all = tfhd(1, 0x3b, u64(99n), u32(1, 4, 2, SYNC))
    expect(measure(traf(all, tfdt(0), trun([{ composition: 0 }])))).toMatchObject({ endTicks: 4, keyframeTicks: [0] })
  })

  it('counts as keyframes the samples that are not marked as non-sync', () => {
    const flags = [SYNC, NON_SYNC, SYNC, 0x10000, 0].map((flags) => ({ flags }))
    expect(measure(traf(tfhd(), tfdt(0), trun(flags)))).toMatchObject({
      keyframeTicks: [0, 20, 40],
      startsWithKeyframe: true,
    })
  })

  it('lets the flags of the first sample overrule its own, in each run', () => {
    const rows = [{ flags: SYNC }, { flags: NON_SYNC }]
    const runs = [trun(rows, { firstFlags: NON_SYNC }), trun(rows)]
    expect(measure(traf(tfhd(), tfdt(0), ...runs))).toMatchObject({ keyframeTicks: [20], startsWithKeyframe: false })
  })

  it('goes on over several runs and several fragments of the track', () => {
    const run = trun([{ duration: 5 }, { duration: 6 }])
    const later = traf(tfhd(), tfdt(100), run)
    expect(measure(traf(tfhd(), tfdt(0), run, run), later)).toMatchObject({
      samples: 6,
      startTicks: 0,
      endTicks: 111,
      decodeEndTicks: 111,
    })
    expect(measure(traf(tfhd(), tfdt(50), run), traf(tfhd(), run))).toMatchObject({ startTicks: 50, endTicks: 72 })
  })

  it('takes an edit off the times shown, not off the times decoded', () => {
    const run = trun([{ composition: 20 }, { composition: 10 }], { firstFlags: SYNC })
    expect(measureFragment(fragment([traf(tfhd(), tfdt(100), run)]), defaults, 20)).toMatchObject({
      startTicks: 100,
      endTicks: 110,
      keyframeTicks: [100],
      decodeStartTicks: 100,
    })
  })

  it('gives keyframe times in the order shown', () => {
    const rows = [{ composition: 30 }, { composition: 0 }]
    const run = trun(rows)
    expect(measure(traf(tfhd(1, 0x20, u32(SYNC)), tfdt(0), run)).keyframeTicks).toEqual([10, 30])
  })

  it('measures with boxes in front of moof', () => {
    const bytes = joined(box('styp', zeros(8)), fragment([traf(tfhd(), tfdt(4), trun([{ duration: 1 }]))]))
    expect(measureFragment(bytes, defaults)).toMatchObject({ startTicks: 4, endTicks: 5 })
  })

  it('reads a run of samples that all take the defaults', () => {
    expect(measure(traf(tfhd(), tfdt(0), trun([], { count: 500 })))).toMatchObject({ samples: 500, endTicks: 5_000 })
  })
})

describe('measureFragment on wrong boxes', () => {
  const run = trun([{ duration: 1 }])

  it.each([
    ['no moof', box('mdat', zeros(9))],
    ['two moofs', joined(fragment([traf(tfhd(), tfdt(0), run)]), fragment([traf(tfhd(), tfdt(0), run)]))],
    ['no traf', fragment([])],
    ['no tfhd', fragment([traf(tfdt(0), run)])],
    ['no tfdt', fragment([traf(tfhd(), run)])],
    ['no trun', fragment([traf(tfhd(), tfdt(0))])],
    ['no sample', fragment([traf(tfhd(), tfdt(0), trun([]))])],
    ['another track', fragment([traf(tfhd(2), tfdt(0), run)])],
    ['a second track', fragment([traf(tfhd(), tfdt(0), run), traf(tfhd(2), tfdt(0), run)])],
    ['a tfhd without track', fragment([traf(fullBox('tfhd', 0, 0), tfdt(0), run)])],
    ['a tfhd that promises a field it lacks', fragment([traf(tfhd(1, 0x8), tfdt(0), run)])],
    ['a tfdt of version 1 with 4 bytes', fragment([traf(tfhd(), fullBox('tfdt', 1, 0, u32(0)), run)])],
    ['a decode time of 2^53', fragment([traf(tfhd(), tfdt(2n ** 53n), run)])],
    ['a decode time of 2^64 - 1', fragment([traf(tfhd(), tfdt(2n ** 64n - 1n), run)])],
    ['a sample that ends beyond 2^53', fragment([traf(tfhd(), tfdt(2n ** 53n - 1n), run)])],
    ['a trun without count', fragment([traf(tfhd(), tfdt(0), fullBox('trun', 0, 0))])],
    ['a table one row short', fragment([traf(tfhd(), tfdt(0), trun([{ duration: 1 }], { count: 2 }))])],
    ['2^32 - 1 samples in a table', fragment([traf(tfhd(), tfdt(0), trun([{ duration: 1 }], { count: 0xffffffff }))])],
    ['2^32 - 1 samples without a table', fragment([traf(tfhd(), tfdt(0), trun([], { count: 0xffffffff }))])],
    ['samples of more bytes than there are', fragment([traf(tfhd(), tfdt(0), trun([{ size: 10 }, { size: 1 }]))], 10)],
  ])('refuses %s', (_, bytes) => {
    expect(() => measureFragment(bytes, defaults)).toThrow(INVALID)
  })

  it('accepts the last decode time that a number can hold', () => {
    const last = traf(tfhd(), tfdt(2n ** 53n - 2n), run)
    expect(measureFragment(fragment([last]), defaults).endTicks).toBe(Number.MAX_SAFE_INTEGER)
  })
})

describe('measureFragment on what ffmpeg writes', () => {
  function measured(name: string) {
    const splitter = createSplitter({ maxPartBytes: 1_000_000 })
    const [init, ...parts] = splitter.push(new Uint8Array(readFileSync(join(__dirname, '../fixtures/mp4', name))))
    const facts = readInit(init?.bytes ?? zeros(0))
    return parts.map(({ bytes }) => measureFragment(bytes, facts.defaults, facts.editTicks))
  }

  it('finds the GOPs of H.264 with B-frames at an irregular rate', () => {
    expect(measured('h264-bframes.mp4')).toEqual([
      expect.objectContaining({
        startTicks: 903_600,
        decodeStartTicks: 896_400,
        samples: 46,
        keyframeTicks: [903_600],
      }),
      expect.objectContaining({ startTicks: 1_083_600, samples: 50, keyframeTicks: [1_083_600] }),
      expect.objectContaining({ startTicks: 1_263_600, lastTicks: 1_346_400, endTicks: 1_350_000, samples: 24 }),
    ])
  })

  it('finds the pictures of H.264 where the edit list puts them', () => {
    expect(measured('h264-edit-list.mp4')).toMatchObject([
      { startTicks: 900_000, endTicks: 954_000, keyframeTicks: [900_000] },
      { startTicks: 954_000, endTicks: 1_008_000, keyframeTicks: [954_000] },
    ])
  })

  it('finds the frames of AAC, which touch each other, and the trimmed length of the last', () => {
    const parts = measured('aac-stereo.mp4')
    expect(parts.map(({ samples }) => samples)).toEqual([24, 24, 10])
    expect(parts.map(({ startTicks }) => startTicks)).toEqual([478_976, 503_552, 528_128])
    expect(parts.map(({ endTicks }) => endTicks)).toEqual([503_552, 528_128, 537_600])
    expect(
      parts.every(
        ({ startsWithKeyframe, keyframeTicks, samples }) => startsWithKeyframe && keyframeTicks.length === samples,
      ),
    ).toBe(true)
  })
})
