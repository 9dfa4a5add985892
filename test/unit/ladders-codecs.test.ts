import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseLadder } from '../../ladders/parse'
import { ladderSchema } from '../../ladders/schema'
import { selectRungs } from '../../ladders/select'
import { videoFacts } from '../support/facts'
import { master, pictureMaster } from '../support/ladder-masters'

const hd = { widthPx: 1920, heightPx: 1080 }
const rung = (id: string, shortSidePx: number, more: object = {}) => {
  return { id, shortSidePx, maxBitrateBps: shortSidePx * 5_000, ...more }
}
const ladderOf = (rungs: object[], more: object = {}) => ladderSchema.parse({ name: 'test', rungs, ...more })
const problemsOf = (rungs: object[], more: object = {}): string[] =>
  (ladderSchema.safeParse({ name: 'test', rungs, ...more }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')} ${message}`,
  )

describe('rules between the fields of a rung', () => {
  it.each([
    [{ bits: 10 }, 'rungs.0.bits must be 8 for h264'],
    [{ codec: 'hevc', profile: 'high' }, 'rungs.0.profile must be left out for hevc'],
    [{ crf: 45 }, 'rungs.0.crf must be at most 40 for h264'],
    [{ required: false }, 'rungs.0.required must be true for at least one rung'],
    [{ crf: 23, bitrateBps: 400_000 }, 'rungs.0.bitrateBps must be left out where crf is given'],
    [{ bitrateBps: 90_000_000 }, 'rungs.0.bitrateBps must be at most maxBitrateBps'],
  ])('refuse %j', (more, problem) => {
    expect(problemsOf([rung('a', 480, more)])).toEqual([expect.stringContaining(problem)])
  })

  it('refuse a larger picture with a lower cap, and only of the same codec', () => {
    const small = rung('a', 480, { maxBitrateBps: 2_000_000 })
    const large = { maxBitrateBps: 1_000_000 }
    expect(problemsOf([small, rung('b', 720, large)])).toEqual([expect.stringContaining('rungs.1.maxBitrateBps must')])
    expect(problemsOf([small, rung('b', 720, { ...large, codec: 'hevc' })])).toEqual([])
  })

  it('refuse to keep HDR in 8 bits, and surround at the rate of stereo', () => {
    expect(problemsOf([rung('a', 480)], { hdr: 'keep' })).toEqual([expect.stringContaining('hdr must be')])
    expect(problemsOf([], { audio: [{ channels: 6 }] })).toEqual([expect.stringContaining('audio.0.bitrateBps must')])
  })
})

describe('what a master makes of a rung', () => {
  const made = (rungs: object[], facts: Parameters<typeof pictureMaster>[1], more: object = {}) =>
    selectRungs(ladderOf(rungs, more), pictureMaster(hd, facts))

  it.each([
    [60, 30, 2],
    [60_000 / 1001, 30, 2],
    [30.02, 30, 1],
    [50, 30, 2],
    [120, 30, 4],
    [25, 30, 1],
  ])('at %d pictures a second and at most %d it is one in %d', (fps, maxFps, step) => {
    const facts = { fps: { num: Math.round(fps * 1001), den: 1001 } }
    const { video } = made([rung('a', 480, { maxFps }), rung('b', 720)], facts)
    expect(video?.rungs.map(({ frameStep }) => frameStep)).toEqual([step, 1])
    expect((video?.grid.gopFrames ?? 0) % step).toBe(0)
  })

  it('keeps HDR in 10 bits only where the ladder says so, and says what it maps', () => {
    const rungs = [rung('sdr', 480), rung('hdr', 480, { codec: 'hevc', bits: 10 })]
    const kept = made(rungs, { transfer: 'pq' }, { hdr: 'keep' })
    expect(kept.video?.rungs.map(({ range }) => range)).toEqual(['sdr', 'pq'])
    expect(kept.decisions[0]?.reason).toContain('HDR is mapped to SDR')
    expect(made(rungs, { transfer: 'pq' }).video?.rungs.map(({ range }) => range)).toEqual(['sdr', 'sdr'])
  })

  it('gives AV1 a constant rate', () => {
    expect(made([rung('a', 480, { codec: 'av1' })], {}).video?.picture.constantRate).toBe(true)
    expect(made([rung('a', 480)], {}).video?.picture.constantRate).toBe(false)
  })

  it('caps a rung at 1.2 times what the master spends on such a picture', () => {
    const at = (bitrateBps: number | null, codec = 'h264') =>
      made([rung('low', 540), rung('full', 1080)], { bitrateBps, codec }).video?.rungs.map((each) => each.maxBitrateBps)
    expect(at(1_000_000)).toEqual([Math.round(1_200_000 / 4 ** 0.75), 1_200_000])
    expect(at(1_000_000, 'hevc')).toEqual([Math.round(2_160_000 / 4 ** 0.75), 2_160_000])
    expect(at(1_000_000, 'prores')).toEqual([2_700_000, 5_400_000])
    expect(at(100_000_000)).toEqual([2_700_000, 5_400_000])
    const { decisions } = made([rung('full', 1080)], { bitrateBps: 1_000_000 })
    expect(decisions[0]?.reason).toContain('at most 1200 kb/s')
  })

  it('keeps rungs of one size in two codecs', () => {
    const { video } = made([rung('a', 480), rung('b', 480, { codec: 'hevc' })], {})
    expect(video?.rungs.map(({ id }) => id)).toEqual(['a', 'b'])
  })
})

describe('a ladder without rungs', () => {
  it('makes sound of a film, and refuses a silent one', () => {
    expect(selectRungs(ladderOf([]), master({}))).toMatchObject({ video: null, sounds: [{ encode: { id: 'audio' } }] })
    const silent = master({ audio: null, video: videoFacts() })
    expect(() => selectRungs(ladderOf([]), silent)).toThrow(expect.objectContaining({ code: 'SOURCE_NO_STREAMS' }))
  })
})

describe('the built-in ladders', () => {
  const folder = join(__dirname, '..', '..', 'ladders')
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

  it('are those that the docs name', () => {
    expect(files.sort()).toEqual(
      ['archive-4k', 'audio-only', 'av1', 'default', 'hevc', 'mobile'].map((name) => `${name}.yaml`),
    )
  })

  it.each(files)('%s is right, has its file name and makes something of any master with sound', (file) => {
    const ladder = parseLadder(readFileSync(join(folder, file), 'utf8'), file)
    expect(`${ladder.name}.yaml`).toBe(file)
    for (const size of [hd, { widthPx: 64, heightPx: 48 }, { widthPx: 2160, heightPx: 3840 }]) {
      const { widthPx, heightPx } = size
      const video = videoFacts({ displayWidthPx: widthPx, displayHeightPx: heightPx })
      const { video: picture, sounds } = selectRungs(ladder, master({ video }))
      expect((picture?.rungs.length ?? 0) + sounds.length).toBeGreaterThan(ladder.rungs.length === 0 ? 0 : 1)
    }
  })
})
