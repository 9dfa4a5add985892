import { writeMpd, type AdaptationSet, type AudioSet, type TextSet, type VideoSet } from '../../media/dash/mpd'
import { segmentTimes } from '../../media/dash/segment-timeline'
import { readMpdText } from '../support/reading/mpd'

const MISUSE = expect.objectContaining({ code: 'QUEUE_INTERNAL' })

const segments = {
  ...{ folder: 'r1/video/720p', timescaleHz: 90_000, offsetTicks: 900_000, init: 'init-a.mp4' },
  uris: ['0000-a/00000.m4s', '0001-b/00001.m4s'],
  times: { startTicks: 900_000, durations: [360_360, 90_090] },
}
const rung = {
  ...{ id: 'video-720p', bandwidthBps: 3_000_001, codec: 'avc1.64001f', segments },
  ...{ widthPx: 1280, heightPx: 720, fps: { num: 30_000, den: 1_001 } },
}
const video = (more: Partial<VideoSet> = {}): VideoSet => ({
  ...{ kind: 'video', range: 'sdr', representations: [rung] },
  ...more,
})
const audio = (more: Partial<AudioSet> = {}): AudioSet => ({
  ...{ kind: 'audio', role: 'main', channels: 2, sampleRateHz: 48_000 },
  representations: [{ id: 'audio-a', bandwidthBps: 128_000, codec: 'mp4a.40.2', segments }],
  ...more,
})
const text = (more: Partial<TextSet> = {}): TextSet => ({
  ...{ kind: 'text', isForced: false, isForDeaf: false, id: 'captions-en', bandwidthBps: 29 },
  uri: 'r1/captions/en/captions.vtt',
  ...more,
})
const write = (...sets: AdaptationSet[]): string => writeMpd({ durationSeconds: 5.005, sets })
const only = (...sets: AdaptationSet[]) => {
  const [first] = readMpdText(write(...sets)).representations
  if (first === undefined) throw new Error('no Representation')
  return first
}

describe('writeMpd', () => {
  it('writes a Period that is finished, with a time and a name for each segment', () => {
    expect(write(video())).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static"' +
          ' mediaPresentationDuration="PT5.005S" maxSegmentDuration="PT4.004S" minBufferTime="PT4.004S">',
        '  <Period id="1" start="PT0S">',
        '    <AdaptationSet id="1" contentType="video" mimeType="video/mp4" par="16:9" maxWidth="1280" maxHeight="720"' +
          ' maxFrameRate="30000/1001" segmentAlignment="true" startWithSAP="1">',
        '      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>',
        '      <Representation id="video-720p" bandwidth="3000001" codecs="avc1.64001f" width="1280" height="720"' +
          ' sar="1:1" frameRate="30000/1001">',
        '        <BaseURL>r1/video/720p/</BaseURL>',
        '        <SegmentList timescale="90000" presentationTimeOffset="900000">',
        '          <Initialization sourceURL="init-a.mp4"/>',
        '          <SegmentTimeline>',
        '            <S t="900000" d="360360"/>',
        '            <S d="90090"/>',
        '          </SegmentTimeline>',
        '          <SegmentURL media="0000-a/00000.m4s"/>',
        '          <SegmentURL media="0001-b/00001.m4s"/>',
        '        </SegmentList>',
        '      </Representation>',
        '    </AdaptationSet>',
        '  </Period>',
        '</MPD>',
        '',
      ].join('\n'),
    )
  })

  it('tells the aspect that rounded sizes mean', () => {
    const small = { ...rung, id: 'video-240p', widthPx: 426, heightPx: 240 }
    expect(only(video({ representations: [small, rung] })).attributes).toMatchObject({ par: '16:9', maxWidth: '1280' })
    expect(only(video({ representations: [small] })).attributes).toMatchObject({ par: '71:40', maxHeight: '240' })
  })

  it('says what a set is for: language, role, channels, and who needs the text', () => {
    const sound = only(audio({ language: 'pt-BR', label: 'Português', role: 'alternate', channels: 6 }))
    expect(sound).toMatchObject({ language: 'pt-BR', labels: ['Português'], roles: ['alternate'] })
    expect(sound.properties).toEqual(['ChannelConfiguration 6'])
    expect(sound.attributes).toMatchObject({ audioSamplingRate: '48000', mimeType: 'audio/mp4' })
    expect(only(text({ language: 'en' })).roles).toEqual(['subtitle'])
    expect(only(text({ isForced: true })).roles).toEqual(['forced-subtitle'])
    const deaf = only(text({ isForDeaf: true }))
    expect([deaf.roles, deaf.properties]).toEqual([['caption'], ['2007 2']])
    expect(deaf.segments).toEqual([expect.objectContaining({ path: 'r1/captions/en/captions.vtt' })])
  })

  it.each([
    { range: 'sdr' as const, properties: [] },
    {
      range: 'pq' as const,
      properties: ['ColourPrimaries 9', 'MatrixCoefficients 9', 'TransferCharacteristics 16'],
    },
    {
      range: 'hlg' as const,
      properties: [
        ...['ColourPrimaries 9', 'MatrixCoefficients 9', 'TransferCharacteristics 14'],
        'TransferCharacteristics 18',
      ],
    },
  ])('tells the colour of $range', ({ range, properties }) => {
    expect(only(video({ range })).properties).toEqual(properties)
  })

  it.each(['<script>', 'a & b', '"]]>\'', '</Label><Evil/>', 'עברית 日本語 🎬', '&lt;', '&#0;', '<!--'])(
    'keeps the label %s as it is, and it stays a label',
    (label) => {
      const { representations } = readMpdText(write(video(), audio({ label }), text({ label })))
      expect(representations.map(({ labels }) => labels)).toEqual([[], [label], [label]])
    },
  )

  it.each(['\0', 'a\nb', '\ud800', '\uffff', 'a\u0085b'])('refuses a label that XML cannot hold: %j', (label) => {
    expect(() => write(audio({ label }))).toThrow(MISUSE)
  })

  it.each<[string, () => unknown]>([
    ['nothing at all', () => write()],
    ['one id twice', () => write(text(), text())],
    ['a codec that is none', () => write(audio({ representations: [{ ...rung, codec: 'a"b' }] }))],
    ['a name out of the folder', () => write(text({ uri: '../a.vtt' }))],
    ['a name on another server', () => write(text({ uri: 'https://a/b.vtt' }))],
    ['a segment without a time', () => write(video({ representations: [{ ...rung, segments: untimed }] }))],
    ['a duration of nothing', () => writeMpd({ durationSeconds: 0, sets: [video()] })],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(MISUSE)
  })
})

const untimed = { ...segments, times: { startTicks: 0, durations: [1] } }

describe('segmentTimes', () => {
  it('lets a segment last until the next one begins, also over a hole, and the last one until its end', () => {
    const stored = [
      { startTicks: 100, endTicks: 200 },
      { startTicks: 350, endTicks: 400 },
      { startTicks: 400, endTicks: 460 },
    ]
    expect(segmentTimes(stored)).toEqual({ startTicks: 100, durations: [250, 50, 60] })
  })
})
