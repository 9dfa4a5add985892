import { afterHead, openHostile, picture, silence, type Hostile } from '../support/hostile'
import { mastersFolder } from '../support/masters'
import { openProbing } from '../support/probing'

let hostile: Hostile
beforeAll(async () => {
  hostile = await openHostile()
})
afterAll(() => hostile.close())

describe('probe: files over a limit', () => {
  it.each([
    ['mjpeg', 'yuvj420p'],
    ['png', 'rgb24'],
  ])('refuses a picture of 16000x16000 in %s', async (codec, pixels) => {
    const name = await hostile.make(`big-${codec}.mov`, [
      ...picture('16000x16000'),
      '-frames:v',
      '1',
      '-c:v',
      codec,
      '-pix_fmt',
      pixels,
    ])
    await expect(hostile.probe(name)).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      message: expect.stringContaining('35389440'),
    })
  })

  it('refuses a picture over the limit in a transport stream, where ffprobe fails', async () => {
    const name = await hostile.make('big.ts', [...picture('640x480'), '-c:v', 'mpeg2video'])
    expect(await hostile.code(name, { maxPixels: 640 * 480 })).toBe('accepted')
    expect(await hostile.code(name, { maxPixels: 640 * 480 - 1 })).toBe('SOURCE_TOO_LARGE')
  })

  it.each(['mov', 'mkv'])('refuses 70 tracks in %s', async (extension) => {
    const maps = Array.from({ length: 70 }, () => ['-map', '0:a']).flat()
    const source = ['-f', 'lavfi', '-i', 'sine=d=0.1:r=8000', ...maps, '-c:a', 'pcm_s16le']
    await expect(hostile.probe(await hostile.make(`many.${extension}`, source))).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      message: expect.stringContaining('64'),
    })
  })

  it('refuses a line', async () => {
    const name = await hostile.make('line.mov', [
      ...picture('4096x32'),
      '-frames:v',
      '1',
      '-c:v',
      'mjpeg',
      '-pix_fmt',
      'yuvj420p',
    ])
    expect(await hostile.code(name)).toBe('SOURCE_TOO_LARGE')
  })

  it('refuses a codec that is not on the list, in any container', async () => {
    for (const name of ['magic.mov', 'magic.mkv', 'magic.avi']) {
      await hostile.make(name, [...picture('320x240'), '-c:v', 'magicyuv'])
      await expect(hostile.probe(name)).rejects.toMatchObject({
        code: 'SOURCE_CODEC_UNSUPPORTED',
        message: expect.stringContaining('magicyuv'),
      })
    }
  })

  it('refuses a master over the length allowed', async () => {
    const gaps = ['-vf', 'setpts=N*100000/TB', '-fps_mode', 'passthrough', '-c:v', 'ffv1']
    const name = await hostile.make('gaps.mkv', [...picture('64x64'), ...gaps])
    expect(await hostile.code(name)).toBe('SOURCE_TOO_LONG')
  })

  it('gives up on ffprobe after the time allowed', async () => {
    const stuck = await openProbing(mastersFolder(), afterHead(silence))
    try {
      await expect(stuck.probe('tree-cinepak-15fps-30s-no-audio.avi', { wallSeconds: 0.5 })).rejects.toMatchObject({
        code: 'FFMPEG_STALLED',
      })
    } finally {
      await stuck.close()
    }
  })
})
