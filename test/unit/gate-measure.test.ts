/** What is measured of segments whose tables do not say it plainly. */
import { lookAtInit, measureSegment } from '../../media/gate/measure'
import type { TrackMeasure } from '../../media/gate/description'
import * as mp4 from '../support/mp4-builder'

function measured(init: Uint8Array, decodeTicks: number, rows: readonly mp4.SampleRow[]): TrackMeasure {
  const tables = mp4.box('moof', mp4.traf(mp4.tfhd(), mp4.tfdt(decodeTicks), mp4.trun(rows, { version: 1 })))
  const look = measureSegment({ tables, mediaBytes: 1_000_000 }, lookAtInit(init).tracks)
  if (!('tracks' in look) || look.tracks[0] === undefined) throw new Error(JSON.stringify(look))
  return look.tracks[0]
}

describe('sound with priming', () => {
  const entry = mp4.audioEntry('mp4a', 2, 48_000, mp4.esds(0x40, mp4.u8(0x11, 0x90)))
  const sound = { handler: 'soun', entries: [entry], timescaleHz: 48_000 }
  const frames = Array.from({ length: 95 }, () => ({ duration: 1_024, size: 10, flags: mp4.SYNC }))

  it('begins at the edit: what is decoded before it is not heard', () => {
    const init = mp4.initSegment({ ...sound, edits: mp4.editList(0, [0, 1_024]) })
    const first = measured(init, 0, frames)
    expect([first.startSeconds, first.endSeconds]).toEqual([0, (94 * 1_024) / 48_000])
    expect(first.samples).toBe(95)
    expect(measured(init, 95 * 1_024, frames).startSeconds).toBe((94 * 1_024) / 48_000)
  })

  it('begins where it begins without an edit', () => {
    expect(measured(mp4.initSegment(sound), 0, frames)).toMatchObject({
      startSeconds: 0,
      endSeconds: (95 * 1_024) / 48_000,
    })
  })
})

describe('pictures', () => {
  const init = mp4.initSegment({ timescaleHz: 1_000 })
  const row = (duration: number, composition: number): mp4.SampleRow => ({
    duration,
    composition,
    size: 10,
    flags: mp4.SYNC,
  })

  it('that come unevenly and in another order last as long as the shortest, at their end', () => {
    // Shown at 0, 40, 800 and 1960 ms; decoded in the order 0, 1960, 40, 800.
    const rows = [row(40, 80), row(40, 2_000), row(760, 40), row(760, 40)]
    expect(measured(init, 0, rows)).toMatchObject({ startSeconds: 0.08, endSeconds: 2.08 })
  })

  it('that come in their order last as long as they say', () => {
    expect(measured(init, 0, [row(40, 0), row(760, 0), row(300, 0)])).toMatchObject({
      startSeconds: 0,
      endSeconds: 1.1,
    })
  })
})
