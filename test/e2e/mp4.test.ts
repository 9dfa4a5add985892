/** The MP4s of real masters hold the packets of the HLS renditions, each at its time, by ffprobe and by mediabunny. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { publishAll, type AssetFiles } from '../support/measuring/asset'
import { packetsByFfprobe, packetsByMediabunny, type ReadPacket } from '../support/measuring/packets'
import { readProgressive } from '../support/progressive-reader'
import { topBoxes } from '../support/reading/boxes'
import { runProgram } from '../support/run-program'

const RUNGS = ['72p', '144p']
const PICTURES = [
  'butterfly-720p30-aac.mp4',
  'rooftops-360p30-17s.mp4',
  'bunny-1080p60-surround51.mp4',
  'iphone-portrait-rotated90-audio-first.mov',
  'tree-cinepak-15fps-30s-no-audio.avi',
  'talking-head-srt-ac3.mkv',
]
const SOUND_ONLY = 'audio-only-aac-stereo-plus-ac3-51.mp4'
/** Renditions begin at 10 s (docs/decisions), MP4s at 0. */
const OFFSET_SECONDS = 10

let out: string
let assets: ReadonlyMap<string, AssetFiles>
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'gantry-e2e-mp4-'))
  const rungs = RUNGS.map((id) => `  - { id: ${id}, shortSidePx: ${parseInt(id)}, maxBitrateBps: 300_000 }\n`)
  writeFileSync(join(out, 'ladder.yaml'), `name: small\nrungs:\n${rungs.join('')}`)
  const masters = [...PICTURES, SOUND_ONLY].map((name) => join(mastersFolder(), name))
  assets = await publishAll(masters, out, '--ladder', join(out, 'ladder.yaml'))
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

interface Made {
  mp4: string
  /** The joined renditions: the picture, then all sounds, as the MP4 has them. */
  renditions: string[]
}

function madeOf(name: string): Made[] {
  const asset = assets.get(name)
  if (asset === undefined) throw new Error(`${name} was not published`)
  const sounds = [...asset.sounds.values()]
  if (asset.videos.size === 0) return [{ mp4: asset.mp4('audio'), renditions: sounds }]
  return [...asset.videos].map(([rungId, video]) => ({ mp4: asset.mp4(rungId), renditions: [video, ...sounds] }))
}

const atZero = (packets: readonly ReadPacket[]): ReadPacket[] =>
  packets.map((packet) => ({
    ...packet,
    ptsSeconds: packet.ptsSeconds - OFFSET_SECONDS,
    dtsSeconds: packet.dtsSeconds === null ? null : packet.dtsSeconds - OFFSET_SECONDS,
  }))

/** In microseconds. */
const rounded = (packets: readonly ReadPacket[]): unknown[] =>
  packets.map(({ ptsSeconds, dtsSeconds, bytes, hash }) => [
    Math.round(ptsSeconds * 1e6),
    dtsSeconds === null ? null : Math.round(dtsSeconds * 1e6),
    ...[bytes, hash],
  ])

describe.each([...PICTURES, SOUND_ONLY])('MP4s of %s', (name) => {
  it.each([
    ['ffprobe', packetsByFfprobe],
    ['mediabunny', packetsByMediabunny],
  ])('have the packets of the renditions, as %s reads them', async (_reader, read) => {
    for (const { mp4, renditions } of madeOf(name)) {
      const tracks = await read(mp4)
      expect(tracks).toHaveLength(renditions.length)
      for (const [index, rendition] of renditions.entries()) {
        const [whole = []] = await read(rendition)
        expect(whole.length).toBeGreaterThan(0)
        expect(rounded(tracks[index] ?? [])).toEqual(rounded(atZero(whole)))
      }
    }
  })

  it('have the index first and begin at 0', async () => {
    for (const { mp4 } of madeOf(name)) {
      expect(topBoxes(mp4)).toEqual(['ftyp', 'moov', 'mdat'])
      const { tracks } = readProgressive(readFileSync(mp4))
      expect(tracks.map(({ edits }) => edits.map(({ mediaTicks }) => mediaTicks >= 0))).toEqual(
        tracks.map(() => [true]),
      )
      const shown = (await packetsByFfprobe(mp4)).map((packets) =>
        Math.min(...packets.map(({ ptsSeconds }) => ptsSeconds).filter((seconds) => seconds >= 0)),
      )
      expect(shown).toEqual(shown.map(() => 0))
    }
  })

  it('play to their end without a warning', async () => {
    for (const { mp4 } of madeOf(name)) {
      const words = ['-v', 'warning', '-nostdin', '-i', mp4, '-map', '0', '-fps_mode', 'passthrough', '-f', 'null', '-']
      expect([basename(mp4), await runProgram('ffmpeg', words)]).toEqual([
        basename(mp4),
        { code: 0, stdout: '', stderr: '' },
      ])
    }
  })
})
