import type { Container } from '../../core/contract/source'
import { DEFAULT_INPUT, inputArgs, probeArgs } from '../../media/containers'
import { DECODERS, isAllowedCodec } from '../../media/decoders'

const CONTAINERS: Container[] = [
  'mp4',
  'matroska',
  'mpegts',
  'mpegps',
  'avi',
  'mxf',
  'flv',
  'asf',
  'ogg',
  'wav',
  'mp3',
  'flac',
  'adts',
]

/** The value behind an option. */
const valueOf = (words: readonly string[], option: string): string | undefined => words[words.indexOf(option) + 1]

describe('inputArgs', () => {
  it.each(CONTAINERS)('forces one demuxer for %s and allows no other', (container) => {
    const words = inputArgs(container)
    expect(valueOf(words, '-f')).toMatch(/^[a-z0-9]+$/)
    expect(valueOf(words, '-format_whitelist')).toBe(valueOf(words, '-f'))
    expect(words.length % 2).toBe(0)
    expect(words).not.toContain('-i')
  })

  it('allows either the gateway or files', () => {
    expect(valueOf(inputArgs('mp4'), '-protocol_whitelist')).toBe('http,tcp')
    expect(valueOf(inputArgs('mp4', { ...DEFAULT_INPUT, protocol: 'file' }), '-protocol_whitelist')).toBe('file')
  })

  it('keeps MP4 from naming other files, and gives its options to nothing else', () => {
    expect(inputArgs('mp4').slice(-4)).toEqual(['-enable_drefs', '0', '-use_absolute_path', '0'])
    expect(inputArgs('matroska')).not.toContain('-enable_drefs')
  })

  it('lets ffprobe alone open covers, without the list that holds for reading packets', () => {
    expect(valueOf(probeArgs('mp3'), '-codec_whitelist')).toBe(DECODERS.join(','))
    expect(valueOf(probeArgs('mp3'), '-codec_whitelist:v')?.split(',')).toContain('gif')
    expect(inputArgs('mp3').join(' ')).not.toContain('gif')
  })
})

describe('the list of decoders', () => {
  it('has no name twice and none that could be two words', () => {
    expect(new Set(DECODERS).size).toBe(DECODERS.length)
    expect(DECODERS.filter((name) => !/^[a-z0-9_-]+$/.test(name))).toEqual([])
  })

  it.each(['magicyuv', 'utvideo', 'lagarith', 'gif', 'jpeg2000', 'cfhd', 'aac_fixed', 'xbin', 'ansi'])(
    'leaves %s out',
    (name) => {
      expect(DECODERS).not.toContain(name)
      expect(isAllowedCodec('video', name)).toBe(false)
    },
  )

  it('asks for the codec in the kind of the track', () => {
    expect(isAllowedCodec('video', 'h264')).toBe(true)
    expect(isAllowedCodec('audio', 'h264')).toBe(false)
    expect(isAllowedCodec('audio', 'mp3')).toBe(true)
    expect(isAllowedCodec('video', '__proto__')).toBe(false)
  })
})
