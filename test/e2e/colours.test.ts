/** Colours are those of the master: bars of known RGB, whatever matrix and range they come in, said or not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishAll, type AssetFiles } from '../support/measuring/asset'
import { BARS, colourTags, furthest, makeBars, seenColours, tint, type Matrix } from '../support/measuring/colours'
import { ffmpegOutput } from '../support/measuring/ffmpeg'

/** Of 255; 8-bit samples and a lossy codec take 2 or 3. */
const NEAR = 5

const SD = { widthPx: 640, heightPx: 480 }
const HD = { widthPx: 1_280, heightPx: 720 }
const tags = (name: string, range: string): string[] => [
  ...['-colorspace', name, '-color_primaries', name, '-color_trc', name, '-color_range', range],
]
const coded = (matrix: string, range: string): string =>
  `scale=out_color_matrix=${matrix}:out_range=${range},format=yuv420p`
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '4']

/** File name to how it is made, and the matrix that its rungs are in. */
const MASTERS: Readonly<Record<string, { size: typeof SD; before: string; words: string[]; matrix: Matrix }>> = {
  'sd.mp4': {
    size: SD,
    before: coded('bt601', 'tv'),
    words: [...H264, ...tags('smpte170m', 'tv')],
    matrix: 'smpte170m',
  },
  'sd-untagged.mkv': { size: SD, before: coded('bt601', 'tv'), words: H264, matrix: 'smpte170m' },
  'sd-full-range.mp4': {
    size: SD,
    before: coded('bt601', 'pc'),
    words: [...H264, ...tags('smpte170m', 'pc')],
    matrix: 'smpte170m',
  },
  'hd.mp4': { size: HD, before: coded('bt709', 'tv'), words: [...H264, ...tags('bt709', 'tv')], matrix: 'bt709' },
  'hd-untagged.mkv': { size: HD, before: coded('bt709', 'tv'), words: H264, matrix: 'bt709' },
  'hd-full-range.mp4': {
    size: HD,
    before: coded('bt709', 'pc'),
    words: [...H264, ...tags('bt709', 'pc')],
    matrix: 'bt709',
  },
  'hd-rgb.mkv': { size: HD, before: 'format=gbrp', words: ['-c:v', 'ffv1'], matrix: 'bt709' },
}

const STEPS = 16
const HDR = { 'pq.mkv': 'smpte2084', 'hlg.mkv': 'arib-std-b67' } as const

/** Steps from black to the top of the code, each grey. */
async function makeGreys(file: string, transfer: string): Promise<void> {
  const picture = `nullsrc=s=640x360:r=25:d=1,format=yuv420p10le,geq=lum='64+876*floor(X*${STEPS}/W)/${STEPS - 1}':cb=512:cr=512`
  const said = ['-colorspace', 'bt2020nc', '-color_primaries', 'bt2020', '-color_trc', transfer, '-color_range', 'tv']
  await ffmpegOutput('-f', 'lavfi', '-i', picture, '-c:v', 'ffv1', ...said, file)
}

let folder: string
const file = (name: string): string => join(folder, name)
let assets: ReadonlyMap<string, AssetFiles>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-colours-'))
  for (const [name, { size, before, words }] of Object.entries(MASTERS)) await makeBars(file(name), size, before, words)
  for (const [name, transfer] of Object.entries(HDR)) await makeGreys(file(name), transfer)
  const rung = (id: string, more: string): string =>
    `  - { id: ${id}, ${more}, crf: 10, maxBitrateBps: 4_000_000, preset: ultrafast }\n`
  const rungs = [
    rung('240p', 'shortSidePx: 240'),
    rung('720p', 'shortSidePx: 720'),
    rung('hevc', 'shortSidePx: 240, codec: hevc, bits: 10'),
  ]
  writeFileSync(file('ladder.yaml'), `name: colours\nmp4: false\nrungs:\n${rungs.join('')}`)
  const masters = [...Object.keys(MASTERS), ...Object.keys(HDR)].map(file)
  assets = await publishAll(masters, file('out'), '--ladder', file('ladder.yaml'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rungsOf = (name: string): [string, string][] => [...(assets.get(name)?.videos ?? [])]

describe('the colours of bars', () => {
  it.each(Object.keys(MASTERS))('are those of %s in every rung, by tags that say how', async (name) => {
    const { matrix = 'bt709', size = SD } = MASTERS[name] ?? {}
    expect(
      rungsOf(name)
        .map(([id]) => id)
        .sort(),
    ).toEqual(size === HD ? ['240p', '720p', 'hevc'] : ['240p', 'hevc'])
    for (const [, rung] of rungsOf(name)) {
      const said = { color_space: matrix, color_primaries: matrix, color_transfer: matrix, color_range: 'tv' }
      expect(await colourTags(rung)).toEqual(said)
      expect(furthest(await seenColours(rung, BARS.length, matrix), BARS)).toBeLessThanOrEqual(NEAR)
    }
  })

  it.each(Object.keys(HDR))('of %s are grey steps of BT.709 that rise, white not dimmed', async (name) => {
    for (const [, rung] of rungsOf(name)) {
      const said = { color_space: 'bt709', color_primaries: 'bt709', color_transfer: 'bt709', color_range: 'tv' }
      expect(await colourTags(rung)).toEqual(said)
      const steps = await seenColours(rung, STEPS, 'bt709')
      for (const step of steps) expect(tint(step)).toBeLessThanOrEqual(NEAR)
      const greys = steps.map(([, green]) => green)
      greys.slice(1).forEach((grey, index) => expect(grey).toBeGreaterThanOrEqual((greys[index] ?? 0) - 1))
      expect(greys.at(0)).toBeLessThanOrEqual(NEAR)
      expect(greys.at(-1)).toBeGreaterThanOrEqual(0.6 * 255)
      expect(new Set(greys.map(Math.round)).size).toBeGreaterThanOrEqual(STEPS / 2)
    }
  })
})

describe('the measure', () => {
  it('finds a matrix that was mixed up, both ways', async () => {
    const [sd, hd] = [rungsOf('sd.mp4')[0]?.[1] ?? '', rungsOf('hd.mp4')[0]?.[1] ?? '']
    expect(furthest(await seenColours(sd, BARS.length, 'bt709'), BARS)).toBeGreaterThan(3 * NEAR)
    expect(furthest(await seenColours(hd, BARS.length, 'smpte170m'), BARS)).toBeGreaterThan(3 * NEAR)
  })

  it.each([
    ['limited taken for full', 'in_range=pc:out_range=tv'],
    ['full taken for limited', 'in_range=tv:out_range=pc'],
  ])('finds a range that was mixed up: %s', async (_, scale) => {
    const mixed = file(`mixed-${scale.slice(9, 11)}.mp4`)
    const words = ['-vf', `scale=${scale},setparams=range=tv`, ...H264, '-color_range', 'tv']
    await ffmpegOutput('-i', rungsOf('hd.mp4')[0]?.[1] ?? '', ...words, mixed)
    expect(furthest(await seenColours(mixed, BARS.length, 'bt709'), BARS)).toBeGreaterThan(2 * NEAR)
  })
})
