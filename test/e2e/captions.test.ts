/** Text tracks of masters as viewers get them: read back by ffmpeg, and as hls.js shows them in Chromium. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, type types } from 'hls-parser'
import { playToEnd } from '../support/browser'
import { eventsOf, runProduct } from '../support/product'
import { runProgram } from '../support/run-program'
import { wrongWith } from '../support/verifying'

const WORDS = `1
00:00:00,500 --> 00:00:02,000
Tom <i>&</i> "Jerry" < 3

2
00:00:03,000 --> 00:00:04,000
Zwei Zeilen:
eins --> zwei

3
00:00:59,000 --> 00:01:01,500
über die Grenze
`

let folder: string
let home: string
let asset: { captions: { id: string; language: string | null; file: string; cues: number }[]; warnings: string[] }
let lines: string[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  const [master, out] = [await film(), join(folder, 'out')]
  const { events, stderr } = await runProduct(master, '--out', out)
  const [published] = eventsOf(events, 'asset.published')
  if (published === undefined) throw new Error(`not published:\n${stderr}`)
  home = dirname(published.data.master)
  lines = readFileSync(published.data.master, 'utf8').split('\n')
  asset = JSON.parse(readFileSync(join(home, 'asset.json'), 'utf8')) as typeof asset
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is an asset that `gantry verify` finds nothing wrong with', async () => {
  expect(await wrongWith(home)).toEqual([])
})

/** 62 s of small pictures and a tone, with one text in four codecs and a track without a word. */
async function film(): Promise<string> {
  const [srt, empty, file] = [join(folder, 'a.srt'), join(folder, 'empty.srt'), join(folder, 'film.mkv')]
  writeFileSync(srt, WORDS)
  writeFileSync(empty, '1\n00:00:01,000 --> 00:00:02,000\n \n')
  await runProgram('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=128x96:r=10:d=62', '-f', 'lavfi', '-i', 'sine=d=62'],
    ...['-i', srt, '-i', empty, '-map', '0', '-map', '1', '-map', '2', '-map', '2', '-map', '2', '-map', '3'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'flac', '-c:s:0', 'subrip', '-c:s:1', 'ass'],
    ...['-c:s:2', 'webvtt', '-c:s:3', 'subrip', '-metadata:s:s:0', 'language=eng', '-metadata:s:s:1', 'language=ger'],
    ...['-disposition:s:1', 'forced', '-disposition:s:2', 'hearing_impaired', file],
  ])
  return file
}

/** As SubRip, whose lines ffmpeg ends in two ways. */
async function textOf(path: string): Promise<string> {
  const { stdout } = await runProgram('ffmpeg', ['-v', 'error', '-i', path, '-f', 'srt', '-'])
  return stdout.replaceAll('\r', '')
}

describe('captions', () => {
  it('are offered as renditions with language and purpose, but for a track without words', () => {
    expect(lines.filter((line) => line.includes('TYPE=SUBTITLES'))).toEqual([
      expect.stringMatching(/NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=/),
      expect.stringMatching(/NAME="German \(forced\)",LANGUAGE="de",.*FORCED=YES/),
      expect.stringMatching(/NAME="Subtitles \(SDH\)",DEFAULT=NO,.*CHARACTERISTICS="public/),
    ])
    expect(lines.filter((line) => line.startsWith('#EXT-X-STREAM-INF'))).toEqual([
      expect.stringMatching(/,SUBTITLES="captions"$/),
    ])
    expect(asset.warnings).toEqual([expect.stringMatching(/captions-text-2 has no words/)])
    expect(asset.captions.map(({ language, cues }) => [language, cues])).toEqual([
      ['en', 3],
      ['de', 3],
      [null, 3],
    ])
  })

  it('say in each codec what the master says, as one file', async () => {
    for (const { file } of asset.captions) {
      const text = await textOf(join(home, file))
      expect(text).toContain('00:00:00,500 --> 00:00:02,000\nTom <i>&</i> "Jerry" < 3')
      expect(text).toContain('00:00:03,000 --> 00:00:04,000\nZwei Zeilen:\neins --> zwei')
      expect(text).toContain('00:00:59,000 --> 00:01:01,500\nüber die Grenze')
    }
  })

  it('last as long as the picture in segments, and stand on both sides of a border', () => {
    const playlist = parse(readFileSync(join(home, 'r1/captions/captions-eng/playlist.m3u8'), 'utf8'))
    const { segments } = playlist as types.MediaPlaylist
    expect(segments.map(({ duration }) => duration)).toEqual([60, 2])
    const texts = segments.map(({ uri }) => readFileSync(join(home, 'r1/captions/captions-eng', uri), 'utf8'))
    expect(texts.map((text) => text.includes('über die Grenze'))).toEqual([true, true])
    expect(texts.map((text) => text.includes('Zwei Zeilen'))).toEqual([true, false])
  })

  it('are shown by hls.js at their times', async () => {
    const { errors, ended, cues } = await playToEnd(join(home, 'master.m3u8'), { rate: 4 })
    expect(errors).toEqual([])
    expect(ended).toBe(true)
    expect(cues.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
      [expect.closeTo(0.5, 1), expect.closeTo(2, 1)],
      [expect.closeTo(3, 1), expect.closeTo(4, 1)],
      [expect.closeTo(59, 1), expect.closeTo(61.5, 1)],
    ])
    expect(cues.at(-1)?.text).toBe('über die Grenze')
  }, 120_000)
})
