import { Readable } from 'node:stream'
import { CEILING, gainFor, readMeter } from '../../worker/loudness'

describe('the gain', () => {
  it.each([
    ['raises a quiet sound', { integratedLufs: -30, truePeak: 0.05 }, { decibels: 14, ceiling: null }],
    ['lowers a loud one', { integratedLufs: -9, truePeak: 1.2 }, { decibels: -7, ceiling: null }],
    [
      'holds peaks that would pass full scale',
      { integratedLufs: -30, truePeak: 0.5 },
      { decibels: 14, ceiling: CEILING },
    ],
    ['leaves silence alone', { integratedLufs: null, truePeak: 0 }, { decibels: 0, ceiling: null }],
    ['does not make a noise of hiss', { integratedLufs: -65, truePeak: 0.001 }, { decibels: 30, ceiling: null }],
  ])('%s', (_, loudness, expected) => {
    expect(gainFor(loudness, -16)).toEqual(expected)
  })
})

describe('the meter', () => {
  const read = (text: string) => readMeter(Readable.from([text]))

  it('is believed at its last word, and at the highest peak of any channel', async () => {
    const text = ['lavfi.r128.I=-40.5', 'lavfi.r128.true_peaks_ch0=0.9', 'lavfi.r128.M=-3', 'lavfi.r128.I=-23.25']
    const more = ['lavfi.r128.true_peaks_ch0=0.2', 'lavfi.r128.true_peaks_ch1=0.4', '']
    expect(await read([...text, ...more].join('\n'))).toEqual({ integratedLufs: -23.25, truePeak: 0.9 })
  })

  it.each(['', 'lavfi.r128.I=-70.000\n', 'lavfi.r128.I=-inf\n'])('says null of silence (%j)', async (text) => {
    expect((await read(text)).integratedLufs).toBeNull()
  })
})
