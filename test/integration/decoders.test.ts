import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COVER_DECODERS, DECODERS } from '../../media/decoders'
import { inputArgs, DEFAULT_INPUT } from '../../media/containers'
import { withExternalMedia } from '../support/external-media'
import { ffmpegIn, launcher, makeFolder, outcome } from '../support/launching'

let folder: string
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => rm(folder, { recursive: true }))

const run = (argv: readonly string[]): ReturnType<typeof outcome> => outcome(launcher.launch(ffmpegIn(folder)(argv)))

it('names only decoders that ffmpeg has; libraries depend on the build', async () => {
  const { out } = await run(['-v', 'error', '-decoders'])
  const known = new Set([...out.matchAll(/^ [VAS][.\w]{5} (\S+)/gm)].map(([, name]) => name))
  expect(known.size).toBeGreaterThan(100)
  const unknown = [...DECODERS, ...COVER_DECODERS].filter((name) => !known.has(name) && !name.startsWith('lib'))
  expect(unknown).toEqual([])
})

describe('ffmpeg with the guards', () => {
  const decode = (name: string, words: readonly string[]): ReturnType<typeof run> =>
    run(['-v', 'error', ...words, '-i', `file:${name}`, '-f', 'null', '-'])
  const guards = inputArgs('mp4', { ...DEFAULT_INPUT, protocol: 'file' })

  it('opens no decoder that is not on the list', async () => {
    const made = await run([
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=64x64:d=0.2',
      '-c:v',
      'magicyuv',
      'magic.mov',
    ])
    expect(made.code).toBe(0)
    expect((await decode('magic.mov', [])).code).toBe(0)
    const refused = await decode('magic.mov', guards)
    expect(refused.code).not.toBe(0)
    expect(refused.errors).toContain('Codec (magicyuv) not on whitelist')
  })

  it('opens no other container than the one that is forced', async () => {
    await run(['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:d=0.2', '-c:v', 'mpeg4', 'other.mkv'])
    const list = guards.map((word, index) => (guards[index - 1] === '-f' ? 'matroska' : word))
    const refused = await decode('other.mkv', list)
    expect(refused.code).not.toBe(0)
    expect(refused.errors).toContain("Format not on whitelist 'mov'")
  })

  it('opens no other protocol', async () => {
    const overHttp = await run(['-v', 'error', ...guards, '-i', 'http://127.0.0.1:1/x', '-f', 'null', '-'])
    expect(overHttp.errors).toContain("Protocol 'http' not on whitelist 'file'")
    const overFile = await decode('magic.mov', inputArgs('mp4'))
    expect(overFile.errors).toContain("Protocol 'file' not on whitelist 'http,tcp'")
  })

  it('decodes no picture over the limit', async () => {
    const source = ['-f', 'lavfi', '-i', 'testsrc2=s=640x480:d=0.2', '-c:v', 'mpeg4', 'large.mov']
    expect((await run(['-v', 'error', ...source])).code).toBe(0)
    const limit = (maxPixels: number): string[] => inputArgs('mp4', { ...DEFAULT_INPUT, protocol: 'file', maxPixels })
    expect((await decode('large.mov', limit(640 * 480 * 2))).code).toBe(0)
    const refused = await decode('large.mov', limit(640 * 480 - 1))
    expect(refused.code).not.toBe(0)
    expect(refused.errors).toContain('exceeds specified max pixel count')
  })

  it('reads no other file that a QuickTime file names for its samples', async () => {
    const source = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=64x64:r=5:d=1',
      '-c:v',
      'mjpeg',
      '-pix_fmt',
      'yuvj420p',
      'media.mov',
    ]
    expect((await run(['-v', 'error', ...source])).code).toBe(0)
    const movie = await readFile(join(folder, 'media.mov'))
    await writeFile(join(folder, 'reference.mov'), withExternalMedia(movie, join(folder, 'media.mov')))
    // The samples' places in this file hold nothing, so pictures can only come from the other one.
    const emptied = await readFile(join(folder, 'reference.mov'))
    emptied.fill(0, emptied.indexOf('mdat') + 4, emptied.indexOf('moov') - 4)
    await writeFile(join(folder, 'reference.mov'), emptied)
    const open = ['-f', 'mov', '-enable_drefs', '1', '-use_absolute_path', '1']
    expect(await decode('reference.mov', open)).toMatchObject({ code: 0, errors: '' })
    expect((await decode('reference.mov', guards)).code).not.toBe(0)
  })

  it('opens no more tracks than allowed', async () => {
    const maps = Array.from({ length: 5 }, () => ['-map', '0:a']).flat()
    await run(['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=0.1:r=8000', ...maps, '-c:a', 'pcm_s16le', 'five.mov'])
    const limit = (maxStreams: number): string[] => inputArgs('mp4', { ...DEFAULT_INPUT, protocol: 'file', maxStreams })
    expect((await decode('five.mov', limit(5))).code).toBe(0)
    expect((await decode('five.mov', limit(4))).errors).toContain('Number of streams exceeds max_streams parameter (4)')
  })
})
