/** Each rule of the gate on a right asset with one thing wrong, and the right asset itself. */
import { judgeAsset } from '../../media/gate/gate'
import { RULES, type RuleId } from '../../media/gate/rules'
import { DASH_PLANTS } from '../support/dash-plants'
import {
  beside,
  edit,
  HIGH,
  LOW,
  LOW_I_FRAMES,
  MASTER,
  measured,
  pictured,
  SOUND,
  TEXT,
  told,
  toldAsset,
  type ToldAsset,
} from '../support/gate-asset'

const replaced =
  (path: string, from: string | RegExp, to: string) =>
  (asset: ToldAsset): void =>
    edit(asset, path, (text) => text.replace(from, to))

type Wrong = [RuleId, string, (asset: ToldAsset) => void]

/** Of the lines of I-frame playlists. */
const inStreams = (from: string | RegExp, to: string) => (asset: ToldAsset) =>
  edit(asset, MASTER, (text) => text.replace(/#EXT-X-I-FRAME.*/, (line) => line.replace(from, to)))
const inIFrames = (from: string | RegExp, to: string) => replaced(LOW_I_FRAMES, from, to)

const WRONG_I_FRAMES: Wrong[] = [
  ['iframes-kind', 'I-frames that are segments', inIFrames('#EXT-X-I-FRAMES-ONLY\n', '')],
  ['iframes-kind', 'a variant that is for winding', replaced(LOW, '#EXT-X-MAP', '#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP')],
  ['iframes-kind', 'an I-frame playlist that is a variant', inStreams('iframes.m3u8', 'playlist.m3u8')],
  ['iframes-attributes', 'a picture rate', inStreams('RESOLUTION', 'FRAME-RATE=25.000,RESOLUTION')],
  ['iframes-attributes', 'a group', inStreams('RESOLUTION', 'AUDIO="audio",RESOLUTION')],
  ['tag-syntax', 'EXT-X-I-FRAMES-ONLY with a value', inIFrames('FRAMES-ONLY', 'FRAMES-ONLY:YES')],
  ['tag-syntax', 'a range that is none', inIFrames('20000@0', '20000-0')],
  ['tag-version', 'ranges in version 3', inIFrames('VERSION:7', 'VERSION:3')],
  ['attribute-missing', 'an I-frame playlist without a URI', inStreams(/,URI=.*/, '')],
  ['target-exceeded', 'I-frames that last longer than they may', inIFrames('DURATION:4', 'DURATION:3')],
  ['end-missing', 'I-frames without an end', inIFrames('#EXT-X-ENDLIST', '')],
  [
    'playlist-empty',
    'no I-frame',
    (asset) => edit(asset, LOW_I_FRAMES, (text) => text.replace(/#EXTINF[^]*\.m4s/, '')),
  ],
  ['uri-outside', 'I-frames of another asset', inStreams('URI="', 'URI="../')],
  ['object-missing', 'an I-frame playlist that is gone', ({ objects }) => objects.set(LOW_I_FRAMES, null)],
  [
    'object-missing',
    'an I-frame of no segment',
    (asset) => {
      inIFrames('1.m4s', 'gone.m4s')(asset)
      asset.objects.set(beside(LOW, 'gone.m4s'), null)
    },
  ],
  ['range-outside', 'an I-frame behind the end of its segment', inIFrames('20000@0\n1', '20000@280001\n1')],
  [
    'record-differs',
    'recorded I-frames that nobody names',
    (asset) => {
      asset.expected = { renditions: [], iFrames: ['r1/video/9p/iframes.m3u8'] }
    },
  ],
  ['init-missing', 'I-frames without init segment', inIFrames(/#EXT-X-MAP.*\n/, '')],
  [
    'iframes-start',
    'a range in the middle of a fragment',
    ({ iFrames }) => iFrames.get(LOW_I_FRAMES)?.pictures.fill({ fault: 'start', message: 'none' }, 1, 2),
  ],
  [
    'iframes-cut',
    'a range within the tables',
    ({ iFrames }) => iFrames.get(LOW_I_FRAMES)?.pictures.fill({ fault: 'cut', message: 'cut' }, 1, 2),
  ],
  ['iframes-cut', 'a range that ends in the picture', inIFrames('20000@0\n1', '19999@0\n1')],
  ['iframes-keyframe', 'no keyframe', (asset) => pictured(asset, LOW_I_FRAMES, 1, { isKeyframe: false })],
  ['iframes-order', 'I-frames in another order', (asset) => pictured(asset, LOW_I_FRAMES, 1, { startSeconds: 9 })],
  ['iframes-order', 'an I-frame twice', inIFrames('1.m4s', '0.m4s')],
  ['iframes-duration', 'EXTINF that is too short', inIFrames('EXTINF:4.000', 'EXTINF:3.800')],
  [
    'iframes-length',
    'I-frames of a part',
    (asset) => edit(asset, LOW_I_FRAMES, (text) => text.replace('F:2.0', 'F:1.0')),
  ],
  ['iframes-bandwidth', 'BANDWIDTH far too low', inStreams(/:BANDWIDTH=\d+/, ':BANDWIDTH=30000')],
  ['iframes-bandwidth', 'BANDWIDTH of the variant', inStreams(/:BANDWIDTH=\d+/, ':BANDWIDTH=928000')],
  ['iframes-bandwidth', 'AVERAGE-BANDWIDTH doubled', inStreams(/AVERAGE-BANDWIDTH=\d+/, 'AVERAGE-BANDWIDTH=96000')],
  ['codecs-missing', 'I-frames without CODECS', inStreams(/CODECS="[^"]*",/, '')],
  ['codecs-differ', 'I-frames of another level', inStreams('avc1.64001e', 'avc1.640029')],
  ['resolution-differs', 'I-frames of another size', inStreams('640x360', '640x362')],
  ['resolution-missing', 'I-frames without a size', inStreams('RESOLUTION=640x360,', '')],
  ['range-differs', 'I-frames of another transfer', inStreams('RESOLUTION', 'VIDEO-RANGE=PQ,RESOLUTION')],
  ['iframes-variant', 'I-frames of a size that no variant has', inStreams('640x360', '160x90')],
  ['iframes-sound', 'I-frames with sound', inStreams('avc1.64001e', 'avc1.64001e,mp4a.40.2')],
  [
    'media-unmeasured',
    'I-frames that nobody measured',
    ({ iFrames }) => iFrames.get(LOW_I_FRAMES)?.pictures.fill(null),
  ],
]

const WRONG: Wrong[] = [
  ...WRONG_I_FRAMES,
  ['playlist-header', 'another first line', replaced(LOW, '#EXTM3U', '#EXTM4U')],
  ['playlist-header', 'a second EXTM3U', replaced(LOW, '#EXT-X-ENDLIST', '#EXTM3U\n#EXT-X-ENDLIST')],
  ['playlist-text', 'a NUL', replaced(LOW, '#EXT-X-ENDLIST', '#EXT-X-ENDLIST\u0000')],
  ['playlist-text', 'a byte order mark', replaced(LOW, '#EXTM3U', '\ufeff#EXTM3U')],
  ['playlist-text', 'bytes that are not UTF-8', replaced(MASTER, 'NAME="English"', 'NAME="Engl\ufffdsh"')],
  ['playlist-limit', 'more lines than are read', (asset) => edit(asset, LOW, (text) => text + '\n'.repeat(200_001))],
  ['playlist-limit', 'more bytes than are read', (asset) => edit(asset, LOW, (text) => text + ' '.repeat(9e6))],
  ['playlist-kind', 'a tag of the other kind', replaced(LOW, '#EXT-X-ENDLIST', '#EXT-X-MEDIA:A=B\n#EXT-X-ENDLIST')],
  ['playlist-kind', 'a variant that is the master', replaced(MASTER, LOW, MASTER)],
  ['playlist-empty', 'no segment', (asset) => edit(asset, LOW, (text) => text.replace(/#EXTINF.*\n.*\n/g, ''))],
  ['playlist-empty', 'no variant', (asset) => edit(asset, MASTER, (text) => text.replace(/#EXT-X-STR.*\n.*\n/g, ''))],
  ['tag-syntax', 'EXTINF without a number', replaced(LOW, '#EXTINF:4', '#EXTINF:x')],
  ['tag-syntax', 'EXTINF without a comma', replaced(LOW, '#EXTINF:4.000000,', '#EXTINF:4.000000')],
  ['tag-syntax', 'a playlist type that is none', replaced(LOW, 'TYPE:VOD', 'TYPE:DVD')],
  ['tag-syntax', 'a value where there is none', replaced(LOW, 'ENDLIST', 'ENDLIST:1')],
  ['tag-syntax', 'a URI that is none', replaced(LOW, '1.m4s', '%zz.m4s')],
  ['tag-duplicate', 'two target durations', replaced(LOW, '#EXTINF', '#EXT-X-TARGETDURATION:4\n#EXTINF')],
  ['tag-dangling', 'EXTINF without a URI', replaced(LOW, '1.m4s\n', '')],
  ['tag-dangling', 'a URI without EXTINF', replaced(LOW, '#EXTINF:4.000000,\n1', '1')],
  ['tag-dangling', 'a variant without a URI', replaced(MASTER, `\n${LOW}`, '')],
  ['tag-version', 'EXT-X-MAP in version 3', replaced(LOW, 'VERSION:7', 'VERSION:3')],
  ['tag-unknown', 'a tag of nobody', replaced(LOW, '#EXTINF', '#EXT-X-NOBODY\n#EXTINF')],
  ['attribute-syntax', 'an open quote', replaced(MASTER, 'NAME="English"', 'NAME="English')],
  ['attribute-duplicate', 'two names', replaced(MASTER, 'NAME="English"', 'NAME="English",NAME="E"')],
  ['attribute-missing', 'no BANDWIDTH', replaced(MASTER, /BANDWIDTH=\d+,/, '')],
  ['attribute-missing', 'no NAME', replaced(MASTER, 'NAME="English",', '')],
  ['attribute-missing', 'no URI of the init segment', replaced(LOW, 'URI="init.mp4"', 'A=1')],
  ['attribute-value', 'a number in quotes', replaced(MASTER, /BANDWIDTH=(\d+)/, 'BANDWIDTH="$1"')],
  ['attribute-value', 'a default that is no choice', replaced(MASTER, 'YES,AUTOSELECT=YES', 'YES,AUTOSELECT=NO')],
  ['attribute-value', 'a size that is none', replaced(MASTER, '640x360', '640')],
  ['target-missing', 'no target duration', replaced(LOW, '#EXT-X-TARGETDURATION:4\n', '')],
  ['target-exceeded', 'a target duration that is too short', replaced(LOW, 'DURATION:4', 'DURATION:3')],
  ['target-uneven', 'another target duration', replaced(LOW, 'DURATION:4', 'DURATION:5')],
  ['end-missing', 'no end', replaced(LOW, '#EXT-X-ENDLIST', '')],
  ['type-missing', 'no type', replaced(LOW, '#EXT-X-PLAYLIST-TYPE:VOD\n', '')],
  ['sequence-uneven', 'another first number', replaced(LOW, 'SEQUENCE:0', 'SEQUENCE:1')],
  [
    'independent-missing',
    'independent segments that nobody is told of',
    (asset) => [MASTER, LOW, HIGH].forEach((path) => replaced(path, '#EXT-X-INDEPENDENT-SEGMENTS\n', '')(asset)),
  ],
  ['group-unknown', 'a group without rendition', replaced(MASTER, 'AUDIO="audio"', 'AUDIO="music"')],
  [
    'group-unused',
    'a group that nobody names',
    (asset) => edit(asset, MASTER, (text) => text.replaceAll(',SUBTITLES="captions"', '')),
  ],
  ['group-names', 'one name twice', replaced(MASTER, /(#EXT-X-MEDIA:TYPE=AUDIO.*)/, '$1\n$1')],
  [
    'group-uneven',
    'groups of other names',
    (asset) => {
      replaced(MASTER, /(#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=")audio(.*NAME=")English(.*)/, '$&\n$1two$2Deutsch$3')(asset)
      replaced(MASTER, /AUDIO="audio"(?=.*\n.*720p)/, 'AUDIO="two"')(asset)
    },
  ],
  ['variant-duplicate', 'a variant twice', replaced(MASTER, /(#EXT-X-STREAM-INF.*\n.*\n)/, '$1$1')],
  ['uri-outside', 'a step out of the asset', replaced(LOW, '1.m4s', '../../../../1.m4s')],
  ['uri-outside', 'an absolute path', replaced(LOW, '1.m4s', '/etc/passwd')],
  ['uri-outside', 'a step out in other letters', replaced(LOW, '1.m4s', '%2e%2e/../../../../1.m4s')],
  ['uri-absolute', 'another server', replaced(LOW, '1.m4s', 'http://127.0.0.1/1.m4s')],
  ['uri-absolute', 'another server by a short form', replaced(LOW, '1.m4s', '//example.org/1.m4s')],
  ['object-missing', 'a segment that is gone', ({ objects }) => objects.set(beside(LOW, '1.m4s'), null)],
  [
    'object-missing',
    'a recorded object that is gone',
    ({ objects, recorded }) => {
      recorded.set('mp4/720p.mp4', { bytes: 3 })
      objects.set('mp4/720p.mp4', null)
    },
  ],
  ['object-size', 'an empty segment', ({ objects }) => objects.set(beside(LOW, '1.m4s'), { bytes: 0 })],
  ['object-size', 'another size than recorded', ({ recorded }) => recorded.set(beside(LOW, '1.m4s'), { bytes: 3 })],
  [
    'object-checksum',
    'other bytes than recorded',
    ({ objects, recorded }) => {
      objects.set(beside(LOW, '1.m4s'), { bytes: 300_000, sha256: 'aa' })
      recorded.set(beside(LOW, '1.m4s'), { bytes: 300_000, sha256: 'bb' })
    },
  ],
  ['range-outside', 'a range behind the end', replaced(LOW, '1.m4s', '#EXT-X-BYTERANGE:300001@0\n1.m4s')],
  ['range-outside', 'a range without a place', replaced(LOW, '1.m4s', '#EXT-X-BYTERANGE:30\n1.m4s')],
  ['segment-repeated', 'a segment twice', replaced(LOW, '1.m4s', '0.m4s')],
  [
    'record-differs',
    'a recorded rendition that nobody names',
    (asset) => {
      asset.expected = { renditions: [{ playlist: 'r1/audio/de/playlist.m3u8', kind: 'audio' }], iFrames: [] }
    },
  ],
  [
    'record-differs',
    'fewer segments than recorded',
    (asset) => {
      asset.expected = { renditions: [{ playlist: LOW, kind: 'video', segments: 4 }], iFrames: [] }
    },
  ],
  [
    'record-differs',
    'fewer pictures than recorded',
    (asset) => {
      asset.expected = { renditions: [{ playlist: LOW, kind: 'video', segments: 3, samples: 251 }], iFrames: [] }
    },
  ],
  ['init-missing', 'no init segment', replaced(LOW, /#EXT-X-MAP.*\n/, '')],
  [
    'init-unreadable',
    'a broken init segment',
    ({ media }) => {
      media.get(LOW)?.inits.set(beside(LOW, 'init.mp4'), { fault: 'the box moov is missing' })
    },
  ],
  [
    'init-differs',
    'another codec in the middle',
    (asset) => {
      replaced(LOW, '#EXTINF:2', '#EXT-X-MAP:URI="b.mp4"\n#EXTINF:2')(asset)
      const tracks = [{ kind: 'video' as const, codec: 'hvc1.1.6.L93.B0', timescaleHz: 90_000 }]
      asset.media.get(LOW)?.inits.set(beside(LOW, 'b.mp4'), { tracks })
    },
  ],
  ['init-kind', 'a sound that is a picture', (asset) => told(asset, SOUND, { kind: 'video' })],
  ['segment-unreadable', 'a cut segment', ({ media }) => (media.get(LOW)?.segments ?? []).fill({ fault: 'cut' }, 1, 2)],
  ['segment-decode', 'a complaint of the decoder', (asset) => measured(asset, LOW, 1, { complaint: 'error' })],
  ['segment-keyframe', 'no keyframe', (asset) => measured(asset, LOW, 1, { startsWithKeyframe: false })],
  ['segment-text', 'a text that is none', ({ media }) => (media.get(TEXT)?.segments ?? []).fill({ text: 'x' }, 0, 1)],
  [
    'segment-order',
    'segments that were changed round',
    (asset) => {
      measured(asset, SOUND, 1, { startSeconds: 18, endSeconds: 20, decodeStartSeconds: 18, decodeEndSeconds: 20 })
      measured(asset, SOUND, 2, { startSeconds: 14, endSeconds: 18, decodeStartSeconds: 14, decodeEndSeconds: 18 })
    },
  ],
  ['duration-segment', 'EXTINF half a second too short', replaced(LOW, 'EXTINF:4', 'EXTINF:3.5,\n#')],
  ['duration-segment', 'EXTINF a quarter too long', replaced(LOW, 'EXTINF:4.000000', 'EXTINF:4.25')],
  ['duration-sum', 'EXTINF 0.05 s too long', replaced(LOW, 'EXTINF:4.000000', 'EXTINF:4.05')],
  ['timeline-gap', 'a gap in the sound', (asset) => measured(asset, SOUND, 0, { decodeEndSeconds: 13.9 })],
  ['timeline-overlap', 'an overlap', (asset) => measured(asset, LOW, 0, { decodeEndSeconds: 14.5 })],
  [
    'discontinuity-missing',
    'a jump of an hour',
    (asset) => {
      measured(asset, SOUND, 2, { startSeconds: 3_618, endSeconds: 3_620, decodeStartSeconds: 3_618 })
    },
  ],
  ['discontinuity-needless', 'a break that is none', replaced(LOW, '#EXTINF:2', '#EXT-X-DISCONTINUITY\n#EXTINF:2')],
  ['discontinuity-uneven', 'a break in one rung', replaced(LOW, '#EXTINF:2', '#EXT-X-DISCONTINUITY\n#EXTINF:2')],
  ['grid-differs', 'a rung 3 ms late', (asset) => measured(asset, LOW, 1, { startSeconds: 14.003 })],
  ['grid-differs', 'a rung of fewer segments', replaced(LOW, /#EXTINF:2.*\n.*\n/, '')],
  ['frames-differ', 'a picture less', (asset) => measured(asset, LOW, 1, { samples: 99 })],
  ['bandwidth-low', 'BANDWIDTH halved', replaced(MASTER, /:BANDWIDTH=\d+/, ':BANDWIDTH=464000')],
  ['bandwidth-high', 'BANDWIDTH an eighth too high', replaced(MASTER, /:BANDWIDTH=\d+/, ':BANDWIDTH=1044000')],
  [
    'bandwidth-average',
    'AVERAGE-BANDWIDTH halved',
    replaced(MASTER, /AVERAGE-BANDWIDTH=\d+/, 'AVERAGE-BANDWIDTH=384000'),
  ],
  ['bandwidth-average-missing', 'no AVERAGE-BANDWIDTH', replaced(MASTER, /AVERAGE-BANDWIDTH=\d+,/, '')],
  ['codecs-missing', 'no CODECS', replaced(MASTER, /CODECS="[^"]*",/, '')],
  ['codecs-differ', 'another level', replaced(MASTER, 'avc1.64001e', 'avc1.640029')],
  ['codecs-differ', 'CODECS without sound', replaced(MASTER, ',mp4a.40.2', '')],
  ['resolution-differs', 'another size', replaced(MASTER, '640x360', '640x362')],
  ['resolution-missing', 'no size', replaced(MASTER, 'RESOLUTION=640x360,', '')],
  ['rate-low', 'a rate that is too low', replaced(MASTER, 'RATE=25.000', 'RATE=24.000')],
  ['rate-high', 'a rate that is too high', replaced(MASTER, 'RATE=25.000', 'RATE=30.000')],
  ['rate-missing', 'no rate', replaced(MASTER, 'FRAME-RATE=25.000,', '')],
  ['range-differs', 'PQ that nobody is told of', (asset) => told(asset, LOW, { range: 'PQ' })],
  [
    'sound-missing',
    'a sound that is not offered',
    (asset) => {
      edit(asset, MASTER, (text) => text.replace(/#EXT-X-MEDIA:TYPE=AUDIO.*\n/, '').replaceAll('AUDIO="audio",', ''))
    },
  ],
  ['sound-length', 'sound that ends early', replaced(SOUND, /#EXTINF:2.*\n.*\n/, '')],
  ['sound-start', 'sound that comes late', (asset) => measured(asset, SOUND, 0, { startSeconds: 10.2 })],
  ['sound-channels', 'another count of channels', replaced(MASTER, 'CHANNELS="2"', 'CHANNELS="6"')],
  ['captions-length', 'a text of half the length', replaced(TEXT, /#EXTINF:4(.*\n.*\n)/g, '#EXTINF:1$1')],
  ['media-unmeasured', 'segments that nobody measured', ({ media }) => (media.get(LOW)?.segments ?? []).fill(null)],
]

describe('the gate', () => {
  it('finds nothing in a right asset', () => {
    expect(judgeAsset(toldAsset())).toEqual([])
  })

  it.each(WRONG)('finds by %s: %s', (rule, _, change) => {
    const asset = toldAsset()
    change(asset)
    const found = judgeAsset(asset)
    expect(found).toContainEqual(expect.objectContaining({ rule, ...{ severity: RULES[rule].severity } }))
  })

  it('lets I-frames say that they have no captions, and leave the last one out of their peak', () => {
    const asset = toldAsset()
    inStreams('RESOLUTION', 'CLOSED-CAPTIONS=NONE,RESOLUTION')(asset)
    inStreams(/:BANDWIDTH=\d+/, ':BANDWIDTH=40000')(asset)
    expect(judgeAsset(asset)).toEqual([])
  })

  it('has a test of each rule', () => {
    // Those on MPDs are planted into a real asset: test/integration/gate-dash.test.ts.
    const tested = new Set<string>([...WRONG.map(([rule]) => rule), ...DASH_PLANTS.map(({ rule }) => rule)])
    expect(Object.keys(RULES).filter((rule) => !tested.has(rule))).toEqual([])
  })

  it('names each finding of a repeated fault up to a number, then how many more', () => {
    const asset = toldAsset()
    edit(asset, LOW, (text) => text.replace('#EXTINF', `${'#EXT-X-NOBODY\n'.repeat(1_000)}#EXTINF`))
    const found = judgeAsset(asset)
    expect(found).toHaveLength(26)
    expect(found.at(-1)?.message).toBe('and 975 more')
  })

  it('does not look for the peak of more segments than any title has within a target duration', () => {
    const asset = toldAsset()
    const entry = `#EXTINF:0.000001,\n0.m4s\n`
    edit(asset, LOW, (text) => text.replace('#EXTINF', `${entry.repeat(90_000)}#EXTINF`))
    expect(judgeAsset(asset).map(({ rule }) => rule)).toContain('segment-repeated')
  })
})
