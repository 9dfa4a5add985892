/** Winding: hls.js in Chromium shows the right pictures by the I-frame playlists, and loads only these. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { eventsOf, runProduct } from '../support/product'
import { runFfmpeg } from '../support/reading/plant'
import { windTo, type Winding } from '../support/trick-play'

const LADDER = `name: trick
segmentSeconds: 4
gopSeconds: 2
rungs:
  - { id: 90p, shortSidePx: 90, maxBitrateBps: 300_000 }
  - { id: 180p, shortSidePx: 180, maxBitrateBps: 600_000 }
mp4: false
packaging: { iFrames: true }
`
const SECONDS = 22
/** Every 2 s, as long as a GOP, the picture is as much brighter; there is noise, so that pictures have a size. */
const STEP = 18
const GREY = `nullsrc=s=320x180:r=25:d=${SECONDS},geq=lum='20+${STEP}*floor(T/2)':cb=128:cr=128,noise=alls=6:allf=t`

/** Of video range, as RGB has it. */
const lumaAt = (seconds: number): number => ((20 + STEP * Math.floor(seconds / 2) - 16) * 255) / 219

let folder: string
let master: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  const source = join(folder, 'grey.mp4')
  const sound = ['-f', 'lavfi', '-i', `sine=440:r=48000:d=${SECONDS}`]
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  await runFfmpeg('-f', 'lavfi', '-i', GREY, ...sound, ...codecs, source)
  const ladder = join(folder, 'trick.yaml')
  writeFileSync(ladder, LADDER)
  const { events, stderr } = await runProduct(source, '--ladder', ladder, '--out', join(folder, 'out'))
  const [published] = eventsOf(events, 'asset.published')
  if (published === undefined) throw new Error(`it was not published:\n${stderr}`)
  master = published.data.master
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Byte ranges by segment, from the playlist's own lines. */
function rangesOf(rung: string): Map<string, string[]> {
  const text = readFileSync(join(dirname(master), `r1/video/${rung}/iframes.m3u8`), 'utf8')
  const ranges = new Map<string, string[]>()
  for (const [, bytes, offset, uri = ''] of text.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.*)/g)) {
    const path = `/r1/video/${rung}/${uri}`
    const [from, size] = [Number(offset), Number(bytes)]
    ranges.set(path, [...(ranges.get(path) ?? []), `bytes=${from}-${from + size - 1}`])
  }
  return ranges
}

describe('hls.js in Chromium, winding', () => {
  const asked = [1, 5, 9, 13, 17, 21, 11, 3, 19.5]
  let winding: Winding
  beforeAll(async () => {
    winding = await windTo(master, asked)
  })

  it('is offered each rung and meets no error', () => {
    expect(winding.errors).toEqual([])
    expect(winding.widthsPx).toEqual([160, 320])
  })

  it('shows the picture of each moment asked for, forwards and backwards', () => {
    expect(winding.shown.map(({ askedSeconds }) => askedSeconds)).toEqual(asked)
    for (const { askedSeconds, atSeconds, luma, widthPx, heightPx } of winding.shown) {
      expect(atSeconds).toBeCloseTo(askedSeconds, 1)
      expect([160, 320]).toContain(widthPx)
      expect(widthPx / heightPx).toBeCloseTo(16 / 9, 1)
      expect(Math.abs(luma - lumaAt(askedSeconds))).toBeLessThan(STEP / 3)
    }
  })

  it('asks for the init segment and for the ranges of the playlist, never for a whole segment', () => {
    const segments = winding.requests.filter(({ path }) => path.endsWith('.m4s'))
    const known = new Map([...rangesOf('90p'), ...rangesOf('180p')])
    expect(segments.length).toBeGreaterThanOrEqual(asked.length)
    for (const { path, range } of segments) expect(known.get(path)).toContain(range)
  })
})
