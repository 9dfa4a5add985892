import { audio, CONTEXT, codeOf, facts, picture, video } from '../support/probed-streams'

describe('sourceFacts: the picture', () => {
  it.each([
    ['square', { sample_aspect_ratio: '1:1' }, 1_920, 1_080],
    ['anamorphic', { width: 1_440, sample_aspect_ratio: '4:3' }, 1_920, 1_080],
    ['PAL at 16:9', { width: 720, height: 576, sample_aspect_ratio: '64:45' }, 1_024, 576],
    ['without a ratio', { sample_aspect_ratio: '0:1' }, 1_920, 1_080],
    ['with an absurd ratio', { sample_aspect_ratio: '1:1000000' }, 1_920, 1_080],
    ['of one pixel', { width: 1, height: 1 }, 2, 2],
  ])('gives the display size of a picture %s', (_, more, displayWidthPx, displayHeightPx) => {
    expect(picture(more)).toMatchObject({ displayWidthPx, displayHeightPx })
  })

  it.each([
    [-90, 90, 1_080, 1_920],
    [90, 270, 1_080, 1_920],
    [180, 180, 1_920, 1_080],
    [-180, 180, 1_920, 1_080],
    [0, 0, 1_920, 1_080],
    [-270, 270, 1_080, 1_920],
  ])('turns a display matrix of %i into %i clockwise', (rotation, rotationDegrees, displayWidthPx, displayHeightPx) => {
    const turned = picture({ side_data_list: [{ side_data_type: 'Other' }, { rotation }] })
    expect(turned).toMatchObject({ rotationDegrees, displayWidthPx, displayHeightPx })
  })

  it('reads the old rotate tag clockwise, and the matrix before it', () => {
    expect(picture({ tags: { rotate: '90' } })?.rotationDegrees).toBe(90)
    expect(picture({ tags: { rotate: '90' }, side_data_list: [{ rotation: 180 }] })?.rotationDegrees).toBe(180)
  })

  it('notes a turn that is no quarter', () => {
    const found = facts([video({ side_data_list: [{ rotation: -45 }] })])
    expect(found.notes).toEqual([expect.stringContaining('45')])
  })

  it.each([
    ['yuv420p', 8],
    ['yuv420p10le', 10],
    ['p010le', 10],
    ['nv20le', 10],
    ['yuv422p12be', 12],
    ['gbrp14le', 14],
    ['gray16le', 16],
    ['rgb48le', 16],
    ['rgb565le', 8],
    ['rgb24', 8],
    ['pal8', 8],
    [undefined, 8],
  ])('reads the bits of %s as %i', (pix_fmt, bitDepth) => {
    expect(picture({ pix_fmt })?.bitDepth).toBe(bitDepth)
  })

  it.each([
    [{ color_transfer: 'smpte2084' }, { transfer: 'pq' }],
    [{ color_transfer: 'arib-std-b67' }, { transfer: 'hlg' }],
    [{ color_transfer: 'bt709' }, { transfer: 'sdr' }],
    [{ color_range: 'pc' }, { fullRange: true }],
    [{ pix_fmt: 'yuvj420p' }, { fullRange: true }],
    [{ color_range: 'tv' }, { fullRange: false }],
    [{ field_order: 'tb' }, { interlaced: true }],
    [{ field_order: 'bb' }, { interlaced: true }],
    [{ field_order: 'progressive' }, { interlaced: false }],
    [{ field_order: 'unknown' }, { interlaced: false }],
    [{ bit_rate: 'N/A' }, { bitrateBps: null }],
    [{ bit_rate: '2500000' }, { bitrateBps: 2_500_000 }],
  ])('reads %j as %j', (more, expected) => {
    expect(picture(more)).toMatchObject(expected)
  })

  it.each([
    ['more pixels than allowed', { width: 8_193, height: 4_320 }, 'SOURCE_TOO_LARGE'],
    ['a side beyond 16 bits', { width: 32_768, height: 1_000 }, 'SOURCE_TOO_LARGE'],
    ['a line across', { width: 32_766, height: 2 }, 'SOURCE_TOO_LARGE'],
    ['a line down', { width: 2, height: 32_766 }, 'SOURCE_TOO_LARGE'],
    ['a line by its pixel ratio', { width: 2_000, height: 500, sample_aspect_ratio: '15:1' }, 'SOURCE_TOO_LARGE'],
    ['no size', { width: 0, height: 0 }, 'SOURCE_UNREADABLE'],
  ])('refuses %s', (_, more, code) => {
    expect(codeOf([video(more), audio()])).toBe(code)
  })

  it('takes a size of 0x0 for too large a picture when ffprobe said so', () => {
    const context = { ...CONTEXT, isPictureTooLarge: true }
    expect(codeOf([video({ width: 0, height: 0 })], undefined, context)).toBe('SOURCE_TOO_LARGE')
  })
})
