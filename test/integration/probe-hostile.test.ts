import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { servedObject } from '../../core/adapters/served-object'
import { probeArgs } from '../../media/containers'
import { openCanary, type Canary } from '../support/canary'
import { openHostile, picture, type Hostile } from '../support/hostile'
import { launcher, LIMITS } from '../support/launching'

let hostile: Hostile
let canary: Canary
beforeAll(async () => {
  hostile = await openHostile()
  canary = await openCanary()
})
afterAll(async () => {
  await hostile.close()
  await canary.close()
})

const hls = (origin: string): string => `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${origin}/0.ts\n#EXT-X-ENDLIST\n`
const mpd = (origin: string): string =>
  `<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S">` +
  `<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${origin}/a.mp4</BaseURL>` +
  `</Representation></AdaptationSet></Period></MPD>`
const sdp = (port: string): string =>
  `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`
const id3 = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

describe('probe: files that point elsewhere', () => {
  const lists: [string, (origin: string) => string | Uint8Array][] = [
    ['hls.mp4', hls],
    ['hls-child.mp4', (origin) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${origin}/child\n`],
    ['hls-key.mp4', (origin) => `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${origin}/key"\n#EXTINF:4,\n${origin}/0\n`],
    ['hls-file.mp4', () => '#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'],
    ['hls-bom.mp4', (origin) => `\ufeff\n ${hls(origin)}`],
    ['hls-id3.mp3', (origin) => Buffer.concat([id3, Buffer.from(hls(origin))])],
    ['dash.mp4', mpd],
    ['ffconcat.mp4', (origin) => `ffconcat version 1.0\nfile '${origin}/a.mp4'\n`],
    ['session.mp4', (origin) => sdp(new URL(origin).port)],
    ['smil.mp4', (origin) => `<smil><body><video src="${origin}/a.mp4"/></body></smil>`],
  ]

  it.each(lists)('refuses %s as a playlist and asks nobody', async (name, body) => {
    const before = canary.calls()
    expect(await hostile.code(await hostile.put(name, body(canary.origin)))).toBe('SOURCE_IS_PLAYLIST')
    expect(canary.calls()).toBe(before)
  })

  it('would see a request: ffprobe without guards makes one', async () => {
    const before = canary.calls()
    await runFfprobe('bare.m3u8', hls(canary.origin), [])
    expect(canary.calls()).toBeGreaterThan(before)
  })

  it.each(['mp4', 'matroska', 'mpegts', 'avi', 'mp3'] as const)(
    'asks nobody even if a playlist got past the sniffer as %s',
    async (container) => {
      const before = canary.calls()
      for (const [name, body] of lists) await runFfprobe(name, body(canary.origin), probeArgs(container))
      expect(canary.calls()).toBe(before)
    },
  )
})

async function runFfprobe(name: string, body: string | Uint8Array, guards: readonly string[]): Promise<void> {
  await hostile.put(name, body)
  const bytes = (await stat(join(hostile.folder, name))).size
  const served = await hostile.gateway.open(servedObject(hostile.store, { bucket: 'masters', key: name }, bytes))
  const argv = ['-v', 'error', ...guards, '-show_streams', served.url]
  const child = launcher.launch({ program: 'ffprobe', argv, folder: hostile.folder, limits: LIMITS, pipes: 0 })
  await Promise.all([text(child.stdout), text(child.stderr), child.exited])
  served.close()
}

describe('probe: files that are no media', () => {
  const noise = Buffer.from(
    Uint8Array.from({ length: 50_000 }, (_, at) => (Math.imul(at + 7, 2_654_435_761) >>> 13) & 255),
  )
  it.each<[string, string | Uint8Array, string]>([
    ['empty.mp4', '', 'SOURCE_EMPTY'],
    ['noise.mp4', noise, 'SOURCE_NOT_MEDIA'],
    ['archive.mp4', Buffer.concat([Buffer.from('PK\x03\x04'), noise]), 'SOURCE_NOT_MEDIA'],
    ['page.mp4', '<!DOCTYPE html><title>404</title>', 'SOURCE_NOT_MEDIA'],
    ['vector.mp4', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'SOURCE_IS_IMAGE'],
    [
      'ftyp-then-noise.mp4',
      Buffer.concat([Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom', 'latin1'), noise]),
      'SOURCE_TRUNCATED',
    ],
    ['riff-then-noise.avi', Buffer.concat([Buffer.from('RIFF\x10\0\0\0AVI ', 'latin1'), noise]), 'SOURCE_NO_STREAMS'],
    [
      'ebml-then-noise.mkv',
      Buffer.concat([Buffer.from('\x1aE\xdf\xa3\x8bB\x82\x88matroska', 'latin1'), noise]),
      'SOURCE_NO_STREAMS',
    ],
  ])('refuses %s', async (name, body, expected) => {
    expect(await hostile.code(await hostile.put(name, body))).toBe(expected)
  })

  it('refuses a picture', async () => {
    expect(await hostile.code(await hostile.make('still.png', [...picture('64x64'), '-frames:v', '1']))).toBe(
      'SOURCE_IS_IMAGE',
    )
  })

  it('refuses a master that is not there', async () => {
    expect(await hostile.code('gone.mp4')).toBe('SOURCE_NOT_FOUND')
  })
})
