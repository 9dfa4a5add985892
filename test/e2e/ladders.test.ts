/** What the built-in ladders make of masters that ask something of them, read back by ffprobe. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { eventsOf, runProduct, startProduct } from '../support/product'
import { runProgram } from '../support/run-program'
import { wrongWith } from '../support/verifying'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Made {
  /** Lines of the multivariant playlist. */
  lines: string[]
  /** Absolute path of a playlist. */
  playlist(kind: 'video' | 'audio', id: string): string
  mp4(rungId: string): string
}

async function made(file: string, ladder: string): Promise<Made> {
  const out = join(folder, `${ladder}-${basename(file)}`)
  const { events, stderr } = await runProduct(file, '--ladder', ladder, '--out', out)
  const [published] = eventsOf(events, 'asset.published')
  if (published === undefined) throw new Error(`not published:\n${stderr}`)
  const home = dirname(published.data.master)
  expect(await wrongWith(home)).toEqual([])
  return {
    lines: readFileSync(published.data.master, 'utf8').trim().split('\n'),
    playlist: (kind, id) => join(home, 'r1', kind, id, 'playlist.m3u8'),
    mp4: (rungId) => join(home, 'r1', 'mp4', `${rungId}.mp4`),
  }
}

/** Fields of the first stream, as ffprobe prints them. */
async function probed(path: string, ...fields: string[]): Promise<Record<string, string>> {
  const words = ['-v', 'error', '-count_frames', '-show_entries', `stream=${fields.join(',')}`, '-of', 'json', path]
  const { stdout } = await runProgram('ffprobe', words)
  const { streams } = JSON.parse(stdout) as { streams: Record<string, unknown>[] }
  return Object.fromEntries(fields.map((field) => [field, String(streams[0]?.[field])]))
}

/** Integrated loudness by EBU R128. */
async function loudnessLufs(path: string): Promise<number> {
  const words = ['-hide_banner', '-nostats', '-i', path, '-af', 'ebur128', '-f', 'null', '-']
  const { stderr } = await runProgram('ffmpeg', words)
  const found = [...stderr.matchAll(/^ +I: +(-?[\d.]+) LUFS$/gm)].at(-1)
  return Number(found?.[1])
}

/** A film of colour bars and tones: each sound is given as channels and language. */
async function film(name: string, sounds: readonly { channels: number; language?: string }[]): Promise<string> {
  const file = join(folder, name)
  const inputs = sounds.flatMap(({ channels }, index) => {
    const tones = Array.from({ length: channels }, (_, channel) => `0.1*sin(${(index + channel + 3) * 700}*t)`).join(
      '|',
    )
    return ['-f', 'lavfi', '-i', `aevalsrc=${tones}:s=48000:d=2`]
  })
  const maps = sounds.flatMap(({ language = 'und' }, index) => {
    return ['-map', `${index + 1}:a`, `-metadata:s:a:${index}`, `language=${language}`]
  })
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=2']
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le']
  await runProgram('ffmpeg', ['-v', 'error', ...picture, ...inputs, '-map', '0:v', ...maps, ...codecs, file])
  return file
}

it('hevc keeps the HDR of an HDR10 master in 10 bits, and maps it for the H.264 rung', async () => {
  const { lines, playlist, mp4 } = await made(join(mastersFolder(), 'rooftops-hevc-10bit-hdr10-pq-1080p.mp4'), 'hevc')
  const fields = ['codec_name', 'pix_fmt', 'color_transfer', 'color_primaries', 'color_space', 'nb_read_frames']
  for (const id of ['360p', '540p', '720p', '1080p']) {
    expect(await probed(playlist('video', id), ...fields)).toEqual({
      ...{ codec_name: 'hevc', pix_fmt: 'yuv420p10le', nb_read_frames: '28' },
      ...{ color_transfer: 'smpte2084', color_primaries: 'bt2020', color_space: 'bt2020nc' },
    })
  }
  expect(await probed(playlist('video', '360p-h264'), ...fields)).toMatchObject({
    ...{ codec_name: 'h264', pix_fmt: 'yuv420p', color_transfer: 'bt709', nb_read_frames: '28' },
  })
  expect(await probed(mp4('1080p'), 'codec_tag_string')).toEqual({ codec_tag_string: 'hvc1' })
  expect(lines.filter((line) => /CODECS="hvc1\.2\.4\..*VIDEO-RANGE=PQ/.test(line))).toHaveLength(4)
  expect(lines.filter((line) => /CODECS="avc1\..*VIDEO-RANGE=SDR/.test(line))).toHaveLength(1)
})

it('av1 has every picture of a master of constant rate, beside H.264 on the same grid', async () => {
  const { lines, playlist } = await made(join(mastersFolder(), 'talking-head-av1-1080x720.mp4'), 'av1')
  for (const [id, codec_name] of Object.entries({ '360p': 'av1', '720p': 'av1', '360p-h264': 'h264' })) {
    expect(await probed(playlist('video', id), 'codec_name', 'pix_fmt', 'nb_read_frames')).toEqual({
      ...{ codec_name, pix_fmt: 'yuv420p', nb_read_frames: '30' },
    })
  }
  expect(lines.filter((line) => line.includes('CODECS="av01.0.'))).toHaveLength(3)
})

it('mobile halves 60 pictures a second and brings the sound to its loudness', async () => {
  const { lines, playlist } = await made(join(mastersFolder(), 'bunny-1080p60-surround51.mp4'), 'mobile')
  expect(await probed(playlist('video', '360p'), 'nb_read_frames', 'profile')).toEqual({
    ...{ nb_read_frames: '60', profile: 'Main' },
  })
  expect(lines.filter((line) => line.includes('FRAME-RATE=30.000'))).toHaveLength(4)
  expect(Math.abs((await loudnessLufs(playlist('audio', 'audio'))) + 16)).toBeLessThanOrEqual(1)
})

it('archive-4k offers 5.1 beside stereo, for each picture', async () => {
  const film51 = await film('surround.mkv', [{ channels: 6 }])
  const { lines, playlist } = await made(film51, 'archive-4k')
  expect(await probed(playlist('audio', 'surround'), 'channels')).toEqual({ channels: '6' })
  expect(await probed(playlist('audio', 'stereo'), 'channels')).toEqual({ channels: '2' })
  const groups = lines.flatMap((line) => /^#EXT-X-STREAM-INF.*AUDIO="(\w+)"/.exec(line)?.[1] ?? [])
  expect(groups[0]).toBe('stereo')
  expect([...groups].sort()).toEqual(['stereo', 'surround'])
})

it('every language of a master can be chosen, and is in the MP4', async () => {
  const languages = await film('languages.mkv', [
    { channels: 2, language: 'eng' },
    { channels: 1, language: 'fra' },
  ])
  const { lines, playlist, mp4 } = await made(languages, 'default')
  expect(lines.filter((line) => line.startsWith('#EXT-X-MEDIA'))).toEqual([
    expect.stringMatching(/NAME="English",LANGUAGE="en",DEFAULT=YES.*CHANNELS="2"/),
    expect.stringMatching(/NAME="French",LANGUAGE="fr",DEFAULT=NO.*CHANNELS="1"/),
  ])
  expect(await probed(playlist('audio', 'audio-fra'), 'channels')).toEqual({ channels: '1' })
  const words = ['-v', 'error', '-select_streams', 'a', '-show_entries', 'stream_tags=language', '-of', 'csv=p=0']
  expect((await runProgram('ffprobe', [...words, mp4('240p')])).stdout.trim().split('\n')).toEqual(['eng', 'fra'])
})

it('single channels are joined in pairs', async () => {
  const eight = await film(
    'eight.mkv',
    Array.from({ length: 8 }, () => ({ channels: 1 })),
  )
  const { lines, playlist } = await made(eight, 'audio-only')
  expect(lines.filter((line) => line.startsWith('#EXT-X-MEDIA'))).toHaveLength(8)
  expect(await probed(playlist('audio', 'high'), 'channels')).toEqual({ channels: '2' })
  expect(await probed(playlist('audio', 'high-4'), 'channels')).toEqual({ channels: '2' })
})

/** As a build without x265, which says so at once. */
function ffmpegWithoutHevc(): string {
  const script = join(folder, 'ffmpeg-without-hevc')
  const refuse = `case " $* " in *" libx265 "*) echo "[fatal] Unknown encoder 'libx265'" >&2; exit 1 ;; esac`
  writeFileSync(script, `#!/bin/sh\n${refuse}\nexec ffmpeg "$@"\n`, { mode: 0o755 })
  return script
}

it.each([
  ['optional', true],
  ['required', false],
])(
  'an ffmpeg without its encoder costs its place or the asset: the rung is %s',
  async (_, isOptional) => {
    const ladder = join(folder, `with-hevc-${String(isOptional)}.yaml`)
    const hevc = `{ id: hevc, shortSidePx: 180, codec: hevc, maxBitrateBps: 900_000, required: ${String(!isOptional)} }`
    writeFileSync(ladder, `name: x\nrungs:\n- { id: h264, shortSidePx: 180, maxBitrateBps: 900_000 }\n- ${hevc}\n`)
    const words = [await film(`no-hevc-${String(isOptional)}.mkv`, [{ channels: 2 }]), '--ladder', ladder]
    const out = join(folder, `no-hevc-${String(isOptional)}`)
    const product = startProduct([...words, '--out', out], {
      ...{ GANTRY_FFMPEG: ffmpegWithoutHevc(), GANTRY_RETRY_DELAY_MS: '10' },
    })
    const code = await product.ended
    const [published] = eventsOf(product.events, 'asset.published')
    if (!isOptional) {
      expect([code, published]).toEqual([1, undefined])
      expect(eventsOf(product.events, 'asset.failed')[0]?.data.message).toContain("Unknown encoder 'libx265'")
      return
    }
    expect(code).toBe(0)
    expect(published?.data.renditions).toEqual(['h264', 'audio'])
    expect(published?.data.warnings).toEqual([expect.stringMatching(/^the optional rung hevc is left out \(FFMPEG_/)])
    const home = dirname(published?.data.master ?? '')
    expect(readFileSync(join(home, 'master.m3u8'), 'utf8')).not.toContain('hevc')
    expect(existsSync(join(home, 'r1', 'mp4', 'h264.mp4'))).toBe(true)
    expect(existsSync(join(home, 'r1', 'mp4', 'hevc.mp4'))).toBe(false)
  },
  60_000,
)
