import { decideDelete } from '../../scheduler/runs/delete'
import { isOfRun } from '../../scheduler/runs/erase'
import { ASSET, finalOf, plannedIntent, records } from '../support/planned-asset'

const intent = plannedIntent()
const asset = (...runs: Parameters<typeof decideDelete>[0]['runs'][number][]) => ({
  assetId: ASSET,
  isOpen: false,
  runs,
})

describe('decideDelete', () => {
  it.each([
    ['refuse', asset()],
    ['refuse', asset(records(intent))],
    ['refuse', asset(records(null))],
    ['delete', asset(records(intent, { final: finalOf('published') }))],
    ['delete', asset(records(intent, { final: finalOf('failed') }))],
    ['delete', asset(records(null, { final: finalOf('failed') }))],
    ['delete', asset(records(intent, { final: finalOf('cancelled') }))],
    ['delete', asset(records(intent, { final: finalOf('superseded') }))],
    [
      'nothing',
      asset(records(intent, { final: finalOf('published') }), records(null, { final: finalOf('deleted', 2) })),
    ],
  ])('is to %s', (what, one) => expect(decideDelete(one).do).toBe(what))

  it('is the run after the last, and names every folder that a run was put into, once', () => {
    const elsewhere = { ...plannedIntent({ run: 2 }), home: { bucket: 'out', prefix: 'other/name' } }
    const runs = [intent, elsewhere, plannedIntent({ run: 3 })].map((one) =>
      records(one, { final: finalOf('failed', one.run) }),
    )
    expect(decideDelete(asset(...runs))).toEqual({
      ...{ do: 'delete', run: 4, source: { bucket: 'in', key: 'Film.mov' } },
      homes: [{ home: elsewhere.home }, { home: intent.home }],
    })
  })
})

describe('isOfRun', () => {
  const home = { bucket: 'out', prefix: 'films/film-abc' }
  it.each([
    ['films/film-abc/r1/video/360p/playlist.m3u8', true],
    ['films/film-abc/r12/mp4/360p.mp4', true],
    ['films/film-abc/r0/x', false],
    ['films/film-abc/r1', false],
    ['films/film-abc/notes.txt', false],
    ['films/film-abc/raw/x', false],
    ['films/film-abcd/r1/x', false],
    ['films/r1/x', false],
    ['r1/x', false],
  ])('%s: %s', (key, expected) => expect(isOfRun(home, key)).toBe(expected))
})
