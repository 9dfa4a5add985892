import type { AnyEvent } from '../../core/contract/event'
import { plainLines } from '../../cli/view/plain-lines'
import { newRunView, reduceRun } from '../../cli/view/run-view'
import { accepted, at, BEGAN_MS, failed, planned, progress, published, renditionDone } from '../support/cli-events'

/** All lines of a run, event by event. */
function told(...events: readonly AnyEvent[]): string[] {
  let view = newRunView(BEGAN_MS)
  return events.flatMap((event, index) => {
    const after = reduceRun(view, event, at(index))
    const lines = plainLines(view, after)
    view = after
    return lines
  })
}

const everyPercent = (id: string): AnyEvent[] => Array.from({ length: 100 }, (_, percent) => progress('a', id, percent))

describe('plainLines', () => {
  it('tells the life of an asset in a line for each notable change', () => {
    const events = [
      accepted('a', '/m/butterfly.mp4'),
      planned('a', 100, ['360p', '720p', 'audio'], { '1080p': 'taller than the master' }),
      ...everyPercent('720p').flatMap((one, index) => [one, everyPercent('360p')[index] ?? one]),
      ...['360p', '720p', 'audio'].map((id) => renditionDone('a', id)),
      published('a', { master: '/out/butterfly/master.m3u8' }),
    ]
    expect(told(...events)).toEqual([
      'butterfly.mp4  accepted',
      'butterfly.mp4  planned    3 renditions: 360p 720p audio (1080p dropped: taller than the master)',
      'butterfly.mp4  encoding    25%  2.0x  0:37 left',
      'butterfly.mp4  encoding    50%  2.0x  0:24 left',
      'butterfly.mp4  encoding    75%  2.0x  0:11 left',
      'butterfly.mp4  encoding   100%',
      'butterfly.mp4  published  /out/butterfly/master.m3u8',
    ])
  })

  it('tells nothing twice, however often events are repeated', () => {
    const once = [accepted('a'), planned('a', 100), progress('a', '360p', 99), progress('a', '720p', 99), failed('a')]
    expect(told(...once.flatMap((one) => [one, one, one]))).toEqual(told(...once))
    expect(told(...once, ...once)).toEqual(told(...once))
  })

  it('tells only the last of several marks that were passed at once', () => {
    const lines = told(accepted('a'), planned('a', 100, ['720p']), progress('a', '720p', 80, { speed: null }))
    expect(lines.at(-1)).toBe('a.mp4  encoding    75%')
    expect(lines).toHaveLength(3)
  })

  it('tells a failure with its code, on one line whatever the message holds', () => {
    expect(told(failed('x')).concat(told(accepted('x'), failed('x', 'bad\n\u001b[2Jthing')).at(-1) ?? '')).toEqual([
      'x.mp4  failed     SOURCE_UNREADABLE: the file is damaged',
      'x.mp4  failed     SOURCE_UNREADABLE: bad??[2Jthing',
    ])
  })

  it('says when a master was published before', () => {
    expect(told(published('a', { second: -86_400 }))).toEqual([
      'aaaaaaaaaa  published  /out/a/master.m3u8 (already on 2025-12-31)',
    ])
  })

  it('tells a line a minute of media where the length is not known', () => {
    const open = (seconds: number): AnyEvent => progress('a', '720p', seconds, { durationSeconds: null })
    expect(told(planned('a', null, ['720p']), open(30), open(59), open(61), open(70), open(190)).slice(1)).toEqual([
      'aaaaaaaaaa  encoding   1:00 done  2.0x',
      'aaaaaaaaaa  encoding   3:00 done  2.0x',
    ])
  })

  it('tells a new run of an asset from its beginning', () => {
    expect(told(accepted('a'), failed('a'), accepted('a', '/masters/a.mp4', 2)).at(-1)).toBe('a.mp4  accepted')
  })
})
