/** What viewers do with an MPD: shaka-player and dash.js in Chromium play it as they play the playlists of the same asset. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AssetFacts } from '../../core/contract/intent'
import { playAdaptive, type AdaptivePlayback } from '../support/adaptive-players'
import { playToEnd } from '../support/browser'
import { mastersFolder } from '../support/masters'
import { eventsOf, runCommand } from '../support/product'
import { runFfmpeg } from '../support/reading/plant'

const RUNGS = `rungs:
  - { id: 180p, shortSidePx: 180, maxBitrateBps: 300_000, preset: ultrafast }
  - { id: 360p, shortSidePx: 360, maxBitrateBps: 900_000, preset: ultrafast }
`
const FILES = {
  portrait: 'iphone-portrait-rotated90-audio-first.mov',
  soundOnly: 'audio-only-aac-stereo-plus-ac3-51.mp4',
  sparse: 'tree-cinepak-15fps-30s-no-audio.avi',
} as const
/** shaka-player moves all media by a millisecond where an offset is negative (its media_source_engine.js). */
const SHIFT_SECONDS = 0.002
const FRAME_SECONDS = 1_001 / 30_000

let folder: string
let clip: string
let film: string
const published = new Map<string, string>()

async function publish(words: readonly string[], ladder: string): Promise<string[]> {
  writeFileSync(join(folder, 'ladder.yaml'), ladder)
  const all = [...words, '--ladder', join(folder, 'ladder.yaml'), '--out', join(folder, 'out')]
  const { events, stderr, code } = await runCommand(['run', ...all], { GANTRY_PIECE_SECONDS: '4' })
  if (code !== 0) throw new Error(stderr)
  return eventsOf(events, 'asset.published').map(({ assetId, data }) => {
    const accepted = eventsOf(events, 'asset.accepted').find((one) => one.assetId === assetId)
    published.set(accepted?.data.source.key.split('/').at(-1) ?? '', dirname(data.master))
    return dirname(data.master)
  })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-dash-'))
  clip = join(folder, 'clip.mp4')
  const lavfi = (graph: string): string[] => ['-f', 'lavfi', '-i', graph]
  await runFfmpeg(
    ...[...lavfi('testsrc2=s=640x360:r=30000/1001:d=26'), ...lavfi('sine=440:r=48000:d=26')],
    ...[...lavfi('sine=880:r=48000:d=26'), '-map', '0', '-map', '1', '-map', '2', '-metadata:s:a:0', 'language=eng'],
    ...['-metadata:s:a:1', 'language=ger', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60'],
    ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', clip],
  )
  const captions = join(folder, 'captions.srt')
  writeFileSync(
    captions,
    '1\n00:00:01,000 --> 00:00:04,000\nfirst words\n\n2\n00:00:20,500 --> 00:00:23,500\nlast words\n',
  )
  const ladder = `name: dashed\n${RUNGS}packaging: { dash: true }\n`
  film = (await publish([clip, '--captions', `en=${captions}`], ladder))[0] ?? ''
  await publish(
    Object.values(FILES).map((file) => join(mastersFolder(), file)),
    ladder,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const factsOf = (home: string): AssetFacts => JSON.parse(readFileSync(join(home, 'asset.json'), 'utf8')) as AssetFacts

function expectPlayed(playback: AdaptivePlayback, home: string): void {
  const { durationSeconds } = factsOf(home)
  expect(playback.errors).toEqual([])
  expect(playback.ended).toBe(true)
  expect(playback.startSeconds).toBe(0)
  expect(Math.abs(playback.durationSeconds - durationSeconds)).toBeLessThan(FRAME_SECONDS)
  expect(playback.endSeconds).toBeGreaterThan(durationSeconds - 0.2)
  expect(playback.largestHoleSeconds).toBe(0)
  for (const gap of playback.jumps) expect(gap).toBeLessThan(SHIFT_SECONDS)
}

describe('a film of seven pieces, two sounds and captions', () => {
  it.each(['manifest.mpd', 'master.m3u8'])('is played by shaka-player from %s, through all rungs', async (file) => {
    const playback = await playAdaptive('shaka', join(film, file), { switchRungs: true, rate: 2, texts: 'en' })
    expectPlayed(playback, film)
    expect(playback.offered).toEqual([180, 360])
    expect(playback.heights.length).toBeGreaterThan(4)
    expect(playback.sounds.map(({ language, label, channels }) => [language, label, channels])).toEqual([
      ['en', 'English', 1],
      ['de', 'German', 1],
    ])
    expect(playback.texts).toEqual([
      { language: 'en', label: 'English', kind: 'subtitle', roles: ['subtitle'], isForced: false },
    ])
    expect(playback.cues.map(({ startSeconds, text }) => [startSeconds, text])).toEqual([
      [1, 'first words'],
      [20.5, 'last words'],
    ])
    for (const { atSeconds, startSeconds } of playback.cues) {
      expect(atSeconds).toBeGreaterThanOrEqual(startSeconds - SHIFT_SECONDS)
      expect(atSeconds).toBeLessThan(startSeconds + 3)
    }
  })

  it('tells shaka-player which sound is the main one', async () => {
    const { sounds } = await playAdaptive('shaka', join(film, 'manifest.mpd'), { rate: 8 })
    expect(sounds.map(({ roles }) => roles)).toEqual([['main'], ['alternate']])
  })

  it('is played by dash.js, with its captions', async () => {
    const playback = await playAdaptive('dashjs', join(film, 'manifest.mpd'), { texts: 'en', rate: 2 })
    expectPlayed(playback, film)
    expect(playback.offered).toEqual([180, 360])
    expect(playback.sounds.map(({ language, roles }) => [language, roles])).toEqual([
      ['en', ['main']],
      ['de', ['alternate']],
    ])
    expect(playback.cues.map(({ text }) => text)).toEqual(['first words', 'last words'])
  })

  it('is played by hls.js from the same segments', async () => {
    const playback = await playToEnd(join(film, 'master.m3u8'), { switchRungs: true, rate: 2 })
    expect(playback.errors).toEqual([])
    expect(playback.ended).toBe(true)
    expect(Math.abs(playback.durationSeconds - factsOf(film).durationSeconds)).toBeLessThan(FRAME_SECONDS)
  })
})

describe.each(['shaka', 'dashjs'] as const)('%s', (player) => {
  it.each(Object.values(FILES))('plays the MPD of %s to its end', async (file) => {
    const home = published.get(file) ?? ''
    expectPlayed(await playAdaptive(player, join(home, 'manifest.mpd'), { rate: 4 }), home)
  })
})

it('is gone where the film is published again without one', async () => {
  expect(existsSync(join(film, 'manifest.mpd'))).toBe(true)
  const [again] = await publish([clip], `name: plain\n${RUNGS}`)
  expect(again).toBe(film)
  expect(factsOf(film)).toMatchObject({ run: 2 })
  expect(factsOf(film).manifest).toBeUndefined()
  expect(existsSync(join(film, 'manifest.mpd'))).toBe(false)
})
