/** What viewers do: hls.js in Chromium plays published assets to their end and changes rungs without an error. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playToEnd } from '../support/browser'
import { mastersFolder } from '../support/masters'
import { eventsOf, runProduct } from '../support/product'

const FILES = {
  switched: 'gopro-max-480p30-10s-data-tracks.mp4',
  portrait: 'iphone-portrait-rotated90-audio-first.mov',
  longSound: 'nasa-13s-multi-video-multi-audio-movtext.mp4',
  soundOnly: 'audio-only-aac-stereo-plus-ac3-51.mp4',
  sparse: 'tree-cinepak-15fps-30s-no-audio.avi',
} as const

let out: string
const published = new Map<string, string>()
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  const { events } = await runProduct(...Object.values(FILES).map((file) => join(mastersFolder(), file)), '--out', out)
  for (const event of eventsOf(events, 'asset.published')) {
    const accepted = eventsOf(events, 'asset.accepted').find((one) => one.assetId === event.assetId)
    published.set(accepted?.data.source.key.split('/').at(-1) ?? '', event.data.master)
  }
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

describe('hls.js in Chromium', () => {
  it('plays to the end and switches through all rungs without an error', async () => {
    const playback = await playToEnd(published.get(FILES.switched) ?? '', { switchRungs: true })
    expect(playback.errors).toEqual([])
    expect(playback.ended).toBe(true)
    expect(playback.levelCount).toBe(3)
    expect([...new Set(playback.levels)].sort()).toEqual([0, 1, 2])
    expect(playback.currentTimeSeconds).toBeGreaterThan(10.4)
  })

  it.each([FILES.portrait, FILES.longSound, FILES.soundOnly, FILES.sparse])('plays %s to the end', async (file) => {
    const playback = await playToEnd(published.get(file) ?? '')
    expect(playback.errors).toEqual([])
    expect(playback.ended).toBe(true)
    expect(playback.currentTimeSeconds).toBeGreaterThan(playback.durationSeconds - 0.2)
  })
})
