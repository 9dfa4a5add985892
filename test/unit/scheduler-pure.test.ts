import { NO_REQUEST } from '../../core/contract/request'
import { nextJobs } from '../../core/contract/next-jobs'
import { admit } from '../../scheduler/admit'
import { assetIdOf } from '../../scheduler/identity'
import { outputName } from '../../routes/name'
import { NO_SPEEDS } from '../../scheduler/cost/known-speeds'
import { planRun, type PlanInput } from '../../scheduler/plan'
import { GRID, planLimits, rung, sourceFacts } from '../support/builders'
import { videoFacts } from '../support/facts'
import { seededRandom } from '../support/seeded-random'

const source = { bucket: 'file', key: '/in/My Film.mov', etag: 'e1', bytes: 1_000 }
const assetId = assetIdOf(source, 'out/')

const input: PlanInput = {
  ...{ assetId, run: 1, source, facts: sourceFacts(), ladder: { name: 'default', digest: 'd' } },
  request: NO_REQUEST,
  selection: {
    video: {
      rungs: [rung('360p', 360), rung('720p', 720)],
      grid: GRID,
      picture: {
        dataLines: 0,
        deinterlace: false,
        fieldOrder: 'flagged',
        transfer: 'sdr',
        colour: { primaries: 'bt709', curve: 'bt709', matrix: 'bt709' },
        constantRate: false,
      },
    },
    sounds: [
      {
        encode: {
          ...{ id: 'audio', codec: 'aac', bitrateBps: 128_000, channels: 2, sampleRateHz: 48_000 },
          loudnessLufs: null,
        },
        ...{ streamIndexes: [1], segmentSeconds: { num: 4, den: 1 }, durationSeconds: 8 },
        ...{ language: null, groups: ['audio'], isDefault: true },
      },
    ],
    captions: [],
    decisions: [],
  },
  outputs: {
    packaging: { iFrames: false, dash: false, early: false },
    mp4: true,
    thumbnails: {
      poster: { atFraction: 0.1, atSeconds: null, maxWidthPx: 1_280 },
      images: { intervalSeconds: 10, widthPx: 640 },
      sprites: { intervalSeconds: 2, tileWidthPx: 160, columns: 10, rows: 10 },
    },
  },
  ...{
    name: 'My-Film-x',
    output: { bucket: 'out', prefix: '' },
    state: { bucket: 'state', prefix: '' },
    priority: 100,
  },
  ...{ limits: planLimits(), times: null, speeds: NO_SPEEDS },
  at: '2026-01-01T00:00:00.000Z',
}

describe('planRun', () => {
  it('gives every part a job with its id, and a priority', () => {
    const { jobs } = planRun(input)
    expect(jobs.map((job) => job.jobId)).toEqual([
      `${assetId}.1.video-piece.video-0000`,
      `${assetId}.1.audio.audio`,
      `${assetId}.1.join.join`,
      `${assetId}.1.mp4.mp4-360p`,
      `${assetId}.1.mp4.mp4-720p`,
      `${assetId}.1.thumbnails.thumbnails`,
      `${assetId}.1.publish.publish`,
    ])
    expect(new Set(jobs.map((job) => job.priority))).toEqual(new Set([100]))
    expect(jobs[0]).toMatchObject({ output: { bucket: 'out', prefix: 'My-Film-x/r1' } })
  })

  it('is the same for the same input', () => {
    expect(JSON.stringify(planRun(input))).toBe(JSON.stringify(planRun(input)))
  })

  it('plans sound alone without pictures', () => {
    const facts = sourceFacts({ video: null })
    const { jobs, variants } = planRun({ ...input, facts, selection: { ...input.selection, video: null } })
    expect(jobs.map((job) => job.part)).toEqual(['audio', 'join', 'mp4-audio', 'publish'])
    expect(variants).toMatchObject([{ rungId: null }])
  })

  it('leaves MP4s out when the ladder wants none', () => {
    const { jobs } = planRun({ ...input, outputs: { ...input.outputs, mp4: false } })
    expect(jobs.filter((job) => job.kind === 'mp4')).toEqual([])
  })
})

describe('a planned run', () => {
  it('is plain data, the same after a way through JSON', () => {
    const intent = planRun(input)
    expect(JSON.parse(JSON.stringify(intent))).toEqual(intent)
  })

  it('has ids and places of its own in each run', () => {
    const [first, second] = [planRun(input).jobs, planRun({ ...input, run: 2 }).jobs]
    expect(new Set([...first, ...second].map((job) => job.jobId)).size).toBe(first.length + second.length)
    expect(second[0]).toMatchObject({
      output: { bucket: 'out', prefix: 'My-Film-x/r2' },
      state: { bucket: 'state', prefix: `assets/${assetId}/runs/2` },
    })
  })

  it('lies below the prefixes of output and state', () => {
    const places = { output: { bucket: 'out', prefix: 'vod/hls' }, state: { bucket: 'state', prefix: 'gantry' } }
    const { home, jobs } = planRun({ ...input, ...places })
    expect(home).toEqual({ bucket: 'out', prefix: 'vod/hls/My-Film-x' })
    for (const job of jobs) {
      expect(job.output).toEqual({ bucket: 'out', prefix: 'vod/hls/My-Film-x/r1' })
      expect(job.state).toEqual({ bucket: 'state', prefix: `gantry/assets/${assetId}/runs/1` })
    }
  })

  it('gives encodes the stream, the container and the pinned master, and each rung its line', () => {
    const { jobs, variants } = planRun({
      ...input,
      facts: sourceFacts({ container: 'matroska', video: videoFacts({ streamIndex: 3 }) }),
    })
    const pinned = { ref: { etag: 'e1' }, bytes: 1_000, container: 'matroska', clip: null }
    expect(jobs[0]).toMatchObject({ streamIndex: 3, source: pinned, rungs: [{ id: '360p' }, { id: '720p' }] })
    expect(jobs[1]).toMatchObject({ streamIndexes: [1], source: pinned, encode: { id: 'audio' } })
    expect(variants).toEqual([
      { rungId: '360p', widthPx: 640, heightPx: 360, fps: { num: 25, den: 1 }, range: 'sdr' },
      { rungId: '720p', widthPx: 1_280, heightPx: 720, fps: { num: 25, den: 1 }, range: 'sdr' },
    ])
  })

  it('makes no sound of a silent master', () => {
    const { jobs } = planRun({ ...input, selection: { ...input.selection, sounds: [] } })
    expect(jobs.map((job) => job.part)).toEqual(['video-0000', 'join', 'mp4-360p', 'mp4-720p', 'thumbnails', 'publish'])
  })

  it.each([
    [8, 100, { durationSeconds: 8, maxFrames: 8 * 240 + 1_000 }],
    [null, 100, { durationSeconds: 100, maxFrames: 100 * 240 + 1_000 }],
    [null, null, { durationSeconds: null, maxFrames: 3_600 * 240 + 1_000 }],
  ])('bounds pictures by the track (%j s), the container (%j s) or the longest master', (track, whole, limits) => {
    const facts = sourceFacts({ durationSeconds: whole, video: videoFacts({ durationSeconds: track }) })
    expect(planRun({ ...input, facts }).jobs[0]).toMatchObject({ limits })
  })
})

describe('nextJobs', () => {
  const intent = planRun(input)
  const parts = (...done: string[]): string[] => nextJobs(intent, new Set(done)).map((job) => job.part)
  const encodes = ['video-0000', 'audio']
  it.each([
    [[], encodes],
    [['audio'], ['video-0000']],
    [encodes, ['join']],
    [
      [...encodes, 'join'],
      ['mp4-360p', 'mp4-720p', 'thumbnails'],
    ],
    [[...encodes, 'join', 'mp4-720p', 'thumbnails'], ['mp4-360p']],
    [[...encodes, 'join', 'mp4-360p', 'mp4-720p', 'thumbnails'], ['publish']],
    [intent.jobs.map((job) => job.part), []],
    [['publish', 'join'], encodes],
  ])('after %j gives %j', (done, next) => {
    expect(parts(...done)).toEqual(next)
  })
})

describe('a master whose pictures are copied before they are cut', () => {
  const times = {
    keyframes: { seconds: [], isComplete: false },
    blindSeconds: 0,
    lastSeekSeconds: Infinity,
    pictures: null,
  }
  const limits = planLimits({ pieceSeconds: 4 })
  const intent = planRun({ ...input, times: { ...times, isCopied: true }, limits })
  const starting = (...done: string[]): string[] => nextJobs(intent, new Set(done)).map((job) => job.part)

  it('has a job for that, which knows where the pieces meet', () => {
    const [copy, ...pieces] = intent.jobs.filter(({ kind }) => ['remux', 'video-piece'].includes(kind))
    expect(copy).toMatchObject({ kind: 'remux', part: 'remux', lines: { timescaleHz: 90_000, ticks: [358_200] } })
    expect(pieces).toMatchObject([{ copiedBy: 'remux' }, { copiedBy: 'remux', slice: { startTicks: 358_200 } }])
  })

  it('is copied beside its sound; its pieces come after the copy, and the join after all', () => {
    expect(starting()).toEqual(['remux', 'audio'])
    expect(starting('audio')).toEqual(['remux'])
    expect(starting('remux')).toEqual(['video-0000', 'video-0001', 'audio'])
    expect(starting('remux', 'audio', 'video-0001')).toEqual(['video-0000'])
    expect(starting('remux', 'audio', 'video-0000', 'video-0001')).toEqual(['join'])
  })

  it('is read itself where it is one piece, or has an index', () => {
    for (const other of [
      planRun({ ...input, times: { ...times, isCopied: true } }),
      planRun({ ...input, times: { ...times, isCopied: false }, limits }),
    ]) {
      expect(other.jobs.filter((job) => job.kind === 'remux' || 'copiedBy' in job)).toEqual([])
    }
  })

  it('is copied to its end where a part of it is wanted, however short that is', () => {
    const request = { ...NO_REQUEST, clip: { inSeconds: 2, outSeconds: 10 } }
    const clipped = planRun({ ...input, times: { ...times, isCopied: true }, limits, request })
    const copy = clipped.jobs.find((job) => job.kind === 'remux')
    expect(copy).toMatchObject({ limits: { durationSeconds: null }, lines: { ticks: [358_200, 719_901] } })
  })
})

describe('assetIdOf', () => {
  it('is 20 base32 characters and follows from place, content and destination alone', () => {
    expect(assetId).toMatch(/^[a-z2-7]{20}$/)
    expect(assetIdOf({ ...source }, 'out/')).toBe(assetId)
  })
  it.each([
    [{ ...source, etag: 'e2' }, 'out/'],
    [{ ...source, key: '/in/other.mov' }, 'out/'],
    [{ ...source, bucket: 'f' }, 'out/'],
    [{ ...source, versionId: 'v2' }, 'out/'],
    [source, 'elsewhere/'],
    [{ ...source, bucket: 'fil', key: `e${source.key}` }, 'out/'],
  ])('differs for %j to %s', (other, destination) => {
    expect(assetIdOf(other, destination)).not.toBe(assetId)
  })
})

describe('outputName', () => {
  it.each([
    ['/in/My Film.mov', 'My-Film'],
    ['../../etc/passwd', 'passwd'],
    ['a/Été à Paris.mp4', 'Ete-a-Paris'],
    ['x/🎬🎬.mp4', 'asset'],
    ['-i.mp4', 'i'],
    ['in%03d.mp4', 'in-03d'],
    ['o/.hidden', 'hidden'],
    ['a\nb|c:d.mp4', 'a-b-c-d'],
    ['..', 'asset'],
    ['', 'asset'],
    [`${'x'.repeat(500)}.mp4`, 'x'.repeat(80)],
  ])('makes %j a folder that begins with %s', (key, stem) => {
    expect(outputName({ bucket: 'in', key }, assetId)).toBe(`${stem}-${assetId.slice(0, 10)}`)
  })
})

describe('any output name', () => {
  it('is one part of a path that steers neither shell nor ffmpeg nor terminal, and ends in the id', () => {
    const random = seededRandom(7)
    const chars = [
      '/',
      '.',
      '..',
      '-',
      '%',
      '%03d',
      ' ',
      '\n',
      '\0',
      '\u001b[2J',
      '\u202e',
      '\ud800',
      '🎬',
      'ﷺ',
      'é',
      'a',
      'Z',
      '|',
      ':',
      '\\',
      '"',
      "'",
    ]
    for (let round = 0; round < 2_000; round += 1) {
      const key = Array.from({ length: random.integer(0, 60) }, () => random.pick(chars)).join('')
      const name = outputName({ bucket: 'in', key }, assetId)
      expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/)
      expect(name.endsWith(`-${assetId.slice(0, 10)}`)).toBe(true)
      expect(name.length).toBeLessThanOrEqual(91)
    }
  })
})

describe('admit', () => {
  const limits = { maxBytes: 10_000, ownPlaces: [{ bucket: 'file', prefix: '/out' }] }
  it('gives a lane its priority: the more urgent, the lower', () => {
    const priorities = (['interactive', 'normal', 'bulk'] as const).map((lane) => admit(source, lane, limits))
    expect(priorities).toEqual([...priorities].sort((a, b) => a - b))
  })
  it.each([
    [{ bytes: 0 }, 'SOURCE_EMPTY'],
    [{ bytes: 10_001 }, 'SOURCE_TOO_LARGE'],
    [{ key: '/out/x/r1/mp4/720p.mp4' }, 'SOURCE_NOT_MEDIA'],
  ])('refuses %j as %s', (more, code) => {
    expect(() => admit({ ...source, ...more }, 'normal', limits)).toThrow(expect.objectContaining({ code }))
  })
  it('takes a master of exactly the most bytes', () => {
    expect(admit({ ...source, bytes: 10_000 }, 'bulk', limits)).toBeGreaterThan(0)
  })
  it('takes the same key from another bucket', () => {
    expect(admit({ ...source, bucket: 'b', key: '/out/x.mp4' }, 'normal', limits)).toBeGreaterThan(0)
  })
  it('refuses everything of a bucket that is ours as a whole', () => {
    const whole = { ...limits, ownPlaces: [{ bucket: 'file', prefix: '' }] }
    expect(() => admit(source, 'normal', whole)).toThrow(expect.objectContaining({ code: 'SOURCE_NOT_MEDIA' }))
  })
  it('takes a folder whose name only begins like the output', () => {
    expect(admit({ ...source, key: '/outside/x.mp4' }, 'normal', limits)).toBeGreaterThan(0)
  })
})
