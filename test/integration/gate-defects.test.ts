/** The gate is believed when it is silent, so it must not be blind: each defect planted into a right asset is found. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SAID, STORED } from '../support/gate-plants'
import { runFfmpeg, type Copy } from '../support/reading/plant'
import { publishClip, type PublishedClip } from '../support/reading/published-clip'
import { seededRandom } from '../support/seeded-random'
import { rulesOf, verified } from '../support/verifying'

const SEED = Number(process.env['GANTRY_TEST_SEED'] ?? 1)

let clip: PublishedClip
beforeAll(async () => {
  const picture = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-pix_fmt', 'yuv420p']
  clip = await publishClip(10, [...picture, '-c:a', 'aac'])
})
afterAll(() => clip.close())

describe('gantry verify', () => {
  let home: string
  let copy: Copy
  let remove: () => void
  beforeEach(() => {
    ;({ home, copy, remove } = clip.copy())
  })
  afterEach(() => remove())

  it('finds nothing in an asset of Gantry, by its tables and by a decoder', async () => {
    expect(await verified(home)).toEqual({ code: 0, findings: [] })
    expect(await verified(home, { deep: true })).toEqual({ code: 0, findings: [] })
  })

  it.each([...SAID, ...STORED])('finds $defect by $rule', async ({ rule, isDeep, plant }) => {
    plant(copy, seededRandom(SEED))
    const { code, findings } = await verified(home, { deep: isDeep ?? false })
    expect(rulesOf(findings)).toContain(rule)
    expect(code).toBe(findings.some(({ severity }) => severity === 'error') ? 1 : 3)
  })

  it('has more than forty of them, each of which is another one', () => {
    const all = [...SAID, ...STORED].map(({ defect }) => defect)
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThanOrEqual(40)
  })

  it('ends with a finding for hostile playlists, and reads nothing outside the asset', async () => {
    writeFileSync(copy.at('deep.m3u8'), `#EXTM3U\n${'#EXT-X-STREAM-INF:BANDWIDTH=1\ndeep.m3u8\n'.repeat(60_000)}`)
    expect(rulesOf((await verified(copy.at('deep.m3u8'))).findings)).toContain('playlist-kind')
    writeFileSync(copy.at('huge.m3u8'), Buffer.alloc(9 * 2 ** 20, '#'))
    expect(rulesOf((await verified(copy.at('huge.m3u8'))).findings)).toEqual(['playlist-limit'])
    const names = Array.from({ length: 2_000 }, (_, index) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${index}.m3u8\n`)
    writeFileSync(copy.at('wide.m3u8'), `#EXTM3U\n${names.join('')}`)
    expect(rulesOf((await verified(copy.at('wide.m3u8'))).findings)).toContain('playlist-limit')
    writeFileSync(copy.at('zero.m3u8'), Buffer.alloc(1_000))
    expect(rulesOf((await verified(copy.at('zero.m3u8'))).findings)).toEqual(['playlist-header'])
    writeFileSync(copy.at('asset.json'), '{"v":1,"assetId":"a","video":{"x":1},"mp4":[{"key":"../../a","bytes":-1}]}')
    expect((await verified(home)).code).toBe(0)
  })
})

describe("ffmpeg's own HLS", () => {
  const made = async (type: string, ...codecs: string[]): Promise<string> => {
    const hls = mkdtempSync(join(clip.folder, 'ffmpeg-'))
    await runFfmpeg(
      ...['-i', clip.source, ...codecs, '-hls_time', '4', '-hls_playlist_type', 'vod', '-hls_segment_type', type],
      ...['-hls_segment_filename', join(hls, 's%d.bin'), '-master_pl_name', 'master.m3u8', join(hls, 'media.m3u8')],
    )
    return hls
  }

  it.each([
    ['fmp4', false],
    ['fmp4', true],
    ['mpegts', false],
    ['mpegts', true],
  ])('has no error in %s (by a decoder: %s)', async (type, deep) => {
    const { code, findings } = await verified(await made(type, '-c', 'copy'), { deep })
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(code).toBe(3)
  })

  it.each(['fmp4', 'mpegts'])(
    'in %s counts the sound alone in BANDWIDTH where the picture has no set rate',
    async (type) => {
      const hls = await made(type, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-c:a', 'aac')
      const errors = (await verified(hls)).findings.filter(({ severity }) => severity === 'error')
      expect(errors.map(({ rule }) => rule)).toEqual(['bandwidth-low'])
      const [, said] = /BANDWIDTH=(\d+)/.exec(readFileSync(join(hls, 'master.m3u8'), 'utf8')) ?? []
      const bytes = readdirSync(hls).reduce(
        (sum, name) => sum + (name.endsWith('.bin') ? statSync(join(hls, name)).size : 0),
        0,
      )
      expect((bytes * 8) / 10).toBeGreaterThan(2 * Number(said))
    },
  )
})
