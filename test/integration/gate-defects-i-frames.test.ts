/** Each defect planted into the I-frame playlists of a right asset is found, and the right asset has none. */
import { readFileSync } from 'node:fs'
import { I_FRAME_LADDER, I_FRAME_PLANTS } from '../support/gate-plants-i-frames'
import { publishClip, type ClipCopy, type PublishedClip } from '../support/reading/published-clip'
import { seededRandom } from '../support/seeded-random'
import { rulesOf, verified } from '../support/verifying'

const SEED = Number(process.env['GANTRY_TEST_SEED'] ?? 1)

let clip: PublishedClip
beforeAll(async () => {
  const picture = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-pix_fmt', 'yuv420p']
  clip = await publishClip(10, [...picture, '-c:a', 'aac'], I_FRAME_LADDER)
})
afterAll(() => clip.close())

describe('gantry verify, of I-frame playlists', () => {
  let asset: ClipCopy
  beforeEach(() => {
    asset = clip.copy()
  })
  afterEach(() => asset.remove())

  it('finds nothing in those of Gantry, by tables and by a decoder', async () => {
    expect(readFileSync(asset.copy.at('master.m3u8'), 'utf8').match(/#EXT-X-I-FRAME-STREAM-INF/g)).toHaveLength(2)
    expect(await verified(asset.home)).toEqual({ code: 0, findings: [] })
    expect(await verified(asset.home, { deep: true })).toEqual({ code: 0, findings: [] })
    expect(await verified(asset.copy.at('r1/video/240p/iframes.m3u8'))).toEqual({ code: 0, findings: [] })
  })

  it.each(I_FRAME_PLANTS)('finds $defect by $rule', async ({ rule, plant }) => {
    plant(asset.copy, seededRandom(SEED))
    expect(rulesOf((await verified(asset.home)).findings)).toContain(rule)
  })

  it('has more than twenty of them, each of which is another one', () => {
    expect(new Set(I_FRAME_PLANTS.map(({ defect }) => defect)).size).toBe(I_FRAME_PLANTS.length)
    expect(I_FRAME_PLANTS.length).toBeGreaterThan(20)
  })
})
