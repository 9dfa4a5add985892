/** Every rung looks like its master, picture by picture in order; and the measure finds a shift and a wrong range. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { publishAll, type AssetFiles } from '../support/measuring/asset'
import { ffmpegOutput } from '../support/measuring/ffmpeg'
import { likeness, unlikeness, type Likeness } from '../support/measuring/likeness'
import { probeJson } from '../support/run-program'

const REAL = [
  ...['butterfly-720p30-aac.mp4', 'gopro-max-480p30-10s-data-tracks.mp4', 'rooftops-360p30-17s.mp4'],
  'bikes-640x272-10s-no-audio.mp4',
]
const VFR = 'irregular.mkv'
/** The part of the animation in which something moves. */
const BUNNY = 'bunny-from-12.webm'

let folder: string
let assets: ReadonlyMap<string, AssetFiles>
const masterOf = (name: string): string => join(REAL.includes(name) ? mastersFolder() : folder, name)
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-likeness-'))
  const moving = join(mastersFolder(), 'butterfly-720p30-aac.mp4')
  const some = ['-vf', "scale=640:-2,select='not(between(mod(n,11),3,5))*not(eq(mod(n,7),2))'", '-fps_mode', 'vfr']
  await ffmpegOutput(
    '-i',
    moving,
    ...some,
    '-an',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-crf',
    '12',
    masterOf(VFR),
  )
  const whole = join(mastersFolder(), 'bunny-vp8-vorbis-720p24-30s.webm')
  const part = [
    '-ss',
    '12',
    '-t',
    '4',
    '-an',
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-b:v',
    '4M',
  ]
  await ffmpegOutput('-i', whole, ...part, masterOf(BUNNY))
  assets = await publishAll([...REAL, VFR, BUNNY].map(masterOf), join(folder, 'out'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function likenessOf(name: string, rung: string): Promise<Likeness> {
  const { streams } = await probeJson<{ streams: { width: number; height: number }[] }>(rung, '-show_streams')
  const [size] = streams
  if (size === undefined) throw new Error(`${rung} has no picture`)
  return likeness(masterOf(name), rung, { widthPx: size.width, heightPx: size.height })
}

it.each([...REAL, VFR, BUNNY])('every rung of %s is like it', async (name) => {
  const rungs = [...(assets.get(basename(name))?.videos ?? [])]
  expect(rungs).not.toEqual([])
  for (const [id, rung] of rungs) {
    const findings = unlikeness(await likenessOf(name, rung))
    expect([id, ...findings]).toEqual([id])
  }
})

describe('the measure', () => {
  const planted = async (name: string, filter: string): Promise<string[]> => {
    const rung = assets.get(name)?.videos.get('240p') ?? ''
    const copy = join(folder, 'planted.mp4')
    const words = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10', '-fps_mode', 'vfr', '-color_range', 'tv']
    await ffmpegOutput('-i', rung, '-vf', filter, ...words, copy)
    return unlikeness(await likenessOf(name, copy))
  }

  it.each([
    ['nothing in a copy without a fault', 'null', []],
    ['a picture lost at the start', 'trim=start_frame=1,tpad=stop=1:stop_mode=clone', [/pictures are shifted/]],
    ['a picture doubled at the start', 'tpad=start=1:start_mode=clone,trim=end_frame=226', [/pictures are shifted/]],
    ['a picture lost in the middle', "select='not(eq(n,113))'", [/225 pictures/]],
    ['full range said to be limited', 'scale=in_range=tv:out_range=pc,setparams=range=tv', [/the range is wrong/]],
    ['limited range squeezed once more', 'setparams=range=pc,scale=in_range=pc:out_range=tv', [/the range is wrong/]],
  ])('finds %s', async (_, filter, findings) => {
    const found = await planted('butterfly-720p30-aac.mp4', filter)
    for (const finding of findings) expect(found).toContainEqual(expect.stringMatching(finding))
    if (findings.length === 0) expect(found).toEqual([])
  })

  it('finds a shift also where the camera is nearly still', async () => {
    const filter = 'trim=start_frame=1,tpad=stop=1:stop_mode=clone'
    const found = await planted('rooftops-360p30-17s.mp4', filter)
    expect(found).toContainEqual(expect.stringMatching(/pictures are shifted/))
  })
})
