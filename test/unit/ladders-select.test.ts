import { GantryError } from '../../core/contract/errors'
import type { VideoFacts } from '../../core/contract/source'
import { ladderSchema, type Ladder } from '../../ladders/schema'
import { selectRungs } from '../../ladders/select'
import { audioFacts, videoFacts } from '../support/facts'
import { master, pictureMaster } from '../support/ladder-masters'

const rung = (id: string, shortSidePx: number) => ({ id, shortSidePx, maxBitrateBps: shortSidePx * 5_000 })
const ladderOf = (more: object = {}): Ladder =>
  ladderSchema.parse({
    name: 'test',
    rungs: [rung('240p', 240), rung('360p', 360), rung('480p', 480), rung('720p', 720), rung('1080p', 1080)],
    ...more,
  })
const ladder = ladderOf()

function sizes(facts: Parameters<typeof selectRungs>[1], of = ladder): string[] {
  return selectRungs(of, facts).video?.rungs.map(({ id, widthPx, heightPx }) => `${id} ${widthPx}x${heightPx}`) ?? []
}

function codeThrownFor(facts: Parameters<typeof selectRungs>[1]): string | null {
  try {
    selectRungs(ladder, facts)
    return null
  } catch (error) {
    return error instanceof GantryError ? error.code : 'not a GantryError'
  }
}

const fullHd = ['240p 426x240', '360p 640x360', '480p 854x480', '720p 1280x720', '1080p 1920x1080']

describe('sizes of rungs', () => {
  it.each<[number, number, string[]]>([
    [1920, 1080, fullHd],
    [7680, 4320, fullHd],
    [1280, 720, fullHd.slice(0, 4)],
    [1600, 900, fullHd.slice(0, 4)],
    [1078, 1078, ['240p 240x240', '360p 360x360', '480p 480x480', '720p 720x720']],
    [1080, 720, ['240p 360x240', '360p 540x360', '480p 720x480', '720p 1080x720']],
    [1919, 1079, ['240p 426x240', '360p 640x360', '480p 854x480', '720p 1280x720']],
    [1921, 1081, ['240p 426x240', '360p 640x360', '480p 852x480', '720p 1280x720', '1080p 1920x1080']],
    [640, 272, ['240p 564x240']],
    [568, 320, ['240p 426x240']],
    [320, 568, ['240p 240x426']],
    [320, 240, ['240p 320x240']],
    [427, 240, ['240p 426x240']],
    [241, 241, ['240p 240x240']],
    [239, 999, ['240p 238x998']],
    [320, 180, ['240p 320x180']],
    [2, 2, ['240p 2x2']],
    [1, 1, ['240p 2x2']],
    [3, 5000, ['240p 2x5000']],
    [4000, 20, ['240p 4000x20']],
    [20, 4000, ['240p 20x4000']],
    [20000, 100, ['240p 16384x82']],
    [100, 20000, ['240p 82x16384']],
  ])('a picture shown at %dx%d gives %j', (widthPx, heightPx, expected) => {
    expect(sizes(pictureMaster({ widthPx, heightPx }))).toEqual(expected)
  })

  it('go by the size as shown, not as coded: anamorphic 1440x1080 is 1920x1080', () => {
    const coded: Partial<VideoFacts> = { codedWidthPx: 1440, codedHeightPx: 1080 }
    expect(sizes(pictureMaster({ widthPx: 1920, heightPx: 1080 }, coded))).toEqual(fullHd)
  })

  it('are even, never above the picture and never upscaled, whatever the picture', () => {
    const sides = [2, 3, 63, 64, 239, 240, 241, 361, 479, 500, 719, 721, 1079, 1081, 2159, 4321, 16_384, 16_385, 60_000]
    for (const widthPx of sides) {
      for (const heightPx of sides) {
        const made = selectRungs(ladder, pictureMaster({ widthPx, heightPx })).video?.rungs ?? []
        expect(made.length).toBeGreaterThan(0)
        expect(new Set(made.map((each) => `${each.widthPx}x${each.heightPx}`)).size).toBe(made.length)
        for (const each of made) {
          expect([each.widthPx % 2, each.heightPx % 2]).toEqual([0, 0])
          expect(Math.min(each.widthPx, each.heightPx)).toBeGreaterThanOrEqual(2)
          expect(each.widthPx).toBeLessThanOrEqual(Math.min(widthPx, 16_384))
          expect(each.heightPx).toBeLessThanOrEqual(Math.min(heightPx, 16_384))
        }
      }
    }
  })
})

describe('which rungs are made', () => {
  it('says why with the numbers, for every rung in the order of the ladder', () => {
    const { decisions } = selectRungs(ladder, pictureMaster({ widthPx: 640, heightPx: 272 }))
    expect(decisions).toHaveLength(5)
    expect(decisions[0]).toEqual({ id: '240p', kept: true, reason: "564x240 px of the master's 640x272 px" })
    const reason = "1080 px is above the master's short side of 272 px"
    expect(decisions[4]).toEqual({ id: '1080p', kept: false, reason })
  })

  it('makes two rungs of one size when they ask for two qualities, and one when they are the same', () => {
    const high = { ...rung('hd-high', 1080), maxBitrateBps: 9_000_000 }
    const of = ladderOf({ rungs: [rung('hd', 1080), high, rung('hd-copy', 1080)] })
    const { video } = selectRungs(of, pictureMaster({ widthPx: 1920, heightPx: 1080 }))
    expect(video?.rungs.map((each) => each.id)).toEqual(['hd', 'hd-high'])
  })

  it('makes the lowest rung of a master below all of them, wherever in the ladder it stands', () => {
    const of = ladderOf({ rungs: [rung('hd', 1080), rung('low', 360), rung('mid', 480)] })
    const { video, decisions } = selectRungs(of, pictureMaster({ widthPx: 320, heightPx: 180 }))
    expect(video?.rungs).toMatchObject([{ id: 'low', widthPx: 320, heightPx: 180, maxBitrateBps: 1_800_000 }])
    expect(decisions.map(({ kept }) => kept)).toEqual([false, true, false])
    expect(decisions[1]?.reason).toBe("the master's own 320x180 px, since every rung is above its short side of 180 px")
  })

  it('keeps the order of the ladder', () => {
    const of = ladderOf({ rungs: [rung('mid', 480), rung('low', 240), rung('hd', 720)] })
    expect(sizes(pictureMaster({ widthPx: 1280, heightPx: 720 }), of)).toEqual([
      'mid 854x480',
      'low 426x240',
      'hd 1280x720',
    ])
  })

  it('makes the first of two rungs of one size', () => {
    const of = ladderOf({ rungs: [rung('a', 480), rung('b', 480), rung('c', 240)] })
    const { video, decisions } = selectRungs(of, pictureMaster({ widthPx: 854, heightPx: 480 }))
    expect(video?.rungs.map(({ id }) => id)).toEqual(['a', 'c'])
    expect(decisions[1]).toEqual({ id: 'b', kept: false, reason: 'it would be 854x480 px like a' })
  })

  it('makes the lowest of the rungs that the largest side of the encoder makes equal', () => {
    const { video, decisions } = selectRungs(ladder, pictureMaster({ widthPx: 40_000, heightPx: 800 }))
    expect(video?.rungs).toMatchObject([
      { id: '240p', widthPx: 12_000, heightPx: 240 },
      { id: '360p', widthPx: 16_384, heightPx: 328 },
    ])
    expect(decisions.map(({ kept }) => kept)).toEqual([true, true, false, false, false])
    expect(decisions[2]?.reason).toBe('it would be 16384x328 px like 360p')
  })

  it('requires a rung where the master leaves only optional ones', () => {
    const optional = (id: string, shortSidePx: number) => ({ ...rung(id, shortSidePx), required: false })
    const of = ladderOf({ rungs: [optional('480p', 480), optional('240p', 240), rung('720p', 720)] })
    const required = (heightPx: number) =>
      selectRungs(of, pictureMaster({ widthPx: (heightPx * 16) / 9, heightPx })).video?.rungs.flatMap(
        ({ id, isRequired }) => (isRequired ? id : []),
      )
    expect(required(720)).toEqual(['720p'])
    expect(required(480)).toEqual(['240p'])
  })

  it('resolves a rung to numbers, with a buffer of two seconds at the cap', () => {
    const of = ladderOf({ rungs: [{ ...rung('x', 480), crf: 21.5, preset: 'slow', profile: 'main' }] })
    expect(selectRungs(of, pictureMaster({ widthPx: 854, heightPx: 480 })).video?.rungs).toEqual([
      {
        ...{ id: 'x', codec: 'h264', widthPx: 854, heightPx: 480, crf: 21.5, bitrateBps: null },
        ...{ bits: 8, range: 'sdr', frameStep: 1 },
        ...{ maxBitrateBps: 2_400_000, bufferBits: 4_800_000, preset: 'slow', profile: 'main' },
        isRequired: true,
      },
    ])
  })
})

describe('treatment and tracks', () => {
  it('hands on what the picture needs', () => {
    const facts = pictureMaster({ widthPx: 1920, heightPx: 1080 }, { interlaced: true, transfer: 'hlg' })
    expect(selectRungs(ladder, facts).video?.picture).toEqual({
      ...{ dataLines: 0, deinterlace: true, fieldOrder: 'flagged', transfer: 'hlg', constantRate: false },
      colour: { primaries: 'bt709', curve: 'bt709', matrix: 'bt709' },
    })
  })

  it.each([
    { has: 'mono', facts: { channels: 1 }, gets: { channels: 1, bitrateBps: 64_000 } },
    { has: 'stereo', facts: {}, gets: { channels: 2, bitrateBps: 128_000, sampleRateHz: 48_000 } },
    { has: '5.1', facts: { channels: 6 }, gets: { channels: 2, bitrateBps: 128_000 } },
    { has: 'no channel count', facts: { channels: 0 }, gets: { channels: 1, bitrateBps: 64_000 } },
    { has: '44.1 kHz', facts: { sampleRateHz: 44_100 }, gets: { sampleRateHz: 44_100 } },
    { has: '8 kHz', facts: { sampleRateHz: 8_000 }, gets: { sampleRateHz: 48_000 } },
    { has: '96 kHz', facts: { sampleRateHz: 96_000 }, gets: { sampleRateHz: 48_000 } },
  ])('sound with $has becomes $gets', ({ facts, gets }) => {
    const { sounds } = selectRungs(ladder, master({ audio: audioFacts(facts) }))
    expect(sounds[0]?.encode).toMatchObject({ id: 'audio', codec: 'aac', ...gets })
  })

  it('mixes down to mono where the ladder says so', () => {
    const of = ladderOf({ audio: [{ channels: 1, bitrateBps: 48_001 }] })
    const { sounds } = selectRungs(of, master({}))
    expect(sounds[0]?.encode).toMatchObject({ channels: 1, bitrateBps: 48_001 })
  })

  it('cuts sound exactly where the picture is cut', () => {
    const { sounds } = selectRungs(ladder, master({ video: videoFacts({ fps: { num: 30_000, den: 1001 } }) }))
    expect(sounds[0]?.segmentSeconds).toEqual({ num: 1001, den: 250 })
  })

  it('cuts sound by the ladder where there is no picture, and drops every rung', () => {
    const { video, sounds, decisions } = selectRungs(ladderOf({ segmentSeconds: 6 }), master({ video: null }))
    expect(video).toBeNull()
    expect(sounds[0]?.segmentSeconds).toEqual({ num: 6, den: 1 })
    expect(decisions.map(({ kept }) => kept)).toEqual([false, false, false, false, false])
    expect(decisions[0]?.reason).toBe('the master has no picture')
  })

  it('has no sound for a silent master', () => {
    expect(selectRungs(ladder, master({ audio: null })).sounds).toEqual([])
  })

  it('refuses a master of neither', () => {
    expect(codeThrownFor(master({ video: null, audio: null }))).toBe('SOURCE_NO_STREAMS')
  })

  it.each([
    { displayWidthPx: 0 },
    { displayHeightPx: NaN },
    { displayHeightPx: -2 },
    { fps: { num: 0, den: 1 } },
    { fps: { num: 25, den: 0 } },
  ])('refuses a picture of %j', (wrong) => {
    expect(codeThrownFor(master({ video: videoFacts(wrong) }))).toBe('SOURCE_UNREADABLE')
  })
})
