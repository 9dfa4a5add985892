/** A part of a master with captions from beside it and a poster of its own, as somebody asks for it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { eventsOf, runProduct } from '../support/product'
import { runProgram } from '../support/run-program'

let folder: string
let master: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  master = join(mastersFolder(), 'gopro-max-480p30-10s-data-tracks.mp4')
  const text = '1\n00:00:01,000 --> 00:00:03,000\nfrüh\n\n2\n00:00:05,000 --> 00:00:30,000\nspät\n'
  writeFileSync(join(folder, 'film.srt'), Buffer.from(text, 'latin1'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function home(...words: string[]): Promise<string> {
  const { events, stderr } = await runProduct(...words, '--out', join(folder, 'out'))
  const [published] = eventsOf(events, 'asset.published')
  if (published === undefined) throw new Error(`not published:\n${stderr}`)
  return dirname(published.data.master)
}

/** Luma of each picture, small: equal pictures have nearly equal ones. */
async function pictures(file: string, ...words: string[]): Promise<Buffer[]> {
  const out = join(folder, 'raw')
  const scaled = ['-vf', 'scale=16:12,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-y', out]
  await runProgram('ffmpeg', ['-v', 'error', '-i', file, ...words, '-map', '0:v:0', ...scaled])
  const bytes = readFileSync(out)
  return Array.from({ length: bytes.length / 192 }, (_, index) => bytes.subarray(index * 192, (index + 1) * 192))
}

const difference = (one: Buffer, other: Buffer): number =>
  one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length

it('publishes the part, from its first picture to its last, as an asset of its own', async () => {
  const [part, whole] = [await home(master, '--clip', '4-7'), await home(master)]
  expect(part).not.toBe(whole)
  const [made, all] = [await pictures(join(part, 'r1/mp4/240p.mp4')), await pictures(master)]
  const first = all.findIndex((_, index) => index / (30_000 / 1_001) >= 4 - 1e-3)
  expect(made).toHaveLength(90)
  for (const index of [0, 45, 89]) {
    const at = made[index] ?? Buffer.alloc(192)
    const distances = [-1, 0, 1].map((step) => difference(at, all[first + index + step] ?? Buffer.alloc(192)))
    expect(distances[1]).toBe(Math.min(...distances))
  }
  expect(JSON.parse(readFileSync(join(part, 'asset.json'), 'utf8'))).toMatchObject({
    durationSeconds: expect.closeTo(3, 1) as number,
    warnings: [],
  })
}, 60_000)

it('takes captions from beside the master, in an old encoding, on the timeline of the part', async () => {
  const words = ['--clip', '2-8', '--captions', `de=${join(folder, 'film.srt')}`]
  const asset = await home(master, ...words)
  expect(readFileSync(join(asset, 'r1/captions/captions-de/captions.vtt'), 'utf8')).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nfrüh\n\n00:00:03.000 --> 00:00:06.000\nspät\n',
  )
  expect(readFileSync(join(asset, 'master.m3u8'), 'utf8')).toContain('NAME="German",LANGUAGE="de"')
}, 60_000)

it('makes the asset anew for another poster, and not for the same', async () => {
  const asset = await home(master, '--poster-at', '8')
  const poster = readFileSync(join(asset, 'r2/thumbs/poster.jpg'))
  expect(poster.equals(readFileSync(join(asset, 'r1/thumbs/poster.jpg')))).toBe(false)
  await home(master, '--poster-at', '8')
  expect(() => readFileSync(join(asset, 'r3/thumbs/poster.jpg'))).toThrow(/ENOENT/)
}, 60_000)

it('refuses a part that begins after the end', async () => {
  const { code, events } = await runProduct(master, '--clip', '60-', '--out', join(folder, 'out'))
  expect(code).toBe(1)
  expect(eventsOf(events, 'asset.failed')[0]?.data).toMatchObject({ code: 'API_REQUEST_INVALID' })
})

describe('gantry run --request', () => {
  const write = (name: string, ...lines: string[]): string => {
    writeFileSync(join(folder, name), lines.join('\n'))
    return join(folder, name)
  }

  it('makes what the document asks for, with captions from beside it', async () => {
    const file = write(
      'wish.yaml',
      ...['v: 1', 'ladder: { name: own, rungs: [{ id: own, shortSidePx: 144, maxBitrateBps: 300_000 }], mp4: false }'],
      ...[
        "destination: { bucket: team-videos, prefix: by/wish, name: 'x/{id}' }",
        'clip: { inSeconds: 2, outSeconds: 8 }',
      ],
      'captions: [{ key: film.srt, language: de, forced: true }]',
    )
    const { events, stderr } = await runProduct(master, '--request', file, '--out', join(folder, 'out'))
    const [published] = eventsOf(events, 'asset.published')
    if (published === undefined) throw new Error(`not published:\n${JSON.stringify(events)}\n${stderr}`)
    const asset = dirname(published.data.master)
    expect(asset).toMatch(/\/out\/by\/wish\/x\/[a-z2-7]{10}$/)
    expect(JSON.parse(readFileSync(join(asset, 'asset.json'), 'utf8'))).toMatchObject({
      ...{ durationSeconds: expect.closeTo(6, 1) as number, video: [{ id: 'own' }], mp4: [] },
      captions: [{ id: 'captions-de', cues: 2 }],
    })
    expect(readFileSync(join(asset, 'master.m3u8'), 'utf8')).toContain('FORCED=YES')
    expect(stderr).toContain('request: destination: only prefix and name are used here')
  }, 60_000)

  it('fails for captions that are no text', async () => {
    const file = write('picture.srt', 'PNG\0\0\0')
    const { code, events } = await runProduct(master, '--captions', file, '--out', join(folder, 'picture'))
    expect(code).toBe(1)
    expect(eventsOf(events, 'asset.failed')[0]?.data).toMatchObject({
      ...{ code: 'API_REQUEST_INVALID', message: expect.stringContaining('are no text') as string },
    })
  }, 60_000)

  it('says what is wrong with it before anything is started', async () => {
    const file = write('wrong.yaml', 'v: 1', 'clip: { inSeconds: 5, outSeconds: 4 }')
    const { code, events, stderr } = await runProduct(master, '--request', file, '--out', join(folder, 'none'))
    expect({ code, events }).toEqual({ code: 1, events: [] })
    expect(stderr).toContain('wrong.yaml:2:35: clip.outSeconds must be above inSeconds (5), got 4')
  })
})
