import type { Intent } from '../../core/contract/intent'
import type { VideoPieceJob } from '../../core/contract/job'
import { NO_REQUEST } from '../../core/contract/request'
import { decideRedo, decideRetry, earlierOf } from '../../scheduler/runs/again'
import { withReuse } from '../../scheduler/runs/reuse'
import { planLimits } from '../support/builders'
import { defaults, failureOf, finalOf, plannedIntent, records, STATE } from '../support/planned-asset'

const context = { state: STATE, at: '2026-01-02T00:00:00.000Z' }
const first = plannedIntent()
const allParts = (intent: Intent): Set<string> => new Set(intent.jobs.map(({ part }) => part))
const published = records(first, { done: allParts(first), final: finalOf('published') })

/** Each encode as `part: what it makes < where from`. */
function encodes({ jobs }: Intent): string[] {
  return jobs.flatMap((job) => {
    const from = job.reuse === undefined ? '' : ` < ${job.reuse.run}/${job.reuse.part}`
    if (job.kind === 'video-piece') return [`${job.part}: ${job.rungs.map(({ id }) => id).join(' ')}${from}`]
    return job.kind === 'audio' || job.kind === 'captions' ? [`${job.part}${from}`] : []
  })
}

function opened(decision: ReturnType<typeof decideRetry>): Intent {
  if (decision.do !== 'open')
    throw new Error(`it is to ${decision.do}: ${'message' in decision ? decision.message : ''}`)
  return decision.intent
}

/** The plan in two slices, as a longer master has it. */
function inSlices(intent: Intent): Intent {
  const jobs = intent.jobs.flatMap((job): Intent['jobs'] => {
    if (job.kind !== 'video-piece') return [job]
    const part = 'video-0001'
    const second = { ...job, part, jobId: job.jobId.replace(job.part, part), slice: { ...job.slice, index: 1 } }
    return [job, second]
  })
  return { ...intent, jobs }
}

describe('decideRetry', () => {
  it.each([
    ['open', records(first, { final: finalOf('failed'), failures: [failureOf('audio')] })],
    ['open', records(first, { final: finalOf('cancelled') })],
    ['refuse', records(first)],
    ['refuse', records(null)],
    ['refuse', records(null, { final: finalOf('failed') })],
    ['refuse', published],
    ['refuse', records(first, { final: finalOf('superseded') })],
  ])('is to %s', (what, run) => expect(decideRetry(run, context).do).toBe(what))

  it('takes over what is done, and makes the rest by the same plan in a run of its own', () => {
    const sliced = inSlices(first)
    const failed = records(sliced, {
      ...{ done: new Set(['video-0000', 'audio']), final: finalOf('failed') },
      failures: [failureOf('video-0001')],
    })
    const next = opened(decideRetry(failed, context))
    expect(encodes(next)).toEqual([
      'video-0000: 240p 360p 480p 720p < 1/video-0000',
      'video-0001: 240p 360p 480p 720p',
      'audio < 1/audio',
    ])
    expect(next).toMatchObject({ run: 2, origin: { operation: 'retry', run: 1 }, at: context.at })
    for (const job of next.jobs) {
      expect(job.jobId).toBe(`${job.assetId}.2.${job.kind}.${job.part}`)
      expect(job.output.prefix).toBe(`${first.home.prefix}/r2`)
      expect(job.state.prefix).toBe(`${STATE.prefix}/assets/${job.assetId}/runs/2`)
    }
  })

  it('takes nothing over of pieces that do not go together', () => {
    const failed = { ...{ done: allParts(first), final: finalOf('failed') }, failures: [failureOf('join')] }
    expect(encodes(opened(decideRetry(records(first, failed), context)))).toEqual([
      'video-0000: 240p 360p 480p 720p',
      'audio',
    ])
  })

  it('takes over from where a run that was cut short would have', () => {
    const redo = opened(decideRedo(published, '360p', context))
    const cut = records(redo, { done: new Set(['audio']), final: finalOf('cancelled', 2) })
    expect(encodes(opened(decideRetry(cut, context)))).toEqual([
      'video-0000: 240p 480p 720p < 1/video-0000',
      'video-0000-b: 360p',
      'audio < 2/audio',
    ])
  })

  it('is done once it is under way', () => {
    const next = opened(decideRetry(records(first, { final: finalOf('cancelled') }), context))
    expect(decideRetry(records(next), context)).toEqual({ do: 'nothing' })
    expect(decideRedo(records(next), '360p', context).do).toBe('refuse')
  })
})

describe('decideRedo', () => {
  it('encodes the one rung alone in every slice, and takes over the others whatever ffmpeg made them', () => {
    const sliced = inSlices(first)
    const next = opened(decideRedo({ ...published, intent: sliced, done: allParts(sliced) }, '360p', context))
    expect(encodes(next)).toEqual([
      'video-0000: 240p 480p 720p < 1/video-0000',
      'video-0000-b: 360p',
      'video-0001: 240p 480p 720p < 1/video-0001',
      'video-0001-b: 360p',
      'audio < 1/audio',
    ])
    expect(next.jobs.every(({ reuse }) => reuse?.anyBuild !== false)).toBe(true)
    expect(new Set(next.jobs.map(({ jobId }) => jobId)).size).toBe(next.jobs.length)
    expect(next.variants).toEqual(first.variants)
  })

  it('makes an optional rung after all that was left out, beside the one asked for', () => {
    const final = finalOf('published')
    if (final.status !== 'published') throw new Error('not published')
    const without = { ...final, asset: { ...final.asset, video: final.asset.video.filter(({ id }) => id !== '720p') } }
    expect(encodes(opened(decideRedo({ ...published, final: without }, '360p', context)))).toEqual([
      'video-0000: 240p 480p < 1/video-0000',
      'video-0000-b: 360p 720p',
      'audio < 1/audio',
    ])
  })

  it('takes over from the last run when it is asked for again and again', () => {
    const second = opened(decideRedo(published, '360p', context))
    const third = records(second, { done: allParts(second), final: finalOf('published', 2) })
    expect(encodes(opened(decideRedo(third, '240p', context)))).toEqual([
      'video-0000: 480p 720p < 2/video-0000',
      'video-0000-b: 360p < 2/video-0000-b',
      'video-0000-c: 240p',
      'audio < 2/audio',
    ])
  })

  it('refuses what is not published, and rungs that are not there', () => {
    for (const status of ['failed', 'cancelled', 'superseded'] as const) {
      expect(decideRedo(records(first, { final: finalOf(status) }), '360p', context)).toMatchObject({ do: 'refuse' })
    }
    expect(decideRedo(published, '1080p', context)).toMatchObject({
      ...{ do: 'refuse', code: 'API_REQUEST_INVALID' },
      message: "there is no rung '1080p': it has 240p, 360p, 480p, 720p",
    })
  })
})

describe('a picture that is read from a copy', () => {
  /** The plan with a copy of the pictures, cut at these lines. */
  function copied(intent: Intent, ticks: readonly number[]): Intent {
    const piece = intent.jobs.find((job): job is VideoPieceJob => job.kind === 'video-piece')
    if (piece === undefined) throw new Error('no picture')
    const { v, assetId, run, priority, output, state, source, streamIndex, limits } = piece
    const base = { v, assetId, run, priority, output, state, source, streamIndex, limits }
    const remux = { ...base, kind: 'remux', part: 'remux', jobId: `${assetId}.${run}.remux.remux` } as const
    const lines = { timescaleHz: 90_000, ticks }
    const jobs = intent.jobs.map((job) => (job.kind === 'video-piece' ? { ...job, copiedBy: 'remux' } : job))
    return { ...intent, jobs: [{ ...remux, lines }, ...jobs] }
  }

  const before = copied(inSlices(first), [900_000])
  const after = (next: Intent): Intent => {
    const found = earlierOf(records(before, { done: allParts(before), final: finalOf('published') }), next)
    return found === null ? next : withReuse(next, found)
  }

  it('is copied again, cut where the pieces are that are taken over', () => {
    const next = after(copied(plannedIntent({ run: 2 }), []))
    expect(next.jobs[0]).toMatchObject({ kind: 'remux', run: 2, lines: { ticks: [900_000] } })
    expect(next.jobs[0]?.reuse).toBeUndefined()
    expect(encodes(next)).toEqual([
      'video-0000: 240p 360p 480p 720p < 1/video-0000',
      'video-0001: 240p 360p 480p 720p < 1/video-0001',
      'audio < 1/audio',
    ])
  })

  it('is not taken for one that is read from the master', () => {
    expect(encodes(after(plannedIntent({ run: 2 })))).toEqual(['video-0000: 240p 360p 480p 720p', 'audio < 1/audio'])
  })
})

describe('another ladder', () => {
  const rungs = defaults.rungs.filter(({ id }) => id !== '480p')
  const before = plannedIntent({ ladder: { ...defaults, rungs } })
  const earlier = (next: Intent, old = before) => {
    const found = earlierOf(records(old, { done: allParts(old), final: finalOf('failed') }), next)
    return found === null ? next : withReuse(next, found)
  }

  it('encodes the one rung that is new', () => {
    expect(encodes(earlier(plannedIntent({ run: 2 })))).toEqual([
      'video-0000: 240p 360p 720p < 1/video-0000',
      'video-0000-b: 480p',
      'audio < 1/audio',
    ])
  })

  it('encodes a rung again whose numbers changed, and drops one that is gone', () => {
    const changed = defaults.rungs.filter(({ id }) => id !== '240p')
    const next = plannedIntent({
      run: 2,
      ladder: { ...defaults, rungs: changed.map((rung) => (rung.id === '360p' ? { ...rung, crf: 30 } : rung)) },
    })
    expect(encodes(earlier(next))).toEqual([
      'video-0000: 720p < 1/video-0000',
      'video-0000-b: 360p 480p',
      'audio < 1/audio',
    ])
  })

  it('keeps the slices that there are, of which the new rung is made too', () => {
    const next = plannedIntent({ run: 2, limits: planLimits({ pieceSeconds: 4 }) })
    const pieces = earlier(next, inSlices(before)).jobs.filter(
      (job): job is VideoPieceJob => job.kind === 'video-piece',
    )
    expect(pieces.map(({ part, slice }) => [part, slice.index])).toEqual([
      ['video-0000', 0],
      ['video-0000-b', 0],
      ['video-0001', 1],
      ['video-0001-b', 1],
    ])
  })

  it.each([
    ['another grid', { ladder: { ...defaults, segmentSeconds: 6 } }, 'audio'],
    ['other bytes', { source: { bucket: 'in', key: 'Film.mov', etag: 'f', bytes: 1_000 } }, 'audio'],
    ['a word that asks for all of it', { request: { ...NO_REQUEST, force: 'now' } }, 'audio'],
  ])('takes no picture over with %s', (_, more, sound) => {
    const made = encodes(earlier(plannedIntent({ run: 2, ...more })))
    expect(made[0]).toBe('video-0000: 240p 360p 480p 720p')
    expect(made[1]).toBe(sound)
  })

  it('tries a rung again that was left out', () => {
    const final = finalOf('published')
    if (final.status !== 'published') throw new Error('not published')
    const without = { ...final, asset: { ...final.asset, video: final.asset.video.filter(({ id }) => id !== '240p') } }
    const next = plannedIntent({ run: 2, request: { ...NO_REQUEST, posterAtSeconds: 3 } })
    const found = earlierOf({ ...published, final: without }, next)
    expect(found === null ? [] : encodes(withReuse(next, found))).toEqual([
      'video-0000: 360p 480p 720p < 1/video-0000',
      'video-0000-b: 240p',
      'audio < 1/audio',
    ])
  })

  it('takes nothing over from a run that goes on or had no plan', () => {
    const next = plannedIntent({ run: 2 })
    expect(earlierOf(records(before, { done: allParts(before) }), next)).toBeNull()
    expect(earlierOf(records(null, { final: finalOf('failed') }), next)).toBeNull()
  })
})
