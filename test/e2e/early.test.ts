/** What a viewer who does not wait sees: the film from its first piece on, while the command encodes the rest. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { playToEnd } from '../support/browser'
import { eventsOf, runCommand, startProduct } from '../support/product'
import { runProgram } from '../support/run-program'

const SECONDS = 28
/** From the moment that the first piece of all rungs, and the sound beside it, are stored. */
const PLAYABLE_WITHIN_MS = 2_000
const LADDER = `name: early
rungs:
  - { id: 240p, shortSidePx: 240, maxBitrateBps: 500_000, preset: medium }
  - { id: 360p, shortSidePx: 360, maxBitrateBps: 900_000, preset: medium }
packaging: { early: true }
`

let folder: string
let master: string
let ladder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-early-'))
  master = join(folder, 'film.mp4')
  ladder = join(folder, 'early.yaml')
  writeFileSync(ladder, LADDER)
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=640x360:r=25:d=${SECONDS}`]
  const sound = ['-f', 'lavfi', '-i', `sine=440:d=${SECONDS}`]
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  await runProgram('ffmpeg', ['-v', 'error', ...picture, ...sound, ...coded, master])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is playable after its first piece, and hls.js that begins then plays to the end over the change', async () => {
  const product = startProduct([master, '--ladder', ladder, '--out', join(folder, 'out')])
  const { data, at, assetId } = await product.first('asset.playable')
  expect(eventsOf(product.events, 'asset.published')).toEqual([])
  const done = join(folder, 'out', '.gantry', 'assets', assetId, 'runs', '1', 'done')
  const parts = readdirSync(done)
  expect(parts).toEqual(expect.arrayContaining(['video-0000.json']))
  expect(parts).not.toContain('video-0002.json')

  const playing = playToEnd(data.early)
  expect(await product.ended).toBe(0)
  const playback = await playing
  expect(playback.errors).toEqual([])
  expect(playback.ended).toBe(true)
  expect(playback.levelCount).toBe(2)
  expect(playback.currentTimeSeconds).toBeGreaterThan(SECONDS - 0.2)
  // From the beginning, not from the end of what there was.
  expect(playback.decodedFrames).toBeGreaterThan(SECONDS * 25 * 0.9)

  const storedAt = (part: string): number =>
    Date.parse((JSON.parse(readFileSync(join(done, part), 'utf8')) as { at: string }).at)
  const beganAt = Math.max(storedAt('video-0000.json'), storedAt('audio.json'))
  expect(Date.parse(at) - beganAt).toBeLessThan(PLAYABLE_WITHIN_MS)

  const [published] = eventsOf(product.events, 'asset.published')
  const types = product.events.map(({ type }) => type).filter((type) => type.startsWith('asset.'))
  expect(types).toEqual(['asset.accepted', 'asset.planned', 'asset.playable', 'asset.published'])
  const home = dirname(published?.data.master ?? '')
  expect(dirname(data.early)).toBe(home)
  expect(readFileSync(join(home, 'master.m3u8'), 'utf8')).not.toContain('early.m3u8')
  for (const path of ['r1/video/240p', 'r1/video/360p', 'r1/audio/audio']) {
    const [whole = '', early = ''] = ['playlist.m3u8', 'early.m3u8'].map((name) =>
      readFileSync(join(home, path, name), 'utf8'),
    )
    expect(early.endsWith('#EXT-X-ENDLIST\n')).toBe(true)
    const named = (text: string): string[] => text.split('\n').filter((line) => !/^(#EXT-X-|#EXTM3U|$)/.test(line))
    expect(named(early)).toEqual(named(whole))
  }
  expect((await runCommand(['verify', home])).code).toBe(0)
  // Its bandwidths are caps, so it is not without a warning.
  const beside = await runCommand(['verify', data.early])
  expect(beside.code === 0 || beside.code === 3).toBe(true)
})
