/**
 * Each range of an I-frame playlist, behind its init segment and alone, decodes to one picture, which is that of the
 * rung: of films whose timing makes it hard, in several pieces, in each codec.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { FILMS, makeFilms } from '../support/joins/films'
import { FILMS_WITHOUT_INDEX } from '../support/joins/films-without-index'
import { eventsOf, runCommand } from '../support/product'
import { readIFrames, type ReadIFrame } from '../support/reading/i-frames'
import { readTrack } from '../support/reading/playlists'
import { runProgram } from '../support/run-program'
import { verified } from '../support/verifying'

const LADDER = `name: wound
segmentSeconds: 4
gopSeconds: 1
rungs:
  - { id: h264, shortSidePx: 180, maxBitrateBps: 500_000, preset: veryfast }
  - { id: small, shortSidePx: 90, maxBitrateBps: 200_000, maxFps: 15 }
  - { id: hevc, shortSidePx: 180, codec: hevc, bits: 10, maxBitrateBps: 400_000, preset: ultrafast }
mp4: false
packaging: { iFrames: true }
`
/** AV1 is made at a constant rate, so it has masters of its own. */
const AV1 = LADDER.replace(
  / {2}- { id: h264[^]*hevc.*\n/,
  '  - { id: av1, shortSidePx: 180, codec: av1, maxBitrateBps: 400_000 }\n',
)

const WANTED = ['29.97-open-gop.mp4', 'irregular.mp4', 'many-b-frames.mkv', 'interlaced.mp4', 'b-frames.ts']
const CASES = [
  ...WANTED.flatMap((file) => ['h264', 'small', 'hevc'].map((rung) => ({ file, rung }))),
  { file: 'many-b-frames.mkv', rung: 'av1' },
]

let folder: string
const homes = new Map<string, string>()
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-i-frames-'))
  mkdirSync(join(folder, 'films'))
  const films = [...FILMS, ...FILMS_WITHOUT_INDEX].filter(({ file }) => WANTED.includes(file))
  const masters = await makeFilms(films, join(folder, 'films'))
  const run = async (text: string, out: string, files: readonly string[]): Promise<void> => {
    const ladder = join(folder, `${out}.yaml`)
    writeFileSync(ladder, text)
    const words = ['run', ...files, '--ladder', ladder, '--out', join(folder, out), '--workers', '2']
    const { events, stderr } = await runCommand(words, { GANTRY_PIECE_SECONDS: '4' })
    const published = eventsOf(events, 'asset.published')
    if (published.length !== files.length) throw new Error(`something was not published:\n${stderr}`)
    for (const { assetId, data } of published) {
      const accepted = eventsOf(events, 'asset.accepted').find((one) => one.assetId === assetId)
      homes.set(`${out} ${basename(accepted?.data.source.key ?? '')}`, dirname(data.master))
    }
  }
  await run(LADDER, 'many', masters)
  await run(
    AV1,
    'av1',
    masters.filter((path) => path.endsWith('many-b-frames.mkv')),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const homeOf = (file: string, rung: string): string => homes.get(`${rung === 'av1' ? 'av1' : 'many'} ${file}`) ?? ''

/** Digests of the decoded pictures of an input, in the order in which they are shown. */
async function digests(input: string): Promise<string[]> {
  const words = ['-v', 'quiet', '-nostdin', '-i', input, '-fps_mode', 'passthrough', '-f', 'framemd5', '-']
  const { stdout } = await runProgram('ffmpeg', words)
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '')
}

/**
 * Digest and time of each keyframe of a rung. Each segment is decoded by itself: where pieces of an irregular rate meet,
 * two pictures may have one decode time, and ffmpeg leaves out the second.
 */
async function keyframesOf(playlist: string): Promise<{ digest: string; seconds: number }[]> {
  const found: { digest: string; seconds: number }[] = []
  const { init, segments } = readTrack(dirname(playlist), playlist)
  for (const { file: segment } of segments) {
    const file = join(folder, 'segment.mp4')
    writeFileSync(file, Buffer.concat([readFileSync(init), readFileSync(segment)]))
    const entries = ['-show_entries', 'frame=key_frame,pts_time', '-of', 'csv=p=0']
    const { stdout } = await runProgram('ffprobe', ['-v', 'quiet', '-select_streams', 'v', ...entries, file])
    // Lines without a time are of what ffmpeg tells beside the pictures.
    const frames = [...stdout.matchAll(/^([01]),([0-9.]+)/gm)]
    const all = await digests(file)
    expect(frames).toHaveLength(all.length)
    frames.forEach(([, isKey, seconds], index) => {
      if (isKey === '1') found.push({ digest: all[index] ?? '', seconds: Number(seconds) })
    })
  }
  return found
}

async function decodedAlone(one: ReadIFrame): Promise<string[]> {
  const file = join(folder, 'one.mp4')
  writeFileSync(file, one.bytes)
  return digests(file)
}

describe.each(CASES)('$file as $rung', ({ file, rung }) => {
  it('has every keyframe as a range that is one picture by itself, at its time', async () => {
    const video = join(homeOf(file, rung), 'r1', 'video', rung)
    const iFrames = readIFrames(join(video, 'iframes.m3u8'))
    const keyframes = await keyframesOf(join(video, 'playlist.m3u8'))
    expect(keyframes.length).toBeGreaterThan(7)
    const alone: string[][] = []
    for (const one of iFrames) alone.push(await decodedAlone(one))
    expect(alone).toEqual(keyframes.map(({ digest }) => [digest]))
    const [first] = keyframes
    iFrames.forEach(({ startSeconds }, index) => {
      expect(startSeconds).toBeCloseTo((keyframes[index]?.seconds ?? 0) - (first?.seconds ?? 0), 4)
    })
  })

  it('lasts as long as the rung, and is of several pieces', () => {
    const video = join(homeOf(file, rung), 'r1', 'video', rung)
    const microseconds = (name: string): number =>
      [...readFileSync(join(video, name), 'utf8').matchAll(/#EXTINF:(\d+)\.(\d{6}),/g)].reduce(
        (sum, [, seconds, rest]) => sum + Number(seconds) * 1e6 + Number(rest),
        0,
      )
    expect(microseconds('iframes.m3u8')).toBe(microseconds('playlist.m3u8'))
    const pieces = readFileSync(join(video, 'iframes.m3u8'), 'utf8').match(/^\d{4}-\w+(?=\/)/gm)
    expect(new Set(pieces).size).toBeGreaterThan(1)
  })
})

it.each([...WANTED.map((file) => `many ${file}`), 'av1 many-b-frames.mkv'])(
  'gantry verify finds nothing in the I-frames of %s',
  async (name) => {
    const { findings } = await verified(homes.get(name) ?? '')
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  },
)
