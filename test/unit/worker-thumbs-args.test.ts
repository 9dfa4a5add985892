import { ffmpegWords } from '../../worker/ffmpeg/command'
import {
  PICTURE_FILE,
  pictureFile,
  picturesCommand,
  singlePictureCommand,
  spritesCommand,
} from '../../worker/thumbs/args'

const input = { url: 'concat.mp4', options: ['-f', 'mov'] }
const tile = { widthPx: 160, heightPx: 90, range: 'sdr' as const }
const source = ['-skip_frame', 'nokey', '-f', 'mov', '-i', 'concat.mp4']
// It writes into a folder of its own, so there is nothing to overwrite; fluent-ffmpeg says `-y` for every file.
const scaled = 'scale=160:90:flags=bicubic:out_range=pc:out_color_matrix=bt601,setsar=1,format=yuvj420p'
const encoded = ['-map', '[out]', '-fps_mode', 'vfr', '-c:v', 'mjpeg', '-q:v', '4']
const files = ['-f', 'image2', '-start_number', '0', 'picture-%05d.jpg']

describe('commands for pictures, word for word:', () => {
  it('one file for every fifth keyframe', () => {
    expect(ffmpegWords(picturesCommand(input, 5, tile))).toEqual([
      ...[...source, '-y', '-filter_complex', `[0:v:0]select=key,select='not(mod(n,5))',${scaled}[out]`],
      ...[...encoded, ...files],
    ])
  })

  it('the keyframe with one number', () => {
    expect(ffmpegWords(singlePictureCommand(input, 7, tile))).toEqual([
      ...[...source, '-y', '-filter_complex', `[0:v:0]select=key,select='eq(n,7)',${scaled}[out]`],
      ...[...encoded, '-frames:v', '1', ...files],
    ])
  })

  it('sheets of tiles', () => {
    expect(ffmpegWords(spritesCommand(input, 1, { columns: 10, rows: 4, tile }, 'sdr'))).toEqual([
      ...[...source, '-y', '-filter_complex', `[0:v:0]select=key,select='not(mod(n,1))',${scaled},tile=10x4[out]`],
      ...[...encoded, ...files],
    ])
  })
})

describe('names of picture files', () => {
  it.each([
    [0, 'picture-00000.jpg'],
    [7, 'picture-00007.jpg'],
    [99_999, 'picture-99999.jpg'],
    [100_000, 'picture-100000.jpg'],
  ])('are those that ffmpeg gives to number %i', (number, name) => {
    expect(PICTURE_FILE).toBe('picture-%05d.jpg')
    expect(pictureFile(number)).toBe(name)
  })
})
