import type { AnyEvent } from '../../core/contract/event'
import { assetFraction, assetSecondsLeft, assetSpeed } from '../../cli/view/asset-progress'
import { assetLabels } from '../../cli/view/asset-labels'
import { reduceRun, sourceName, type AssetView, type RunView } from '../../cli/view/run-view'
import {
  accepted,
  assetId,
  at,
  BEGAN_MS,
  event,
  failed,
  planned,
  progress,
  published,
  renditionDone,
  viewOf,
} from '../support/cli-events'

function only(view: RunView): AssetView {
  const [asset, ...rest] = view.assets
  if (!asset || rest.length > 0) throw new Error(`one asset expected, got ${view.assets.length}`)
  return asset
}

const WHOLE_LIFE: AnyEvent[] = [
  accepted('a'),
  planned('a', 100),
  progress('a', '360p', 40),
  progress('a', '720p', 40),
  progress('a', 'audio', 100, { part: 'audio' }),
  renditionDone('a', 'audio', 'audio'),
  renditionDone('a', '360p'),
  renditionDone('a', '720p'),
  published('a'),
]

describe('reduceRun', () => {
  it('leads an asset through its stages', () => {
    const stages = WHOLE_LIFE.map((_, index) => only(viewOf(...WHOLE_LIFE.slice(0, index + 1))).stage)
    expect(stages).toEqual([
      'accepted',
      'planned',
      'encoding',
      'encoding',
      'encoding',
      'encoding',
      'encoding',
      'finishing',
      'published',
    ])
  })

  it('keeps assets in order of acceptance, whatever comes later', () => {
    const view = viewOf(accepted('b'), accepted('a'), progress('a', '360p', 5), published('b'))
    expect(view.assets.map((asset) => asset.assetId)).toEqual([assetId('b'), assetId('a')])
  })

  it('makes an entry for an asset it has never heard of, with the short id as its name', () => {
    const asset = only(viewOf(progress('q', '360p', 3)))
    expect(asset).toMatchObject({ stage: 'encoding', sourceKey: null })
    expect(sourceName(asset)).toBe('qqqqqqqqqq')
  })

  it('takes the name of a rejected master from the failure', () => {
    const asset = only(viewOf(failed('x')))
    expect(sourceName(asset)).toBe('x.mp4')
    expect(asset.failure).toEqual({
      code: 'SOURCE_UNREADABLE',
      message: 'the file is damaged',
      remedy: 'export the file again',
      findings: [],
    })
  })

  it('is the same view, not a copy, after an event that tells nothing new', () => {
    const view = viewOf(...WHOLE_LIFE.slice(0, 6))
    for (const repeated of WHOLE_LIFE.slice(0, 6)) expect(reduceRun(view, repeated, at(60))).toBe(view)
  })

  it('does not change the view it was given', () => {
    const view = viewOf(accepted('a'), planned('a', 100))
    const before = structuredClone(view)
    reduceRun(view, progress('a', '360p', 40), at(9))
    expect(view).toEqual(before)
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('ends alike when the events are told in another order (%i)', (turn) => {
    const turned = [...WHOLE_LIFE.slice(turn), ...WHOLE_LIFE.slice(0, turn)].reverse()
    const told = only(viewOf(...turned, ...WHOLE_LIFE))
    const usual = only(viewOf(...WHOLE_LIFE))
    expect(told).toMatchObject({ stage: 'published', published: usual.published, sourceKey: usual.sourceKey })
    expect(told.renditions.map(({ id, done }) => [id, done])).toEqual([
      ['360p', true],
      ['720p', true],
      ['audio', true],
    ])
  })

  it('never lets progress fall', () => {
    const view = viewOf(planned('a', 100), progress('a', '360p', 40), progress('a', '360p', 12, { second: 5 }))
    expect(only(view).renditions[0]).toMatchObject({ outSeconds: 40, done: false })
  })

  it('does not replace a newer speed by an older one', () => {
    const newer = progress('a', '360p', 40, { second: 9, speed: 3 })
    const older = progress('a', '360p', 30, { second: 2, speed: 1 })
    expect(only(viewOf(planned('a', 100), newer, older)).renditions[0]?.speed).toBe(3)
  })

  it.each([NaN, Infinity, -3])('takes %p as no figure', (wrong) => {
    const view = viewOf(
      planned('a', 100),
      progress('a', '360p', 40),
      progress('a', '360p', wrong, { speed: wrong, second: 3 }),
    )
    expect(only(view).renditions[0]).toMatchObject({ outSeconds: 40, speed: 2 })
  })

  it('adds up the pieces of a rendition and is done when nothing is missing', () => {
    const first = progress('a', '720p', 50, { part: 'video-0000', durationSeconds: 50, speed: 2 })
    const second = progress('a', '720p', 10, { part: 'video-0001', durationSeconds: 50, speed: 3 })
    const plan = planned('a', 100, ['720p'])
    expect(only(viewOf(plan, first, second)).renditions[0]).toMatchObject({ outSeconds: 60, speed: 5, done: false })

    const firstDone = only(viewOf(plan, first, renditionDone('a', '720p', 'video-0000')))
    expect(firstDone).toMatchObject({ stage: 'encoding', renditions: [{ outSeconds: 50, done: false }] })

    const bothDone = viewOf(
      plan,
      first,
      second,
      renditionDone('a', '720p', 'video-0000'),
      renditionDone('a', '720p', 'video-0001'),
    )
    expect(only(bothDone)).toMatchObject({ stage: 'finishing', renditions: [{ outSeconds: 100, done: true }] })
  })

  it('takes a short rendition as done when its only piece ended before it told a figure', () => {
    expect(only(viewOf(planned('a', 2, ['720p']), renditionDone('a', '720p'))).stage).toBe('finishing')
  })

  it('lets published outweigh failed, in either order', () => {
    expect(only(viewOf(failed('a'), published('a')))).toMatchObject({ stage: 'published', failure: null })
    expect(only(viewOf(published('a'), failed('a')))).toMatchObject({ stage: 'published', failure: null })
  })

  it('ignores progress after the end', () => {
    const view = viewOf(accepted('a'), failed('a'))
    expect(reduceRun(view, progress('a', '360p', 4), at(5))).toBe(view)
  })

  it('begins anew with a newer run and ignores what an older one still says', () => {
    const again = viewOf(accepted('a'), failed('a'), progress('a', '360p', 4, { run: 2 }))
    expect(only(again)).toMatchObject({ run: 2, stage: 'encoding', failure: null, sourceKey: '/masters/a.mp4' })
    expect(reduceRun(again, published('a'), at(9))).toBe(again)
  })

  it('knows what was published before the command began', () => {
    expect(only(viewOf(published('a', { second: -86_400 }))).published).toMatchObject({
      before: true,
      atMs: BEGAN_MS - 86_400_000,
    })
    expect(only(viewOf(published('a'))).published?.before).toBe(false)
  })

  it('shows a rendition that the plan does not name, after those it names', () => {
    const view = viewOf(progress('a', 'odd', 4), planned('a', 100, ['360p']))
    expect(only(view).renditions.map((rendition) => rendition.id)).toEqual(['360p', 'odd'])
  })
})

describe('what is said of an asset as a whole', () => {
  it('weighs sound little, so that it does not pretend that much is done', () => {
    const view = viewOf(
      planned('a', 100),
      progress('a', 'audio', 100, { part: 'audio' }),
      renditionDone('a', 'audio', 'audio'),
    )
    expect(assetFraction(only(view))).toBeLessThan(0.03)
  })

  it('reaches 1 only when all renditions are done', () => {
    const all = ['360p', '720p', 'audio'].map((id) => progress('a', id, 100))
    expect(assetFraction(only(viewOf(planned('a', 100), ...all)))).toBe(0.99)
    const done = ['360p', '720p', 'audio'].map((id) => renditionDone('a', id))
    expect(assetFraction(only(viewOf(planned('a', 100), ...all, ...done)))).toBe(1)
  })

  it('has no fraction without a length, and a length of 0 divides nothing', () => {
    const open = viewOf(planned('a', null, ['720p']), progress('a', '720p', 7, { durationSeconds: null }))
    expect(assetFraction(only(open))).toBeNull()
    expect(assetSecondsLeft(only(open))).toBeNull()
    expect(assetFraction(only(viewOf(planned('a', 0, ['720p']))))).toBe(0)
  })

  it('is as fast as its slowest picture and waits for what takes longest', () => {
    const view = viewOf(
      planned('a', 100),
      progress('a', '360p', 60, { speed: 4 }),
      progress('a', '720p', 40, { speed: 2 }),
      progress('a', 'audio', 10, { speed: 0.5, part: 'audio' }),
    )
    expect(assetSpeed(only(view))).toBe(2)
    expect(assetSecondsLeft(only(view))).toBe(180)
  })
})

describe('assetLabels', () => {
  it('adds the folder where two names are equal, and the id where that does not help', () => {
    const view = viewOf(
      accepted('a', '/day1/clip.mp4'),
      accepted('b', '/day2/clip.mp4'),
      accepted('c', '/x/other.mp4'),
      accepted('d', '/p/s/same.mp4'),
      accepted('e', '/q/s/same.mp4'),
    )
    expect([...assetLabels(view.assets).values()]).toEqual([
      'day1/clip.mp4',
      'day2/clip.mp4',
      'other.mp4',
      's/same.mp4 (dddddddddd)',
      's/same.mp4 (eeeeeeeeee)',
    ])
  })

  it('cannot be used to send a terminal commands', () => {
    const view = viewOf(accepted('a', '/m/\u001b[2J\u0007evil\n.mp4'))
    expect([...assetLabels(view.assets).values()]).toEqual(['?[2J?evil?.mp4'])
  })

  it('reads keys of an object store and of Windows', () => {
    const names = viewOf(accepted('a', 'uploads/film.mov'), accepted('b', 'C:\\films\\b.mov')).assets.map(sourceName)
    expect(names).toEqual(['film.mov', 'b.mov'])
  })

  it('keeps an asset with an empty name apart', () => {
    const data = { source: { bucket: 'file', key: '', bytes: 0 }, name: '' }
    expect(sourceName(only(viewOf(event('asset.accepted', 'z', data))))).toBe('zzzzzzzzzz')
  })
})
