import { facts, picture, video, type Fields } from '../support/probed-streams'

const colourOf = (fields: Fields): string => {
  const { primaries = '', curve = '', matrix = '' } = picture(fields)?.colour ?? {}
  return `${primaries} ${curve} ${matrix}`
}

describe('colours of a master', () => {
  it.each<[string, Fields, string]>([
    ['HD that does not say', {}, 'bt709 bt709 bt709'],
    ['SD of 480 lines that does not say', { width: 640, height: 480 }, 'smpte170m smpte170m smpte170m'],
    ['SD of 576 lines that does not say', { width: 720, height: 576 }, 'bt470bg smpte170m bt470bg'],
    ['SD that says BT.709', { width: 640, height: 480, color_space: 'bt709' }, 'bt709 bt709 bt709'],
    ['SD that only says its primaries', { width: 640, height: 480, color_primaries: 'bt709' }, 'bt709 bt709 bt709'],
    ['a phone of wide colours', { color_space: 'bt709', color_primaries: 'smpte432' }, 'smpte432 bt709 bt709'],
    ['RGB of any size', { width: 64, height: 48, pix_fmt: 'gbrp', color_space: 'gbr' }, 'bt709 bt709 bt709'],
    ['RGB as tag alone', { width: 64, height: 48, color_space: 'gbr' }, 'smpte170m smpte170m smpte170m'],
    ['BT.2020 in standard range', { color_space: 'bt2020nc' }, 'bt2020 bt2020-10 bt2020nc'],
    ['PQ, which is mapped', { color_transfer: 'smpte2084', color_space: 'bt2020nc' }, 'bt709 bt709 bt709'],
    ['a word that is none', { color_space: 'bt709,crop=1' }, 'bt709 bt709 bt709'],
  ])('%s', (_, fields, expected) => {
    expect(colourOf(fields)).toBe(expected)
  })

  it('of a kind that is not known are noted', () => {
    expect(facts([video({ color_space: 'ycgco' })]).notes).toEqual([expect.stringContaining("'ycgco'")])
    expect(facts([video({ color_space: 'bt709' })]).notes).toEqual([])
  })
})
