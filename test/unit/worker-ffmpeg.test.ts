import type { AudioJob } from '../../core/contract/job'
import { audioCommand } from '../../worker/ffmpeg/audio-args'
import { classifyFailure, isDecodeWarning } from '../../worker/ffmpeg/classify'
import { ffmpegWords } from '../../worker/ffmpeg/command'
import { progressReader } from '../../worker/ffmpeg/progress'
import { videoPieceCommand } from '../../worker/ffmpeg/video-args'
import { pieceJob, rung } from '../support/builders'

const input = { url: 'http://127.0.0.1:1/abc', options: ['-f', 'mov'] }

describe('videoPieceCommand', () => {
  it('is one decode with one output a rung, word for word', () => {
    expect(ffmpegWords(videoPieceCommand(pieceJob({ rungs: [rung('360p', 360)] }), input, null))).toEqual([
      ...['-f', 'mov', '-i', 'http://127.0.0.1:1/abc', '-filter_complex'],
      "[0:0]settb=1/90000,setpts='round((if(eq(N,0),0,st(0,round((T-STARTT)*25/1)/(25/1));" +
        "if(lt(abs(T-STARTT-ld(0)),0.0011),STARTT+ld(0),T)))/TB)',split=1[s0];" +
        '[s0]scale=640:360:flags=bicubic:out_range=tv,setsar=1,format=yuv420p[v0]',
      ...['-map', '[v0]', '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high'],
      ...['-crf', '23', '-maxrate', '1000000', '-bufsize', '2000000', '-g', '100000', '-sc_threshold', '0'],
      ...['-forced-idr', '1', '-force_key_frames'],
      'expr:if(isnan(prev_forced_t),1,gt(floor((t+0.020000000)/2.000000000),floor((prev_forced_t+0.020000000)/2.000000000)))',
      ...['-fps_mode', 'vfr', '-enc_time_base', '1:90000', '-video_track_timescale', '90000'],
      ...['-output_ts_offset', '10.000000', '-map_metadata', '-1', '-map_chapters', '-1'],
      ...['-f', 'mp4', '-movflags', 'frag_keyframe+delay_moov+frag_discont+default_base_moof', 'pipe:4'],
    ])
  })

  it('gives each rung a pipe of its own', () => {
    const words = ffmpegWords(videoPieceCommand(pieceJob(), input, 1))
    expect(words.filter((word) => word.startsWith('pipe:'))).toEqual(['pipe:4', 'pipe:5'])
    expect(words.filter((word) => word === '-i')).toHaveLength(1)
    expect(words.filter((word) => word === '-threads')).toHaveLength(2)
  })

  it('treats interlaced and HDR pictures once, before the split', () => {
    const graph =
      videoPieceCommand(pieceJob({ picture: { deinterlace: true, transfer: 'pq' } }), input, null).graph ?? ''
    expect(graph.match(/bwdif|tonemap=tonemap/g)).toEqual(['bwdif', 'tonemap=tonemap'])
    expect(graph.indexOf('tonemap')).toBeLessThan(graph.indexOf('split=2'))
  })

  it('seeks to a later slice by its frames and puts it at its place on the timeline', () => {
    const slice = { index: 1, startFrame: 1_500, frameCount: 750, firstSegment: 15 }
    const words = ffmpegWords(videoPieceCommand(pieceJob({ slice }), input, null))
    expect(words.slice(2, 6)).toEqual(['-ss', '60.000000', '-t', '30.000000'])
    expect(words[words.indexOf('-output_ts_offset') + 1]).toBe('70.000000')
    expect(words.join(' ')).not.toContain('eq(N,0)')
  })
})

describe('audioCommand', () => {
  it('encodes one track whole, from 0, in fragments of half a second', () => {
    const { v, jobId, assetId, run, priority, output, state, source, limits } = pieceJob()
    const job: AudioJob = {
      ...{
        v,
        jobId,
        assetId,
        run,
        priority,
        output,
        state,
        source,
        limits,
        kind: 'audio',
        part: 'audio',
        streamIndex: 2,
        segmentSeconds: { num: 4, den: 1 },
      },
      encode: { id: 'audio', codec: 'aac', bitrateBps: 128_000, channels: 2, sampleRateHz: 48_000 },
    }
    const words = ffmpegWords(audioCommand(job, input)).join(' ')
    expect(words).toContain('-map 0:2')
    expect(words).toContain('aresample=async=1:first_pts=0')
    expect(words).toContain('-frag_duration 500000 -f mp4 -movflags delay_moov+frag_discont+default_base_moof')
  })
})

describe('ffmpegWords', () => {
  it('refuses a lone option with a space, which the library would cut in two', () => {
    const outputs = [{ target: 'x', options: ['title=My Film'] }]
    expect(() => ffmpegWords({ inputs: [input], graph: null, outputs })).toThrow(/lone option/)
  })
  it('leaves words with spaces whole in company', () => {
    const outputs = [{ target: 'x', options: ['-metadata', 'title=My Film'] }]
    expect(ffmpegWords({ inputs: [input], graph: null, outputs })).toContain('title=My Film')
  })
})

describe('progressReader', () => {
  const text =
    'frame=12\nfps=3.1\nout_time_us=480000\ndrop_frames=1\nspeed=0.12x\nprogress=continue\nframe=25\nout_time_us=N/A\nspeed=N/A\nprogress=end\n'
  const expected = [
    { frames: 12, outSeconds: 0.48, speed: 0.12, dropped: 1, done: false },
    { frames: 25, outSeconds: null, speed: null, dropped: 0, done: true },
  ]
  it.each([1, 2, 7, 1_000])('reads the blocks whatever the chunks of %i characters are', (size) => {
    const read = progressReader()
    const blocks = []
    for (let from = 0; from < text.length; from += size) blocks.push(...read(text.slice(from, from + size)))
    expect(blocks).toEqual(expected)
  })
})

/** Lines as ffmpeg 5.1.9 printed them. */
describe('classifyFailure', () => {
  it.each([
    ['av_interleaved_write_frame(): No space left on device', 'STORE_FULL'],
    ['[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55] moov atom not found', 'SOURCE_TRUNCATED'],
    ['[error] http://x: Invalid data found when processing input', 'SOURCE_UNREADABLE'],
    ["[h264 @ 0x5] Codec (h264) not on whitelist 'aac'", 'SOURCE_CODEC_UNSUPPORTED'],
    ['[error] Output file #0 does not contain any stream', 'FFMPEG_NO_OUTPUT'],
    ['Error while opening encoder for output stream #0:0', 'FFMPEG_EXIT'],
  ])('takes %j for %s', (line, code) => {
    expect(classifyFailure(['something before', line])).toBe(code)
  })
  it('knows nothing of no output', () => {
    expect(classifyFailure([])).toBe('FFMPEG_EXIT')
  })
  it.each([
    ['[mpeg1video @ 0x5] [error] ac-tex damaged at 2 2', true],
    ['[warning] m.mpg: corrupt decoded frame in stream 0', true],
    ['[swscaler @ 0x5] [warning] deprecated pixel format used', false],
  ])('says whether %j reports damage', (line, damage) => {
    expect(isDecodeWarning(line)).toBe(damage)
  })
})
