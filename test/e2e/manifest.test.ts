/** Every real master ends as its manifest says: published and right by an independent reading, or refused with a code. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { mastersFolder, readMasters } from '../support/masters'
import { eventsOf, runProduct, type ProductResult } from '../support/product'
import { judgeIndependently } from '../support/reading/independent'
import { judgeAsset } from '../support/reading/judge'

const masters = readMasters()
const right = masters.filter((master) => master.expected === 'ok').map((master) => master.file)
const refused = masters.filter((master) => master.expected.startsWith('reject')).map((master) => master.file)
const path = (file: string): string => join(mastersFolder(), file)

let out: string
let run: ProductResult
/** File name to `master.m3u8`. */
const published = new Map<string, string>()

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  run = await runProduct(...right.map(path), '--out', out)
  for (const event of eventsOf(run.events, 'asset.published')) {
    const accepted = eventsOf(run.events, 'asset.accepted').find((one) => one.assetId === event.assetId)
    published.set(basename(accepted?.data.source.key ?? ''), event.data.master)
  }
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

describe('masters that are right', () => {
  it('are all published', () => {
    expect(eventsOf(run.events, 'asset.failed').map((event) => event.data)).toEqual([])
    expect([...published.keys()].sort()).toEqual([...right].sort())
    expect(run.code).toBe(0)
  })

  it.each(right)('%s is right by an independent reading', async (file) => {
    expect(await judgeAsset(published.get(file) ?? '', path(file))).toEqual([])
  })

  it.each(right)('%s is right by a reader that is not ffmpeg', async (file) => {
    expect(await judgeIndependently(published.get(file) ?? '', path(file))).toEqual([])
  })

  it('that reader tells one master from another', async () => {
    const butterfly = published.get('butterfly-720p30-aac.mp4') ?? ''
    const findings = await judgeIndependently(butterfly, path('rooftops-hevc-10bit-hdr10-pq-1080p.mp4'))
    expect(findings).toContainEqual(expect.stringMatching(/226 pictures, the master has 28/))
    expect(findings).toContainEqual(expect.stringMatching(/its sound ends at/))
    expect(await judgeIndependently(butterfly, path('iphone-portrait-rotated90-audio-first.mov'))).toContainEqual(
      expect.stringMatching(/not the master's shape/),
    )
    expect(await judgeIndependently(butterfly, path('audio-only-aac-stereo-plus-ac3-51.mp4'))).toContainEqual(
      expect.stringMatching(/1 pictures/),
    )
  })
})

describe('masters that are refused', () => {
  it.each(refused)('%s ends with exit code 1 and a SOURCE_ code, and nothing is published', async (file) => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
    const requests: string[] = []
    const canary = createServer((request, response) => {
      requests.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    process.env['http_proxy'] = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`
    try {
      const { code, events } = await runProduct(path(file), '--out', folder)
      expect(code).toBe(1)
      expect(events.at(-1)?.type).toBe('asset.failed')
      expect(eventsOf(events, 'asset.failed')[0]?.data.code).toMatch(/^SOURCE_/)
      expect(readdirSync(folder)).toEqual(['.gantry'])
      expect(existsSync(join(folder, '.gantry', 'open'))).toBe(false)
      expect(requests).toEqual([])
    } finally {
      delete process.env['http_proxy']
      canary.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
