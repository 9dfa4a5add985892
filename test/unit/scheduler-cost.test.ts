import fc from 'fast-check'
import { estimateCost } from '../../scheduler/cost/estimate'
import { decodeCost, rungCost, slotSecondsOf, soundCost } from '../../scheduler/cost/model'
import { NO_SPEEDS } from '../../scheduler/cost/known-speeds'
import { DEFAULT_PRICES } from '../../scheduler/cost/prices'
import { requestsOf } from '../../scheduler/cost/requests'
import type { MasterWork, PictureWork, RungWork } from '../../scheduler/cost/work'

const FPS_25 = { num: 25, den: 1 }

function rung(more: Partial<RungWork> = {}): RungWork {
  return {
    ...{ id: '720p', codec: 'h264', preset: 'veryfast', bits: 8, widthPx: 1280, heightPx: 720, fps: FPS_25 },
    ...{ maxBitrateBps: 3_200_000, ...more },
  }
}

function picture(more: Partial<PictureWork> = {}): PictureWork {
  const size = { codec: 'h264', widthPx: 1920, heightPx: 1080, fps: FPS_25 }
  return { ...size, isInterlaced: false, isToneMapped: false, isCopied: false, pieces: 1, ...more }
}

/** A minute of 1080p in two rungs and stereo. */
function work(more: Partial<MasterWork> = {}): MasterWork {
  return {
    ...{ durationSeconds: 60, masterBytes: 9 * 2 ** 20, segmentSeconds: 4, captionTracks: 0 },
    picture: picture(),
    rungs: [rung({ id: '360p', widthPx: 640, heightPx: 360, maxBitrateBps: 900_000 }), rung()],
    sounds: [{ id: 'audio', codec: 'aac', channels: 2, bitrateBps: 128_000, isLevelled: false }],
    mp4Files: 2,
    hasIFrames: false,
    thumbnails: { imageIntervalSeconds: 10, spriteIntervalSeconds: 2, tilesPerSprite: 100 },
    ...more,
  }
}

describe('slot-seconds', () => {
  it('are pixels over the measured speed', () => {
    // 1280x720 at 25 for 60 s are 1,382.4 million pixels, x264 veryfast does 49 million a second.
    expect(rungCost({ ...rung(), durationSeconds: 60 })).toBeCloseTo(1_382.4 / 49, 6)
  })

  it('of a ladder at 30 a second come near what was measured: 1.15 a second of 720p in four rungs, 2.9 of 1080p', () => {
    const fps = { num: 30, den: 1 }
    const sizes: [number, number][] = [
      [426, 240],
      [640, 360],
      [960, 540],
      [1280, 720],
      [1920, 1080],
    ]
    const perSecond = (count: number): number => {
      const rungs = sizes.slice(0, count).map(([widthPx, heightPx], index) => {
        return rung({ id: String(index), widthPx, heightPx, fps })
      })
      const [widthPx = 0, heightPx = 0] = sizes[count - 1] ?? []
      const ladder = work({ rungs, picture: picture({ widthPx, heightPx, fps }), mp4Files: 0, thumbnails: null })
      return slotSecondsOf({ ...ladder, sounds: [] }).total / 60
    }
    expect(perSecond(4) / 1.15).toBeGreaterThan(0.8)
    expect(perSecond(4) / 1.15).toBeLessThan(1.25)
    expect(perSecond(5) / 2.9).toBeGreaterThan(0.8)
    expect(perSecond(5) / 2.9).toBeLessThan(1.25)
  })

  it('are the sum of their parts, and every part is there', () => {
    const { total, decode, rungs, sounds, captions, mp4, thumbnails } = slotSecondsOf(work({ captionTracks: 1 }))
    const parts = [decode, ...[...rungs, ...sounds].map((one) => one.slotSeconds), captions, mp4, thumbnails]
    expect(Math.min(...parts)).toBeGreaterThan(0)
    expect(total).toBeCloseTo(
      parts.reduce((sum, part) => sum + part, 0),
      9,
    )
  })

  it.each([
    ['a slower preset', rung({ preset: 'medium' })],
    ['HEVC', rung({ codec: 'hevc' })],
    ['AV1', rung({ codec: 'av1' })],
    ['twice the rate', rung({ fps: { num: 50, den: 1 } })],
    ['a larger picture', rung({ widthPx: 1920, heightPx: 1080 })],
  ])('grow with %s', (_, dearer) => {
    expect(rungCost({ ...dearer, durationSeconds: 60 })).toBeGreaterThan(
      1.3 * rungCost({ ...rung(), durationSeconds: 60 }),
    )
  })

  it('grow with ten bits', () => {
    const [eight, ten] = ([8, 10] as const).map((bits) =>
      rungCost({ ...rung({ codec: 'hevc', bits }), durationSeconds: 9 }),
    )
    expect((ten ?? 0) / (eight ?? 1)).toBeCloseTo(1.25, 6)
  })

  it('of reading grow with interlace, tone mapping and a codec that nobody measured', () => {
    const plain = decodeCost(picture(), 60)
    expect(decodeCost(picture({ isInterlaced: true }), 60)).toBeGreaterThan(plain + 5)
    expect(decodeCost(picture({ isToneMapped: true }), 60)).toBeGreaterThan(plain + 60)
    expect(decodeCost(picture({ codec: 'dnxhd' }), 60)).toBeGreaterThan(plain)
    expect(decodeCost(picture({ pieces: 5 }), 60)).toBeCloseTo(plain + 4 * 0.25, 9)
  })

  it('of sound are two readings where it is levelled', () => {
    const stereo = { id: 'a', codec: 'aac', channels: 2, bitrateBps: 1, isLevelled: false } as const
    expect(soundCost(stereo, 60)).toBeCloseTo(0.08 + 60 * 2 * 0.01, 9)
    expect(soundCost({ ...stereo, isLevelled: true }, 60)).toBeCloseTo(2 * 0.08 + 60 * 2 * (0.01 + 0.006), 9)
    expect(soundCost({ ...stereo, codec: 'opus' }, 60)).toBeCloseTo(0.08 + 60 * 2 * 0.005, 9)
  })

  it('never shrink when more is made or it lasts longer', () => {
    const any = fc.record({
      durationSeconds: fc.double({ min: 0.1, max: 40_000, noNaN: true }),
      more: fc.double({ min: 0, max: 40_000, noNaN: true }),
      count: fc.nat(8),
    })
    fc.assert(
      fc.property(any, ({ durationSeconds, more, count }) => {
        const rungs = Array.from({ length: count }, (_, index) => rung({ id: String(index) }))
        const less = slotSecondsOf(work({ durationSeconds, rungs })).total
        expect(slotSecondsOf(work({ durationSeconds: durationSeconds + more, rungs })).total).toBeGreaterThanOrEqual(
          less,
        )
        expect(slotSecondsOf(work({ durationSeconds, rungs: [...rungs, rung()] })).total).toBeGreaterThan(less)
      }),
    )
  })
})

describe('requests', () => {
  it('are counted from segments, parts and records', () => {
    // Three tracks of 15 segments, an init and a table; their playlists; the MP4s are 7.7 and 25 MB: 1, and 3 parts and 2 more;
    // 6 images, one sheet, poster and cues; 7 jobs; 10 records of state, 2 that are public, 2 of what was learned.
    expect(requestsOf(work()).puts).toBe(3 * 17 + 3 + (1 + 5) + 9 + 7 + 10 + 2 + 2)
    // Two blocks to open for picture and sound each, 9 MiB in 9 blocks and in 2; each MP4 reads two tracks and their tables; each object is looked at, and three init segments are read; markers; what was learned.
    expect(requestsOf(work()).gets).toBe(2 * 2 + 9 + 2 + 2 * 2 * 17 + (3 * 16 + 2 + 9) + 3 + 2 * 7 + 3 + 1)
  })

  it('grow with text, which lasts a minute a segment', () => {
    expect(requestsOf(work({ captionTracks: 2 })).puts - requestsOf(work()).puts).toBe(2 * 3 + 2 + 1)
  })

  it('grow with I-frame playlists, which are written from the tables of each piece', () => {
    const [less, more] = [work(), work({ hasIFrames: true })].map(requestsOf)
    expect((more?.puts ?? 0) - (less?.puts ?? 0)).toBe(2)
    expect((more?.gets ?? 0) - (less?.gets ?? 0)).toBe(2 * (1 + 1))
  })

  it('have at least one segment a track', () => {
    const tiny = work({ durationSeconds: 0.04, mp4Files: 0, thumbnails: null, picture: null, rungs: [] })
    expect(requestsOf(tiny).puts).toBe(3 + 1 + 3 + 12)
  })
})

describe('estimate', () => {
  it('multiplies slot-seconds and requests with prices', () => {
    const { vCpuHours, usd, slotSeconds, requests, storedAtMost } = estimateCost(work(), DEFAULT_PRICES, NO_SPEEDS)
    expect(vCpuHours).toBeCloseTo(slotSeconds.total / 3_600, 12)
    expect(usd.onDemand).toBeCloseTo(vCpuHours * 0.04048, 12)
    expect(usd.spot).toBeCloseTo(vCpuHours * 0.01334, 12)
    expect(usd.s3Requests).toBeCloseTo((requests.puts * 0.005 + requests.gets * 0.0004) / 1_000, 12)
    // (0.9 + 3.2 + 0.128) Mb/s as HLS and (0.9 + 3.2 + 2 * 0.128) Mb/s as MP4, for 60 s.
    expect(storedAtMost.bytes).toBe(Math.round(((4_228_000 + 4_356_000) * 60) / 8))
    expect(storedAtMost.usdPerMonth).toBeCloseTo((storedAtMost.bytes / 1e9) * 0.023, 12)
  })

  it.each([
    ['SD at 30', { widthPx: 640, heightPx: 360 }, 0.0075],
    ['HD at 25', { widthPx: 1280, heightPx: 720 }, 0.015],
    ['portrait HD', { widthPx: 1080, heightPx: 1920 }, 0.015],
    ['UHD', { widthPx: 2560, heightPx: 1440 }, 0.03],
    ['29.97', { fps: { num: 30_000, den: 1_001 } }, 0.015],
    ["a camera's 30.02", { fps: { num: 3_002, den: 100 } }, 0.015],
    ['50', { fps: { num: 50, den: 1 } }, 0.03],
    ['59.94', { fps: { num: 60_000, den: 1_001 } }, 0.03],
  ])('finds the price of MediaConvert for %s', (_, more, usdPerMinute) => {
    const { mediaConvert } = estimateCost(work({ rungs: [rung(more)] }), DEFAULT_PRICES, NO_SPEEDS)
    expect(mediaConvert.usd).toBeCloseTo(usdPerMinute, 9)
  })

  it('bills short clips for ten seconds, and says so', () => {
    const { mediaConvert } = estimateCost(work({ durationSeconds: 1, rungs: [rung()] }), DEFAULT_PRICES, NO_SPEEDS)
    expect(mediaConvert.usd).toBeCloseTo((0.015 * 10) / 60, 12)
    expect(mediaConvert.assumption).toContain('at least 10 s')
  })

  it('compares nothing where one price is not known, and says which', () => {
    const rungs = [rung(), rung({ id: 'new', codec: 'hevc' }), rung({ id: 'fast', fps: { num: 120, den: 1 } })]
    const { mediaConvert } = estimateCost(work({ rungs }), DEFAULT_PRICES, NO_SPEEDS)
    expect(mediaConvert.usd).toBeNull()
    expect(mediaConvert.rungs.map(({ usd }) => usd === null)).toEqual([false, true, true])
    expect(mediaConvert.assumption).toContain('new, fast')
  })

  it('does not compare sound alone', () => {
    const { mediaConvert } = estimateCost(work({ rungs: [], picture: null }), DEFAULT_PRICES, NO_SPEEDS)
    expect(mediaConvert.usd).toBeNull()
  })
})
