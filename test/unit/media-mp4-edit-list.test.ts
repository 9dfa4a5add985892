import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { boxAtPath, boxesAt } from '../../media/mp4/boxes'
import { shiftDecodeTimes, withEdit } from '../../media/mp4/edit-list'
import { measureFragment } from '../../media/mp4/fragment'
import { readInit } from '../../media/mp4/init'
import { createSplitter } from '../../media/mp4/splitter'

function parts(name: string): { init: Uint8Array; fragments: Uint8Array[] } {
  const splitter = createSplitter({ maxPartBytes: 2 ** 24 })
  const [init, ...fragments] = splitter.push(readFileSync(join(__dirname, '../fixtures/mp4', name)))
  if (init === undefined) throw new Error(`${name} has no init segment`)
  return { init: init.bytes, fragments: fragments.map(({ bytes }) => bytes) }
}

describe.each(['h264-edit-list.mp4', 'h264-bframes.mp4'])('withEdit on %s', (name) => {
  const { init } = parts(name)

  it.each([0, 1, 6_006, 2 ** 31 - 1])(
    'gives an init segment whose edit takes %i ticks off, and nothing else new',
    (ticks) => {
      const made = withEdit(init, ticks)
      const before = readInit(init)
      expect(readInit(made)).toEqual({ ...before, editTicks: ticks })
      expect(boxesAt(made, ['moov', 'trak', 'edts'])).toHaveLength(ticks === 0 ? 0 : 1)
      expect(boxAtPath(made, ['moov']).end).toBe(made.byteLength)
    },
  )

  it('gives the same bytes whatever edit there was', () => {
    expect(withEdit(withEdit(init, 5), 3_003)).toEqual(withEdit(init, 3_003))
    expect(withEdit(withEdit(init, 0), 3_003)).toEqual(withEdit(init, 3_003))
  })
})

describe('shiftDecodeTimes', () => {
  it.each([-500, 0, 90_000])('moves all samples by %i ticks and changes nothing else', (ticks) => {
    const { init, fragments } = parts('h264-bframes.mp4')
    const { defaults } = readInit(init)
    const [fragment] = fragments
    if (fragment === undefined) throw new Error('no fragment')
    const before = measureFragment(fragment, defaults)
    const length = fragment.byteLength
    shiftDecodeTimes(fragment, ticks)
    const after = measureFragment(fragment, defaults)
    expect(after.decodeStartTicks).toBe(before.decodeStartTicks + ticks)
    expect(after.endTicks).toBe(before.endTicks + ticks)
    expect([after.samples, fragment.byteLength]).toEqual([before.samples, length])
  })
})
