import { readdir } from 'node:fs/promises'
import { servedObject } from '../../core/adapters/served-object'
import { inputArgs } from '../../media/containers'
import { launcher, LIMITS } from '../support/launching'
import { mastersFolder, readMasters, type Master } from '../support/masters'
import { openProbing, type Probing } from '../support/probing'
import { text } from 'node:stream/consumers'

/** The list describes the first track; these masters have several, and another one or the default one is chosen. */
const CHOSEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nasa-13s-multi-video-multi-audio-movtext.mp4': { size: '480x270', fps_avg: '30000/1001', decoded_frames: '390' },
  'audio-only-aac-stereo-plus-ac3-51.mp4': { audio: 'aac 2ch 48000Hz' },
}

const masters = readMasters().map((master) => ({ ...master, ...CHOSEN[master.file] }))
const accepted = masters.filter((master) => master.expected === 'ok')
const rejected = masters.filter((master) => master.expected !== 'ok')

let probing: Probing
beforeAll(async () => {
  probing = await openProbing(mastersFolder())
})
afterAll(() => probing.close())

const CONTAINERS: Readonly<Record<string, string>> = {
  'mov,mp4,m4a,3gp,3g2,mj2': 'mp4',
  'matroska,webm': 'matroska',
  avi: 'avi',
  mpeg: 'mpegps',
}

const ratio = (figure = '', separator: string): number => {
  const [num, den] = figure.split(separator).map(Number)
  return num !== undefined && den !== undefined && den > 0 ? num / den : 1
}

/** The picture as the list of masters has it. */
function expectedPicture(master: Master): Record<string, unknown> | null {
  if (master['video_streams'] === '0') return null
  const [width = 0, height = 0] = (master['size'] ?? '').split('x').map(Number)
  const shown = [Math.round(width * ratio(master['sar'], ':')), height]
  const clockwise = (360 - Number(master['rotation'])) % 360
  const [displayWidthPx, displayHeightPx] = clockwise % 180 === 90 ? [shown[1], shown[0]] : shown
  return {
    codec: master['video_codec']?.split(' ')[0],
    ...{ codedWidthPx: width, codedHeightPx: height, displayWidthPx, displayHeightPx },
    rotationDegrees: clockwise,
    bitDepth: Number(/p(10)le$/.exec(master['pix_fmt'] ?? '')?.[1] ?? 8),
    transfer: master['transfer'] === 'smpte2084' ? 'pq' : 'sdr',
    fullRange: master['tags']?.includes('full-range'),
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(master['field_order'] ?? ''),
  }
}

/** All default tracks: the most channels, then the first. */
function expectedSound(master: Master): Record<string, unknown> | null {
  const tracks = [...(master['audio'] ?? '').matchAll(/(\w+) (\d+)ch (\d+)Hz/g)].map(([, codec, channels, rate]) => ({
    codec,
    channels: Number(channels),
    sampleRateHz: Number(rate),
  }))
  return tracks.sort((a, b) => b.channels - a.channels)[0] ?? null
}

describe('probe: real masters', () => {
  it.each(accepted.map((master) => [master.file, master] as const))('%s', async (file, master) => {
    const facts = await probing.probe(file)
    expect(facts).toMatchObject({ container: CONTAINERS[master['container'] ?? ''], bytes: Number(master['bytes']) })
    expect(facts.durationSeconds).toBeCloseTo(Number(master['duration_s']), 5)
    const picture = expectedPicture(master)
    const sound = expectedSound(master)
    if (picture === null) expect(facts.video).toBeNull()
    else expect(facts.video).toMatchObject(picture)
    if (sound === null) expect(facts.audio).toBeNull()
    else expect(facts.audio).toMatchObject(sound)
  })

  it.each(accepted.filter((master) => master['fps_avg'] !== '-').map((master) => [master.file, master] as const))(
    'gives %s a believable rate',
    async (file, master) => {
      const { video } = await probing.probe(file)
      const average = ratio(master['fps_avg'], '/')
      const believed = average > 240 ? ratio(master['fps_r'], '/') : average
      expect((video?.fps.num ?? 0) / (video?.fps.den ?? 1) / believed).toBeCloseTo(1, 3)
    },
  )

  it.each([
    ['rooftops-360p30-17s.mp4', { num: 30, den: 1 }],
    ['iphone-portrait-rotated90-audio-first.mov', { num: 30_000, den: 1_001 }],
    ['tree-cinepak-15fps-30s-no-audio.avi', { num: 15, den: 1 }],
    ['talking-head-srt-ac3.mkv', { num: 60, den: 1 }],
    ['rooftops-hevc-10bit-hdr10-pq-1080p.mp4', { num: 140_000, den: 5_087 }],
  ])('gives %s the rate it was made at', async (file, fps) => {
    expect((await probing.probe(file)).video?.fps).toEqual(fps)
  })

  it('drops data tracks and second tracks, each with a reason', async () => {
    const camera = await probing.probe('gopro-max-480p30-10s-data-tracks.mp4')
    expect(camera.dropped.map(({ kind, codec }) => `${kind} ${codec}`)).toEqual([
      'data tmcd',
      'data bin_data',
      'data fdsc',
    ])
    const many = await probing.probe('nasa-13s-multi-video-multi-audio-movtext.mp4')
    expect(many.video?.streamIndex).toBe(3)
    expect(many.audio?.streamIndex).toBe(1)
    expect(many.dropped.map(({ streamIndex, kind }) => `${streamIndex} ${kind}`)).toEqual(['0 video', '4 audio'])
    expect(many.captions.map(({ streamIndex, codec }) => `${streamIndex} ${codec}`)).toEqual([
      '2 mov_text',
      '5 mov_text',
    ])
    expect([...camera.dropped, ...many.dropped].every(({ reason }) => reason.length > 5)).toBe(true)
  })

  const CODES: Readonly<Record<string, string>> = {
    'broken-no-moov.mp4': 'SOURCE_TRUNCATED',
    'flv-header-only-13-bytes.flv': 'SOURCE_NO_STREAMS',
    'hls-playlist-renamed.mp4': 'SOURCE_IS_PLAYLIST',
  }
  it.each(rejected.map(({ file }) => file))('refuses %s', async (file) => {
    await expect(probing.probe(file)).rejects.toMatchObject({ code: CODES[file], retryable: false })
  })

  it('leaves nothing in the scratch folder', async () => {
    await probing.probe('butterfly-720p30-aac.mp4')
    expect(await readdir(probing.scratch)).toEqual([])
  })
})

describe('the guards of ffmpeg', () => {
  it.each(accepted.map((master) => [master.file, master] as const))(
    'decode %s to the last picture',
    async (file, master) => {
      const facts = await probing.probe(file)
      const at = { bucket: 'masters', key: file }
      const served = await probing.gateway.open(servedObject(probing.store, at, facts.bytes))
      const tracks = [facts.video, facts.audio].filter((track) => track !== null)
      const maps = tracks.flatMap((track) => ['-map', `0:${track.streamIndex}`])
      const output = ['-fps_mode', 'passthrough', '-progress', 'pipe:1', '-f', 'null', '-']
      const argv = ['-v', 'level+error', ...inputArgs(facts.container), '-i', served.url, ...maps, ...output]
      const child = launcher.launch({ program: 'ffmpeg', argv, folder: probing.scratch, limits: LIMITS, pipes: 0 })
      const [progress, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited])
      served.close()
      expect(exit.code).toBe(0)
      expect(errors).not.toContain('whitelist')
      expect(served.failure()).toBeNull()
      const frames = [...progress.matchAll(/^frame=(\d+)$/gm)].at(-1)?.[1]
      expect(frames ?? '-').toBe(master['decoded_frames'])
    },
  )
})
