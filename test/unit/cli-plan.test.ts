import { parseArguments, type ParsedArguments } from '../../cli/options'
import type { PlanOptions } from '../../cli/plan/arguments'
import { planJson } from '../../cli/plan/command'
import { masterWork } from '../../cli/plan/master-work'
import { planReport, type Plan } from '../../cli/plan/report'
import { textWidth } from '../../cli/view/text-width'
import type { Intent } from '../../core/contract/intent'
import { NO_REQUEST } from '../../core/contract/request'
import type { SourceFacts } from '../../core/contract/source'
import { DEFAULT_NAME } from '../../routes/name'
import { parseLadder } from '../../ladders/parse'
import { estimateCost } from '../../scheduler/cost/estimate'
import { NO_SPEEDS, type Stretch } from '../../scheduler/cost/known-speeds'
import { DEFAULT_PRICES } from '../../scheduler/cost/prices'
import { intentOf as plannedIntent } from '../../scheduler/intent-of'
import { planLimits, sourceFacts as builtFacts } from '../support/builders'
import { audioFacts, videoFacts } from '../support/facts'

const LADDER = `
name: three
rungs:
  - { id: 240p, shortSidePx: 240, maxBitrateBps: 500_000, maxFps: 15 }
  - { id: 720p, shortSidePx: 720, maxBitrateBps: 3_200_000, preset: medium }
  - { id: 1080p-hevc, shortSidePx: 1080, codec: hevc, bits: 10, maxBitrateBps: 6_000_000 }
audio:
  - { id: audio, loudnessLufs: -23 }
`

/** With so many bytes that no rung is held down. */
const sourceFacts = (more: Partial<SourceFacts> = {}): SourceFacts => builtFacts({ bytes: 9_429_896, ...more })

const PAGE = { columns: 80, unicode: true }

function intentOf(facts: SourceFacts, text = LADDER, key = '/films/film.mp4'): Intent {
  return plannedIntent({
    ...{ assetId: 'a'.repeat(20), run: 1, facts, priority: 100, ladder: parseLadder(text, 'three.yaml') },
    source: { bucket: 'file', key, etag: 'e', bytes: 2_429_896 },
    ...{ request: NO_REQUEST, state: { bucket: 'state', prefix: '' } },
    target: { place: { bucket: 'out', prefix: '' }, template: DEFAULT_NAME },
    ...{ limits: planLimits(), times: null, speeds: NO_SPEEDS },
    at: '2026-01-01T00:00:00.000Z',
  })
}

function planOf(intent: Intent): Plan {
  const work = masterWork(intent)
  const costed = work === null ? null : { cost: estimateCost(work, DEFAULT_PRICES, NO_SPEEDS), rungs: work.rungs }
  return { intent, costed, prices: DEFAULT_PRICES }
}

const report = (facts: SourceFacts, page = PAGE): string => planReport(planOf(intentOf(facts)), page).join('\n')

describe('gantry plan on the command line', () => {
  const parse = (...argv: string[]): ParsedArguments =>
    parseArguments(['plan', ...argv], { cwd: '/home/me', version: '1', columns: 80 })
  const options = (...argv: string[]): PlanOptions => {
    const parsed = parse(...argv)
    if (parsed.kind !== 'plan') throw new Error(`a plan expected, got ${JSON.stringify(parsed)}`)
    return parsed.options
  }

  it('takes a file, with the default ladder and prices', () => {
    expect(options('a.mp4')).toMatchObject({
      ...{ file: 'a.mp4', ladder: { name: 'default' }, requestFile: null, pricesFile: null, json: false },
      outFolder: '/home/me/gantry-out',
    })
  })

  it('takes a ladder, prices and --json', () => {
    expect(
      options('--json', 'a.mp4', '--ladder', './my.yaml', '--prices', 'p.yaml', '--request', 'r.yaml'),
    ).toMatchObject({
      ...{ file: 'a.mp4', ladder: { file: '/home/me/my.yaml' }, pricesFile: 'p.yaml', json: true },
      requestFile: '/home/me/r.yaml',
    })
  })

  it.each([
    [[], 'plan needs a file; see gantry plan --help'],
    [['a.mp4', 'b.mp4', 'c'], 'plan takes one file at a time, got 3; see gantry plan --help'],
    [['a.mp4', '--ladder', ''], '--ladder is empty; see gantry plan --help'],
    [['a.mp4', '--prices', ''], '--prices is empty; see gantry plan --help'],
    [['a.mp4', '--prices', '--json'], "--prices needs a value, got '--json' (write ./--json if it is a name)"],
    [['a.mp4', '--out', ''], '--out is empty; see gantry plan --help'],
    [['a.mp4', '--inbox', 'x'], "unknown option '--inbox'"],
  ])('refuses %j in one line', (argv, says) => {
    const parsed = parse(...argv)
    expect(parsed).toMatchObject({ kind: 'usage' })
    expect(parsed.kind === 'usage' && parsed.message.split('; see')[0]).toBe(says.split('; see')[0])
    expect(parsed.kind === 'usage' && parsed.message).toMatch(/; see gantry plan --help$/)
  })

  it('has a help with examples', () => {
    const parsed = parse('--help')
    expect(parsed.kind === 'help' && parsed.text).toContain('gantry plan film.mp4 --ladder hevc')
  })
})

describe('the work of a plan', () => {
  it('is what the jobs say', () => {
    expect(masterWork(intentOf(sourceFacts()))).toEqual({
      ...{
        durationSeconds: 8,
        masterBytes: 2_429_896,
        segmentSeconds: 4,
        captionTracks: 0,
        mp4Files: 2,
        hasIFrames: false,
      },
      picture: {
        ...{ codec: 'h264', widthPx: 1280, heightPx: 720, fps: { num: 25, den: 1 } },
        ...{ isInterlaced: false, isToneMapped: false, isCopied: false, pieces: 1 },
      },
      rungs: [
        {
          ...{ id: '240p', codec: 'h264', preset: 'veryfast', bits: 8, widthPx: 426, heightPx: 240 },
          // Halved, since 15 is its maximum.
          ...{ fps: { num: 25, den: 2 }, maxBitrateBps: 500_000 },
        },
        {
          ...{ id: '720p', codec: 'h264', preset: 'medium', bits: 8, widthPx: 1280, heightPx: 720 },
          ...{ fps: { num: 25, den: 1 }, maxBitrateBps: 3_200_000 },
        },
      ],
      sounds: [{ id: 'audio', codec: 'aac', channels: 2, bitrateBps: 128_000, isLevelled: true }],
      thumbnails: { imageIntervalSeconds: 10, spriteIntervalSeconds: 2, tilesPerSprite: 100 },
    })
  })

  it('takes the length of a track where the container has none, and is not known without any', () => {
    const silentAbout = { durationSeconds: null, audio: audioFacts({ durationSeconds: null }) }
    const video = videoFacts({ durationSeconds: 9 })
    expect(masterWork(intentOf(sourceFacts({ ...silentAbout, video })))?.durationSeconds).toBe(9)
    expect(masterWork(intentOf(sourceFacts({ ...silentAbout, video: { ...video, durationSeconds: null } })))).toBeNull()
  })

  it('tells interlace, tone mapping and sound alone', () => {
    const hdr = videoFacts({ transfer: 'pq', interlaced: true, durationSeconds: 8 })
    expect(masterWork(intentOf(sourceFacts({ video: hdr })))?.picture).toMatchObject({
      isInterlaced: true,
      isToneMapped: true,
    })
    const sound = masterWork(intentOf(sourceFacts({ video: null })))
    expect(sound).toMatchObject({ picture: null, rungs: [], thumbnails: null, mp4Files: 1, segmentSeconds: 4 })
  })
})

describe('the report', () => {
  it('says what the master is, what is made of it and what it costs', () => {
    const text = report(sourceFacts())
    expect(text).toMatch(/^film\.mp4 {2}2\.4 MB\n/)
    expect(text).toMatch(/container +mp4, 8\.00 s/)
    expect(text).toMatch(/picture +h264 1280x720, 25 a second, 8 bit, SDR, progressive/)
    expect(text).toMatch(/240p +kept: .*one picture in 2/)
    expect(text).toMatch(/1080p-hevc +dropped: 1080 px is above/)
    expect(text).toMatch(/720p +h264 medium 1280x720 +3\.2 Mb\/s +9\.\d +\$0\.00011 +\$0\.0025/)
    expect(text).toMatch(/compute +\$0\.000\d+ on demand, \$0\.0000\d+ on Spot/)
    expect(text).toMatch(/requests +\$0\.000\d+ for \d+ PUT and \d+ GET/)
    expect(text).toMatch(/MediaConvert +\$0\.003[78] for the rungs;/)
    expect(text).toContain('prices of 2026-06 (us-east-1)')
  })

  it('says what is odd about a master, and what is left out of it', () => {
    const video = videoFacts({
      interlaced: true,
      transfer: 'hlg',
      rotationDegrees: 90,
      fps: { num: 30_000, den: 1_001 },
    })
    const dropped = [{ streamIndex: 3, kind: 'data', codec: 'tmcd', reason: 'a data track' }] as const
    const otherAudio = [audioFacts({ streamIndex: 5, pairedWith: 6, channels: 1, language: 'fr' })]
    const captions = [{ streamIndex: 7, codec: 'subrip', language: 'de', isForced: true, isForDeaf: false }]
    const notes = ['the index is at the end']
    const text = report(sourceFacts({ video, dropped, otherAudio, captions, notes })).replace(/\n {16}/g, ' ')
    expect(text).toMatch(/HDR \(HLG\), turned by 90 degrees, interlaced/)
    expect(text).toContain('29.97 (30000/1001) a second')
    expect(text).toMatch(/sound +aac left and right, 48 kHz, fr \(tracks 5 and 6\)/)
    expect(text).toMatch(/text +subrip, de, forced \(track 7\)/)
    expect(text).toMatch(/dropped +track 3, data tmcd: a data track/)
    expect(text).toMatch(/note +the index is at the end/)
  })

  it('says on what the slot-seconds are based', () => {
    const plan = planOf(intentOf(sourceFacts()))
    const text = (speeds: Stretch): string => {
      const costed = plan.costed === null ? null : { ...plan.costed, cost: { ...plan.costed.cost, speeds } }
      return /speeds +(.*)/.exec(planReport({ ...plan, costed }, PAGE).join('\n'))?.[1] ?? ''
    }
    expect(text({ from: 'default', factor: 1, pieces: 0 })).toBe('as documented')
    expect(text({ from: 'calibrated', factor: 1.618, pieces: 0 })).toBe(
      '1.62 times the documented time, as the machines were measured',
    )
    expect(text({ from: 'learned', factor: 0.5, pieces: 1 })).toBe(
      '0.50 times the documented time, learned from 1 piece',
    )
  })

  it('has no cost where the length is not known', () => {
    const video = videoFacts({ durationSeconds: null })
    const text = report(sourceFacts({ durationSeconds: null, audio: null, video }))
    expect(text).toContain('length not given')
    expect(text).toMatch(/not known +the master does not say how long it is/)
    expect(text).toMatch(/720p +h264 medium 1280x720 .* - +- +-/)
  })

  it.each([60, 80, 100])('keeps to %i columns', (columns) => {
    const notes = ['word '.repeat(60).trim(), 'x'.repeat(200)]
    const lines = report(sourceFacts({ notes }), { columns, unicode: true }).split('\n')
    const wide = lines.filter((line) => textWidth(line) > columns)
    // The table has nothing left to leave out below 70.
    expect(wide.filter((line) => columns >= 70 || !/encoded as|1280x720 |426x240 |channels/.test(line))).toEqual([])
  })

  it('shows more columns where there is room', () => {
    const head = (columns: number): string =>
      /.*encoded as.*/.exec(report(sourceFacts(), { columns, unicode: true }))?.[0] ?? ''
    expect(head(100)).toMatch(/at most.*on demand.*Spot.*MediaConvert/)
    expect(head(80)).toMatch(/at most.*on demand +MediaConvert/)
    expect(head(60)).not.toContain('at most')
  })

  it('prints nothing that a terminal would act on', () => {
    const facts = sourceFacts({ notes: ['\u001b[2J\u202eevil'], video: videoFacts({ codec: 'h\u001b]0;x' }) })
    const lines = planReport(planOf(intentOf(facts, LADDER, '/x/\u001b[31mred.mp4')), PAGE)
    const isActedOn = (letter: string): boolean => (letter < ' ' && letter !== '\n') || letter === '\u202e'
    expect([...lines.join('\n')].filter(isActedOn)).toEqual([])
  })

  it('is ASCII where the terminal is', () => {
    const intent = intentOf(sourceFacts({ notes: ['été'] }), LADDER, `/x/${'é'.repeat(90)}.mp4`)
    expect(planReport(planOf(intent), { columns: 80, unicode: false }).join('\n')).toMatch(/^[ -~\n]*$/)
  })
})

describe('the JSON', () => {
  it('is plain data with the whole plan', () => {
    const json = JSON.parse(JSON.stringify(planJson(planOf(intentOf(sourceFacts()))))) as Record<string, unknown>
    expect(json).toMatchObject({
      v: 1,
      source: { key: '/films/film.mp4', bytes: 2_429_896 },
      facts: { container: 'mp4' },
      ladder: { name: 'three' },
      decisions: [{ kept: true }, { kept: true }, { kept: false }],
      cost: {
        speeds: { factor: 1, from: 'default', pieces: 0 },
        slotSeconds: { total: expect.any(Number) as number },
        mediaConvert: { assumption: expect.any(String) as string },
      },
      prices: { asOf: '2026-06' },
    })
    expect(json['jobs']).toContainEqual({ kind: 'video-piece', part: 'video-0000' })
  })
})
