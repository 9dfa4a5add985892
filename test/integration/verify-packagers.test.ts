/** `gantry verify` on what another packager makes of the same clip: nothing is found where nothing is wrong. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

it.each(FORMS)('finds nothing in %s of shaka-packager, by its tables and by a decoder', async (form, places) => {
  const out = await packaged(form, places)
  const { code, findings } = await verified(out)
  // Of MPEG-TS no more than sizes is read without a decoder, which a note says.
  expect([code, rulesOf(findings)]).toEqual([0, form.includes('MP4') ? [] : ['media-unmeasured']])
  expect(await verified(out, { deep: true })).toEqual({ code: 0, findings: [] })
})
