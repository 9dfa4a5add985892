import { Readable } from 'node:stream'
import { CEILING, gainFor, loudnessWarnings } from '../../worker/gain'
import { readMeter } from '../../worker/loudness'

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

describe('what is told of loudness', () => {
  const told = { targetLufs: -16, beforeLufs: -30, afterLufs: -16.4, gainDb: 14 }
  it.each([
    ['nothing where none was asked for', null, []],
    ['nothing where it was reached', told, []],
    ['nothing within 1 LU', { ...told, afterLufs: -17 }, []],
    [
      'that what has no loudness is left as it is',
      { ...told, beforeLufs: null, afterLufs: null, gainDb: 0 },
      ['the sound a is silent or under 0.4 s long, so it has no loudness and is left as it is'],
    ],
    [
      'that hiss is not made a noise',
      { ...told, beforeLufs: -60, afterLufs: -30, gainDb: 30 },
      ['the sound a is at -30.0 LUFS, not at -16: it is raised by 30 dB at most'],
    ],
    [
      'that peaks are in the way',
      { ...told, afterLufs: -17.1 },
      ['the sound a is at -17.1 LUFS, not at -16: its peaks leave no room for more'],
    ],
  ])('is %s', (_, loudness, expected) => expect(loudnessWarnings('a', loudness)).toEqual(expected))
})
