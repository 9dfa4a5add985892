import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GantryError } from '../../core/contract/errors'
import { afterHead, openHostile, picture, silence, type Hostile } from '../support/hostile'
import { mastersFolder } from '../support/masters'
import { openProbing } from '../support/probing'

let hostile: Hostile
beforeAll(async () => {
  hostile = await openHostile()
})
afterAll(() => hostile.close())

describe('probe: damaged and locked files', () => {
  const master = (file: string): Promise<Buffer> => readFile(join(mastersFolder(), file))

  it('tells a cut-off upload whose index is at the end', async () => {
    const whole = await master('rooftops-360p30-17s.mp4')
    const cut = whole.subarray(0, whole.length - 20_000)
    await expect(hostile.probe(await hostile.put('cut-end.mp4', cut))).rejects.toMatchObject({
      code: 'SOURCE_TRUNCATED',
      message: expect.stringContaining('cut off'),
    })
  })

  it('accepts a cut-off upload whose index is whole, with a note', async () => {
    const whole = await master('butterfly-720p30-aac.mp4')
    const facts = await hostile.probe(await hostile.put('cut-media.mp4', whole.subarray(0, 1_000_000)))
    expect(facts.notes).toEqual([expect.stringContaining(`${whole.length - 1_000_000} bytes past the end`)])
    expect(facts.video?.codec).toBe('h264')
  })

  it('refuses every AVI that is cut in its header', async () => {
    const whole = await master('tree-cinepak-15fps-30s-no-audio.avi')
    expect(await hostile.code(await hostile.put('cut.avi', whole.subarray(0, 200)))).toBe('SOURCE_UNREADABLE')
  })

  it('takes a valid MP4 with a playlist behind it for the MP4 it is', async () => {
    const whole = await master('bikes-640x272-10s-no-audio.mp4')
    const facts = await hostile.probe(
      await hostile.put(
        'polyglot.mp4',
        Buffer.concat([whole, Buffer.from('#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:1/0.ts\n')]),
      ),
    )
    expect(facts).toMatchObject({ container: 'mp4', video: { codedWidthPx: 640 } })
  })

  it('refuses an encrypted MP4', async () => {
    const key = [
      '-encryption_key',
      '76a6c65c5ea762046bd749a2e632ccbb',
      '-encryption_kid',
      'a7e61c373e219033c21091fa607bf3b8',
    ]
    const words = [...picture('64x64'), '-c:v', 'libx264', '-encryption_scheme', 'cenc-aes-ctr', ...key]
    expect(await hostile.code(await hostile.make('locked.mp4', words))).toBe('SOURCE_ENCRYPTED')
  })

  it('refuses Windows Media with DRM', async () => {
    await hostile.make('free.wmv', [...picture('64x64'), '-c:v', 'wmv2'])
    const free = await readFile(join(hostile.folder, 'free.wmv'))
    expect(await hostile.code('free.wmv')).toBe('accepted')
    // The content encryption object of ASF (specification 3.14) with four empty fields, first in the header.
    const guid = Buffer.from('fbb3112223bdd211b4b700a0c955fc6e', 'hex')
    const object = Buffer.concat([guid, Buffer.from([40, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(16)])
    const locked = Buffer.concat([free.subarray(0, 30), object, free.subarray(30)])
    locked.writeBigUInt64LE(free.readBigUInt64LE(16) + BigInt(object.length), 16)
    locked.writeUInt32LE(free.readUInt32LE(24) + 1, 24)
    expect(await hostile.code(await hostile.put('locked.wmv', locked))).toBe('SOURCE_ENCRYPTED')
  })

  it('does not believe a length of all ones', async () => {
    const whole = Buffer.from(await master('butterfly-720p30-aac.mp4'))
    whole.writeUInt32BE(0xffffffff, whole.indexOf('mvhd') + 20)
    const facts = await hostile.probe(await hostile.put('ones.mp4', whole))
    expect(facts.durationSeconds).toBeNull()
    expect(facts.notes).toEqual([expect.stringContaining('not believed')])
    expect(facts.video?.durationSeconds).toBeCloseTo(7.54, 1)
  })

  it('reads a sound file with a cover that no master may have as picture', async () => {
    await hostile.make('tone.mp3', ['-f', 'lavfi', '-i', 'sine=d=2', '-c:a', 'libmp3lame'])
    await hostile.make('cover.gif', [...picture('600x600'), '-frames:v', '1'])
    const words = [
      '-i',
      'tone.mp3',
      '-i',
      'cover.gif',
      '-map',
      '0:a',
      '-map',
      '1:v',
      '-c',
      'copy',
      '-id3v2_version',
      '3',
    ]
    const facts = await hostile.probe(await hostile.make('covered.mp3', words))
    expect(facts).toMatchObject({ container: 'mp3', video: null, audio: { codec: 'mp3', channels: 1 } })
    expect(facts.dropped).toEqual([
      { streamIndex: 1, kind: 'video', codec: 'gif', reason: 'a cover or preview picture' },
    ])
  })
})

describe('probe: the store', () => {
  it('passes on the store errors instead of what ffprobe makes of them', async () => {
    const replaced = await openProbing(mastersFolder(), afterHead(changed))
    try {
      await expect(replaced.probe('tree-cinepak-15fps-30s-no-audio.avi')).rejects.toMatchObject({
        code: 'SOURCE_CHANGED',
      })
    } finally {
      await replaced.close()
    }
  })

  it('ends at once when asked to', async () => {
    const stuck = await openProbing(mastersFolder(), afterHead(silence))
    const controller = new AbortController()
    const asked = new GantryError('QUEUE_SHUTDOWN', 'asked to stop')
    const probe = stuck.probe('tree-cinepak-15fps-30s-no-audio.avi', {}, controller.signal)
    setImmediate(() => controller.abort(asked))
    await expect(probe).rejects.toBe(asked)
    await stuck.close()
  })
})

function changed(): Promise<never> {
  return Promise.reject(new GantryError('SOURCE_CHANGED', 'another etag'))
}
