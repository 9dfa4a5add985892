/** HDR masters on a ladder that keeps HDR: read back by ffprobe and by mediabunny. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRendition } from '../support/reading/by-mediabunny'
import { readVariants } from '../support/reading/playlists'
import { probeJson } from '../support/run-program'
import { COLOURS } from '../support/varieties/colours'
import { runVarieties, type VarietiesRun } from '../support/varieties/running'
import { wrongWith } from '../support/verifying'

const HDR = [
  { file: 'hdr10.mp4', range: 'PQ', ffprobe: 'smpte2084', mediabunny: 'bt2020 pq bt2020-ncl limited' },
  { file: 'hlg.mov', range: 'HLG', ffprobe: 'arib-std-b67', mediabunny: 'bt2020 hlg bt2020-ncl limited' },
] as const

const LADDER = `name: kept
segmentSeconds: 4
gopSeconds: 2
hdr: keep
rungs:
  - { id: 180p, shortSidePx: 180, codec: hevc, bits: 10, crf: 20, maxBitrateBps: 700_000, preset: ultrafast }
audio:
  - { id: audio, codec: aac, bitrateBps: 128_000, channels: 2 }
`

let folder: string
let run: VarietiesRun
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  const ladder = join(folder, 'kept.yaml')
  writeFileSync(ladder, LADDER)
  const masters = COLOURS.filter(({ file }) => HDR.some((one) => one.file === file))
  run = await runVarieties(masters, '--ladder', ladder)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  run.remove()
})

interface Stream {
  pix_fmt: string
  color_transfer: string
  color_primaries: string
  color_space: string
  color_range: string
}

it.each(HDR)('$file stays $range', async ({ file, range, ffprobe, mediabunny }) => {
  const master = run.published.get(file) ?? ''
  expect(await wrongWith(master)).toEqual([])
  expect(readFileSync(master, 'utf8')).toContain(`VIDEO-RANGE=${range}`)
  const kept = readVariants(master).filter(({ codecs }) => codecs.startsWith('hvc1'))
  expect(kept).not.toEqual([])
  for (const { track } of kept) {
    const { streams } = await probeJson<{ streams: Stream[] }>(track.playlist, '-show_streams')
    expect(streams[0]).toMatchObject({
      ...{ pix_fmt: 'yuv420p10le', color_transfer: ffprobe, color_primaries: 'bt2020' },
      ...{ color_space: 'bt2020nc', color_range: 'tv' },
    })
    const [picture] = (await readRendition(track)).pictures
    expect(picture?.colour).toBe(mediabunny)
    expect(picture?.times).toHaveLength(25)
  }
})
