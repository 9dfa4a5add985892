import { DEMO_SECONDS, demoArgs } from '../../cli/demo'
import { hasMediaName, isHiddenName, isPartialName } from '../../cli/input/media-names'

describe('demoArgs', () => {
  const args = demoArgs('/tmp/-odd name.mp4')

  it('reads nothing from outside: no input file, no network, no font', () => {
    expect(args).not.toContain('-i')
    expect(args.join(' ')).not.toMatch(/https?:|drawtext|movie=/)
  })

  it('puts the output last, where its name cannot be read as an option', () => {
    expect(args.at(-1)).toBe('file:/tmp/-odd name.mp4')
  })

  it('ends after its length, whatever the sources would still give', () => {
    expect(args[args.indexOf('-t') + 1]).toBe(String(DEMO_SECONDS))
  })
})

describe('names', () => {
  it.each(['a.mp4', 'A.MOV', 'x.y.mkv', 'a.m2ts', 'b.wav'])('%s is of media', (name) => {
    expect(hasMediaName(name)).toBe(true)
  })
  it.each(['a.txt', 'mp4', '.mp4', 'a.m4s', 'master.m3u8', 'a.mp4.part', 'a.jpg', 'a.mp4~'])('%s is not', (name) => {
    expect(hasMediaName(name)).toBe(false)
  })
  it.each(['a.mp4.part', 'b.CRDOWNLOAD', 'c.tmp', 'd.mp4~'])('%s is partial', (name) => {
    expect(isPartialName(name)).toBe(true)
  })
  it('._a.mov, the shadow file of macOS, is hidden', () => {
    expect(isHiddenName('._a.mov')).toBe(true)
  })
})
