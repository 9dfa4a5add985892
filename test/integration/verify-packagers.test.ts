/** `gantry verify` on what another packager makes of a clip: all that is found is wrong by a second reading, too. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peakSegmentBps } from '../support/reading/peak'
import { runFfmpeg } from '../support/reading/plant'
import { runProgram } from '../support/run-program'
import { rulesOf, verified } from '../support/verifying'

const PACKAGER = require.resolve('shaka-packager')

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-packagers-'))
  const picture = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=320x180:r=25:d=7',
    '-c:v',
    'libx264',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '50',
  ]
  for (const [name, size] of [
    ['low', '160:90'],
    ['high', '320:180'],
  ] as const) {
    await runFfmpeg(...picture, '-vf', `scale=${size}`, '-sc_threshold', '0', join(folder, `${name}.mp4`))
  }
  await runFfmpeg('-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=7', '-c:a', 'aac', join(folder, 'sound.mp4'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The words of one stream: where its segments go. */
type Places = (name: string, kind: 'video' | 'audio') => string

const FORMS: [string, Places][] = [
  ['fragmented MP4', (name) => `init_segment=${name}/init.mp4,segment_template=${name}/$Number$.m4s`],
  ['byte ranges of one MP4', (name) => `output=${name}.mp4`],
  ['MPEG-TS', (name) => `segment_template=${name}/$Number$.ts`],
  ['MPEG-TS and packed sound', (name, kind) => `segment_template=${name}/$Number$.${kind === 'video' ? 'ts' : 'aac'}`],
]

/** Two rungs with playlists of their keyframes, and one sound. @returns The folder. */
async function packaged(form: string, places: Places): Promise<string> {
  const out = join(folder, form.replaceAll(' ', '-'))
  mkdirSync(out)
  const pictures = ['low', 'high'].map((name) => {
    const lists = `playlist_name=${name}.m3u8,iframe_playlist_name=${name}-keyframes.m3u8`
    return `in=../${name}.mp4,stream=video,${places(name, 'video')},${lists}`
  })
  const sound = `in=../sound.mp4,stream=audio,${places('sound', 'audio')},playlist_name=sound.m3u8,hls_group_id=audio`
  const options = ['--segment_duration', '2', '--hls_master_playlist_output', 'master.m3u8']
  const made = await runProgram(process.execPath, [PACKAGER, ...pictures, `${sound},hls_name=English`, ...options], out)
  expect(made).toMatchObject({ code: 0 })
  expect(readFileSync(join(out, 'master.m3u8'), 'utf8').match(/#EXT-X-I-FRAME-STREAM-INF/g)).toHaveLength(2)
  return out
}

interface KeyframeList {
  toldBps: number
  /** By RFC 8216, 4.1, from the text of the list alone. */
  peakBps: number
  /** The largest of single entries, also of those that are too short to count. */
  largestBps: number
}

function keyframeLists(out: string): KeyframeList[] {
  const master = readFileSync(join(out, 'master.m3u8'), 'utf8')
  return [...master.matchAll(/I-FRAME-STREAM-INF:BANDWIDTH=(\d+).*URI="(.*)"/g)].map(([, told, uri = '']) => {
    const text = readFileSync(join(out, uri), 'utf8')
    const entries = [...text.matchAll(/#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)/g)].map(([, seconds, bytes]) => {
      return { file: '', bytes: Number(bytes), durationSeconds: Number(seconds) }
    })
    return {
      toldBps: Number(told),
      peakBps: peakSegmentBps(entries, Number(/TARGETDURATION:(\d+)/.exec(text)?.[1])),
      largestBps: Math.max(...entries.map(({ bytes, durationSeconds }) => Math.ceil((bytes * 8) / durationSeconds))),
    }
  })
}

/** The packager is wrong there: see the second reading below. */
const KEYFRAMES = ['iframes-bandwidth', 'iframes-attributes']

it.each(FORMS)('finds what is wrong in %s of shaka-packager, by its tables and by a decoder', async (form, places) => {
  const out = await packaged(form, places)
  // Of MPEG-TS no more than sizes is read without a decoder, and of its keyframe lists with one: a note says so.
  const rules = form.includes('MP4') ? KEYFRAMES : [...KEYFRAMES, 'media-unmeasured']
  const { code, findings } = await verified(out)
  expect([code, rulesOf(findings)]).toEqual([3, rules])
  const deep = await verified(out, { deep: true })
  expect([deep.code, rulesOf(deep.findings)]).toEqual([3, rules])
  const unmeasured = deep.findings.filter(({ rule }) => rule === 'media-unmeasured').map(({ where }) => where)
  expect(unmeasured.filter((where) => !where.includes('-keyframes.m3u8'))).toEqual([])

  // Second reading: it tells the largest single entry, which is under half of the target duration and counts with others.
  for (const { toldBps, peakBps, largestBps } of keyframeLists(out)) {
    expect(toldBps).toBe(largestBps)
    expect(toldBps).toBeGreaterThan(1.4 * peakBps)
  }
  // RFC 8216, 4.3.4.3 leaves out CLOSED-CAPTIONS.
  expect(readFileSync(join(out, 'master.m3u8'), 'utf8')).toMatch(/I-FRAME-STREAM-INF.*,CLOSED-CAPTIONS=NONE/)
})
