/**
 * Sound and picture of what is published are at most 5 ms apart, at start, middle and end: on masters that flash and beep
 * at the same instants, whatever their container makes of the times. Read by ffmpeg and by mediabunny.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishAll, type AssetFiles } from '../support/measuring/asset'
import { ffmpegOutput } from '../support/measuring/ffmpeg'
import { beepsAfterFlashes, makeFlashAndBeep, picturesIn } from '../support/measuring/flash-and-beep'

const MAX_APART_MS = 5

const COPY = ['-c:v', 'copy']
const ENCODE = ['-c:v', 'libx264', '-preset', 'ultrafast']
const AAC = ['-c:a', 'aac']

/** File name to the base that it is made from and the words that make it. */
const MASTERS = {
  'plain.mp4': { base: '25', words: [...COPY, ...AAC] },
  'rate-44100.mp4': { base: '25-44100', words: [...COPY, ...AAC] },
  'opus.mp4': { base: '25', words: [...COPY, '-c:a', 'libopus'] },
  'milliseconds-29.97.mkv': { base: '29.97', words: [...COPY, '-c:a', 'pcm_s16le'] },
  'negative-start.mkv': { base: '25', words: [...COPY, ...AAC, '-avoid_negative_ts', 'disabled'] },
  'starts-at-30.ts': { base: '29.97', words: [...COPY, '-c:a', 'ac3', '-output_ts_offset', '30'] },
  'late-sound.mp4': { base: '25', words: ['-af', 'atrim=start=0.35', ...COPY, ...AAC] },
  'late-sound.ts': { base: '25', words: ['-af', 'atrim=start=0.35', ...COPY, ...AAC] },
  'late-sound.mpg': {
    base: '25',
    words: ['-af', 'atrim=start=0.35', '-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'vob'],
  },
  'late-picture.ts': { base: '25', words: ['-vf', 'trim=start=0.4', ...ENCODE, ...AAC] },
  'late-picture.mkv': { base: '25', words: ['-vf', 'trim=start=0.4', ...ENCODE, ...AAC] },
} as const
const TRIMMED = 'head-trimmed-within-a-picture.mp4'
const CLIPPED = ['plain.mp4', 'milliseconds-29.97.mkv', 'starts-at-30.ts', TRIMMED] as const

let folder: string
const file = (name: string): string => join(folder, name)

function ladder(name: string, codecs: readonly string[]): string {
  const forms = codecs.map((codec) => `  - { id: ${codec}, codec: ${codec}, channels: 1, bitrateBps: 96_000 }\n`)
  const rung = '  - { id: 72p, shortSidePx: 72, maxBitrateBps: 300_000, preset: ultrafast }'
  writeFileSync(file(name), `name: sync\nrungs:\n${rung}\naudio:\n${forms.join('')}`)
  return file(name)
}

let whole: ReadonlyMap<string, AssetFiles>
let opusFirst: ReadonlyMap<string, AssetFiles>
let clipped: ReadonlyMap<string, AssetFiles>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-sync-'))
  await makeFlashAndBeep(file('25'), { fps: '25', sampleRateHz: 48_000 })
  await makeFlashAndBeep(file('25-44100'), { fps: '25', sampleRateHz: 44_100 })
  await makeFlashAndBeep(file('29.97'), { fps: '30000/1001', sampleRateHz: 48_000 })
  for (const [name, { base, words }] of Object.entries(MASTERS)) {
    await ffmpegOutput('-i', file(base), ...words, file(name))
  }
  // 0.71 s is between two pictures, and between two packets of sound.
  await ffmpegOutput('-ss', '0.71', '-i', file('plain.mp4'), '-c', 'copy', file(TRIMMED))

  const both = ladder('both.yaml', ['aac', 'opus'])
  whole = await publishAll([...Object.keys(MASTERS), TRIMMED].map(file), file('whole'), '--ladder', both)
  clipped = await publishAll(CLIPPED.map(file), file('clipped'), '--ladder', both, '--clip', '2.035-11.5')
  const opus = ladder('opus.yaml', ['opus'])
  opusFirst = await publishAll(['plain.mp4', 'rate-44100.mp4'].map(file), file('opus'), '--ladder', opus)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The largest distance of any event in any file of the asset, by any reader. */
async function worstMs(asset: AssetFiles | undefined, events: number): Promise<number> {
  const mp4 = asset?.mp4('72p') ?? ''
  const [inHls, inMp4] = await Promise.all([picturesIn(asset?.videos.get('72p') ?? ''), picturesIn(mp4)])
  const measured: number[] = []
  for (const sound of [...(asset?.sounds.values() ?? []), mp4]) {
    const pictures = sound === mp4 ? inMp4 : inHls
    for (const distances of Object.values(await beepsAfterFlashes(pictures, sound))) {
      expect(distances).toHaveLength(events)
      measured.push(...distances.map(Math.abs))
    }
  }
  return Math.max(...measured)
}

describe('sound and picture are at most 5 ms apart', () => {
  it.each([...Object.keys(MASTERS), TRIMMED])('in AAC and Opus of %s', async (name) => {
    expect(whole.get(name)?.sounds.size).toBe(2)
    expect(await worstMs(whole.get(name), 3)).toBeLessThanOrEqual(MAX_APART_MS)
  })

  it.each(['plain.mp4', 'rate-44100.mp4'])('in the MP4 with Opus of %s', async (name) => {
    expect(await worstMs(opusFirst.get(name), 3)).toBeLessThanOrEqual(MAX_APART_MS)
  })

  it.each(CLIPPED)('in a clip of %s', async (name) => {
    expect(await worstMs(clipped.get(name), 2)).toBeLessThanOrEqual(MAX_APART_MS)
  })
})

describe('the measure', () => {
  it.each(['25', '25-44100', '29.97'])('finds nothing in the master of %s', async (name) => {
    const { byFfmpeg, byMediabunny } = await beepsAfterFlashes(await picturesIn(file(name)), file(name))
    for (const distance of [...byFfmpeg, ...byMediabunny]) expect(Math.abs(distance)).toBeLessThan(0.2)
  })

  it.each([6, -6])('finds sound that was moved by %i ms, by both readers', async (movedMs) => {
    const mp4 = whole.get('plain.mp4')?.mp4('72p') ?? ''
    const moved = file(`moved-${movedMs}.mp4`)
    const words = ['-itsoffset', String(movedMs / 1_000), '-i', mp4, '-map', '0:v', '-map', '1:a', '-c', 'copy']
    await ffmpegOutput('-copyts', '-i', mp4, ...words, moved)
    const { byFfmpeg, byMediabunny } = await beepsAfterFlashes(await picturesIn(moved), moved)
    for (const distance of [...byFfmpeg, ...byMediabunny]) expect(Math.abs(distance - movedMs)).toBeLessThan(1)
  })
})
