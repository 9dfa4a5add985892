import { standingOf, statusOf } from '../../scheduler/runs/standing'
import { decideCancel } from '../../scheduler/runs/cancel'
import { ASSET, failureOf, finalOf, plannedIntent, records } from '../support/planned-asset'

const intent = plannedIntent()
const parts = intent.jobs.map(({ part }) => part)
const upTo = (kind: string): Set<string> => {
  const first = intent.jobs.findIndex((job) => job.kind === kind)
  return new Set(intent.jobs.slice(0, first).map(({ part }) => part))
}

describe('statusOf', () => {
  it.each([
    ['starting', records(null)],
    ['encoding', records(intent)],
    ['encoding', records(intent, { done: new Set(['audio']) })],
    ['joining', records(intent, { done: upTo('join') })],
    ['finishing', records(intent, { done: upTo('mp4') })],
    ['publishing', records(intent, { done: upTo('publish') })],
    ['ending', records(intent, { failures: [failureOf('audio')] })],
    ['failed', records(intent, { failures: [failureOf('audio')], final: finalOf('failed') })],
    ['failed', records(null, { final: finalOf('failed') })],
    ['published', records(intent, { done: new Set(parts), final: finalOf('published') })],
    ['cancelled', records(intent, { final: finalOf('cancelled') })],
    ['superseded', records(intent, { final: finalOf('superseded') })],
  ])('is %s', (status, run) => expect(statusOf(run)).toBe(status))
})

describe('standingOf', () => {
  it('tells of each run what is done, what can be made now, and what failed', () => {
    const second = { ...plannedIntent({ run: 2 }), at: '2026-01-02T00:00:00.000Z' }
    const runs = [
      records(intent, { failures: [failureOf('audio')], final: finalOf('failed') }),
      records(second, { done: new Set(['audio']) }),
    ]
    expect(standingOf({ assetId: ASSET, isOpen: true, runs })).toMatchObject({
      ...{ status: 'encoding', isOpen: true, name: intent.name, source: { bucket: 'in', key: 'Film.mov' } },
      runs: [
        { run: 1, status: 'failed', code: 'FFMPEG_EXIT', waiting: [], failures: [{ part: 'audio' }] },
        { run: 2, status: 'encoding', code: null, parts: { done: 1, total: parts.length }, waiting: ['video-0000'] },
      ],
    })
  })

  it('names the master of one that was refused before there was a plan', () => {
    const runs = [records(null, { final: finalOf('failed') })]
    expect(standingOf({ assetId: ASSET, isOpen: false, runs })).toMatchObject({
      ...{
        name: null,
        source: { key: 'Film.mov' },
        runs: [{ at: finalOf('failed').at, parts: { done: 0, total: 0 } }],
      },
    })
  })

  it('is starting while there is but an entry', () => {
    expect(standingOf({ assetId: ASSET, isOpen: true, runs: [] })).toMatchObject({ status: 'starting', source: null })
  })
})

describe('decideCancel', () => {
  it.each([
    ['end', records(intent)],
    ['end', records(intent, { failures: [failureOf('audio')] })],
    ['nothing', records(intent, { final: finalOf('cancelled') })],
    ['refuse', records(null)],
    ['refuse', records(intent, { final: finalOf('published') })],
    ['refuse', records(intent, { final: finalOf('failed') })],
    ['refuse', records(intent, { final: finalOf('superseded') })],
  ])('is to %s', (what, run) => expect(decideCancel(run).do).toBe(what))
})
