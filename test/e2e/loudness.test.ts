/** The loudness that a ladder asks for, by another meter than the product's; and that the way there moves no sample. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { publishAll, type AssetFiles } from '../support/measuring/asset'
import { ffmpegOutput } from '../support/measuring/ffmpeg'
import { decodedSound } from '../support/measuring/flash-and-beep'
import { lagSamples, loudnessLufs } from '../support/measuring/loudness'

const NEAR_LU = 1

/** As the waves of speech; `gain` in dB, then how one channel becomes all. */
const waves = (gain: number, layout: string, seconds = 10): string =>
  `anoisesrc=color=pink:seed=3:r=48000:d=${seconds},tremolo=f=0.7:d=0.8,volume=${gain}dB,pan=${layout}`
const STEREO = 'stereo|c0=c0|c1=0.7*c0'
const SURROUND = '5.1|FL=c0|FR=0.8*c0|FC=0.6*c0|LFE=0.5*c0|BL=0.3*c0|BR=0.2*c0'
/** A hum with a short loud stroke every half second: any gain makes the strokes pass full scale. */
const STROKES =
  "aevalsrc='0.1*sin(2*PI*440*t)+0.8*sin(2*PI*1500*t)*exp(-200*mod(t,0.5))':s=48000:d=10,pan=stereo|c0=c0|c1=c0"
/** All that is loud in it are its peaks. */
const CLICKS =
  "aevalsrc='0.002*sin(2*PI*440*t)+0.9*sin(2*PI*1500*t)*exp(-300*mod(t,2))':s=48000:d=10,pan=stereo|c0=c0|c1=c0"

const MADE = {
  'quiet.wav': waves(-24, STEREO),
  'loud.wav': waves(6, STEREO),
  'mono.wav': waves(-16, 'mono|c0=c0'),
  'surround.wav': waves(-10, SURROUND),
  'strokes.wav': STROKES,
  'short.wav': waves(-16, STEREO, 2.5),
  'very-short.wav': waves(-16, STEREO, 0.6),
} as const
const REAL = ['butterfly-720p30-aac.mp4', 'bunny-1080p60-surround51.mp4', 'bunny-vp8-vorbis-720p24-30s.webm']
const WITHOUT = {
  'silence.wav': 'anullsrc=r=48000:cl=stereo:d=4',
  'under-a-block.wav': waves(-16, STEREO, 0.3),
} as const
const OUT_OF_REACH = { 'hiss.wav': waves(-46, STEREO), 'clicks.wav': CLICKS } as const

const LOUD = [
  ['aac', '{ id: aac, codec: aac, loudnessLufs: -16 }', -16],
  ['opus', '{ id: opus, codec: opus, loudnessLufs: -23 }', -23],
  ['aac-surround', '{ id: aac-surround, codec: aac, channels: 6, bitrateBps: 320_000, loudnessLufs: -23 }', -23],
  ['opus-surround', '{ id: opus-surround, codec: opus, channels: 6, bitrateBps: 320_000, loudnessLufs: -16 }', -16],
] as const
const PLAIN = ['{ id: aac, codec: aac }', '{ id: opus, codec: opus }']

let folder: string
const file = (name: string): string => join(folder, name)
const ladder = (name: string, forms: readonly string[]): string => {
  const lines = ['name: loud', 'rungs: []', 'mp4: false', 'audio:', ...forms.map((form) => `  - ${form}`)]
  writeFileSync(file(name), `${lines.join('\n')}\n`)
  return file(name)
}

let loud: ReadonlyMap<string, AssetFiles>
let plain: ReadonlyMap<string, AssetFiles>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-loudness-'))
  const made = Object.entries({ ...MADE, ...WITHOUT, ...OUT_OF_REACH })
  for (const [name, source] of made) await ffmpegOutput('-f', 'lavfi', '-i', source, file(name))
  const masters = [...made.map(([name]) => file(name)), ...REAL.map((name) => join(mastersFolder(), name))]
  const forms = ladder(
    'loud.yaml',
    LOUD.map(([, form]) => form),
  )
  loud = await publishAll(masters, file('loud'), '--ladder', forms)
  const same = ['strokes.wav', 'loud.wav', 'under-a-block.wav', 'silence.wav'].map(file)
  plain = await publishAll(same, file('plain'), '--ladder', ladder('plain.yaml', PLAIN))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const soundOf = (assets: ReadonlyMap<string, AssetFiles>, name: string, id: string): string =>
  assets.get(name)?.sounds.get(id) ?? ''

describe('the loudness asked for', () => {
  it.each([...Object.keys(MADE), ...REAL])('is reached within 1 LU in every form of %s', async (name) => {
    const asset = loud.get(name)
    const isSurround = /surround/.test(name)
    expect([...(asset?.sounds.keys() ?? [])].sort()).toEqual(
      LOUD.map(([id]) => id as string)
        .filter((id) => isSurround || !id.endsWith('surround'))
        .sort(),
    )
    for (const [id, , targetLufs] of LOUD) {
      const sound = asset?.sounds.get(id)
      if (sound !== undefined) expect(Math.abs((await loudnessLufs(sound)) - targetLufs)).toBeLessThanOrEqual(NEAR_LU)
    }
    expect(asset?.warnings).toEqual([])
  })

  it.each([
    ['hiss.wav', /^the sound aac is at -\d\d\.\d LUFS, not at -16: it is raised by 30 dB at most$/],
    ['clicks.wav', /^the sound aac is at -\d\d\.\d LUFS, not at -16: its peaks leave no room for more$/],
  ])('is not forced on %s, with a warning of what it has', async (name, warning) => {
    const said = loud.get(name)?.warnings.find((line) => line.startsWith('the sound aac '))
    expect(said).toMatch(warning)
    const reached = Number(/-\d+\.\d/.exec(said ?? '')?.[0])
    expect(Math.abs((await loudnessLufs(soundOf(loud, name, 'aac'))) - reached)).toBeLessThanOrEqual(NEAR_LU)
  })

  it.each(Object.keys(WITHOUT))('leaves %s as it is, with a warning', async (name) => {
    for (const id of ['aac', 'opus']) {
      const [left, same] = [await decodedSound(soundOf(loud, name, id)), await decodedSound(soundOf(plain, name, id))]
      expect(left.samples).toEqual(same.samples)
      const reason = 'is silent or under 0.4 s long, so it has no loudness and is left as it is'
      expect(loud.get(name)?.warnings).toContain(`the sound ${id} ${reason}`)
    }
  })
})

describe('gain and limiter', () => {
  it.each([
    ['aac', 'strokes.wav'],
    ['opus', 'strokes.wav'],
    ['aac', 'loud.wav'],
    ['opus', 'loud.wav'],
  ])('leave the samples of %s from %s as many as they are, and where they are', async (id, name) => {
    const gained = await decodedSound(soundOf(loud, name, id))
    const without = await decodedSound(soundOf(plain, name, id))
    expect(gained.samples).toHaveLength(without.samples.length)
    expect(gained.secondsOf(0)).toBe(without.secondsOf(0))
    // The limiter looks 5 ms ahead, which is 240 samples.
    expect(lagSamples(without.samples.subarray(0, 16_000), gained.samples.subarray(0, 16_000), 260)).toBe(0)
  })

  it('hold the peaks of strokes, which would else be 3 dB over full scale', async () => {
    const { samples } = await decodedSound(soundOf(loud, 'strokes.wav', 'aac'))
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    expect(peak).toBeGreaterThan(0.75)
    expect(peak).toBeLessThan(1)
  })
})

describe('the measures', () => {
  it('see 1.5 dB more and less', async () => {
    const sound = soundOf(loud, 'quiet.wav', 'aac')
    const asItIs = await loudnessLufs(sound)
    expect((await loudnessLufs(sound, 'volume=1.5dB')) - asItIs).toBeCloseTo(1.5, 1)
    expect((await loudnessLufs(sound, 'volume=-1.5dB')) - asItIs).toBeCloseTo(-1.5, 1)
  })

  it('see that a limiter whose delay stays makes the sound late', async () => {
    const sound = soundOf(plain, 'loud.wav', 'aac')
    const limited = file('late.wav')
    await ffmpegOutput('-i', sound, '-af', 'alimiter=limit=0.5:level=disabled', limited)
    const [before, after] = [await decodedSound(sound), await decodedSound(limited)]
    const lag = lagSamples(before.samples.subarray(0, 16_000), after.samples.subarray(0, 16_000), 260)
    expect(Math.abs(lag - 240)).toBeLessThanOrEqual(1)
  })
})
