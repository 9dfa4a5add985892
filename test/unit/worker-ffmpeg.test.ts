import { audioCommand } from '../../worker/ffmpeg/audio-args'
import { ffmpegWords } from '../../worker/ffmpeg/command'
import { progressReader } from '../../worker/ffmpeg/progress'
import { videoPieceCommand } from '../../worker/ffmpeg/video-args'
import { audioJob, pieceJob, rung } from '../support/builders'

const input = { url: 'http://127.0.0.1:1/abc', options: ['-f', 'mov'] }

const MATRICES = 'in_color_matrix=bt709:out_color_matrix=bt709'
const TAGGED = 'setsar=1,format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709'

describe('videoPieceCommand', () => {
  it('is one decode with one output a rung, word for word', () => {
    expect(ffmpegWords(videoPieceCommand(pieceJob({ rungs: [rung('360p', 360)] }), input, null))).toEqual([
      ...['-f', 'mov', '-i', 'http://127.0.0.1:1/abc', '-filter_complex'],
      "[0:0]settb=1/90000,setpts='round((st(0,round((T-STARTT)*25/1)/(25/1));" +
        "if(lt(abs(T-STARTT-ld(0)),0.0011),STARTT+ld(0),T))/TB)',setpts='if(eq(N,0),0,PTS)',split=1[s0];" +
        `[s0]scale=640:360:flags=bicubic:out_range=tv:${MATRICES},${TAGGED}[v0]`,
      ...['-map', '[v0]', '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high'],
      ...['-crf', '23', '-maxrate', '1000000', '-bufsize', '2000000', '-g', '100000', '-sc_threshold', '0'],
      ...['-forced-idr', '1', '-force_key_frames'],
      'expr:if(isnan(prev_forced_t),1,gt(floor((t+0.020000000)/2.000000000),floor((prev_forced_t+0.020000000)/2.000000000)))',
      ...['-fps_mode', 'vfr', '-enc_time_base', '1:90000', '-video_track_timescale', '90000'],
      ...['-output_ts_offset', '10', '-map_metadata', '-1', '-map_chapters', '-1'],
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
    const picture = { ...pieceJob().picture, deinterlace: true, fieldOrder: 'bottom-first', transfer: 'pq' } as const
    const graph = videoPieceCommand(pieceJob({ picture }), input, null).graph ?? ''
    expect(graph).toContain('bwdif=mode=send_frame:parity=bff:deint=all')
    expect(graph.match(/bwdif|tonemap=tonemap/g)).toEqual(['bwdif', 'tonemap=tonemap'])
    expect(graph.indexOf('tonemap')).toBeLessThan(graph.indexOf('split=2'))
  })

  it('reads from before a later slice and cuts it out of the graph by its place on the timeline', () => {
    const slice = { index: 1, startTicks: 5_398_200, endTicks: 8_098_200, seekSeconds: 58, pictures: 750 }
    const command = videoPieceCommand(pieceJob({ slice, firstPicture: { num: 0, den: 1 } }), input, null)
    const words = ffmpegWords(command)
    expect(words.slice(2, 6)).toEqual(['-noaccurate_seek', '-ss', '58', '-i'])
    const coloured = (size: string): string => `scale=${size}:flags=bicubic:out_range=tv:${MATRICES},${TAGGED}`
    expect(command.graph).toBe(
      "[0:0]setpts='PTS+round(58.000000/TB)',settb=1/90000," +
        "setpts='round((st(0,round((T-0/1)*25/1)/(25/1));if(lt(abs(T-0/1-ld(0)),0.0011),0/1+ld(0),T))/TB)'," +
        'trim=start_pts=5398200,trim=end_pts=8098200,' +
        `split=2[s0][s1];[s0]${coloured('640:360')}[v0];[s1]${coloured('1280:720')}[v1]`,
    )
    expect(words[words.indexOf('-output_ts_offset') + 1]).toBe('10')
  })

  it('seeks in no container that may start a GOP late: what is before a clip is decoded and dropped', () => {
    const source = { ...pieceJob().source, container: 'mpegts' as const, clip: { inSeconds: 4.5, outSeconds: 7 } }
    const slice = { index: 0, startTicks: 0, endTicks: 224_901, seekSeconds: 4, pictures: null }
    const words = ffmpegWords(videoPieceCommand(pieceJob({ source, slice }), input, null))
    expect(words).not.toContain('-noaccurate_seek')
    expect(words.join(' ')).toContain('[0:0]trim=start=4.500000:end=7.000000,setpts=PTS-4.500000/TB,')
  })

  it('begins a clip before its first picture, and the asset with it', () => {
    const source = { ...pieceJob().source, clip: { inSeconds: 4.5, outSeconds: 7 } }
    const slice = { index: 0, startTicks: 0, endTicks: 224_901, seekSeconds: 4, pictures: null }
    const { graph } = videoPieceCommand(pieceJob({ source, slice }), input, null)
    expect(graph).toMatch(/^\[0:0\]setpts='PTS\+round\(-0\.500000\/TB\)',settb/)
    expect(graph).toContain("trim=start_pts=-99,setpts='if(eq(N,0),0,PTS)',trim=end_pts=224901,split")
  })
})

describe('audioCommand', () => {
  it('encodes one track whole, from 0, in fragments of half a second', () => {
    const job = audioJob({ streamIndexes: [2] })
    expect(ffmpegWords(audioCommand(job, input, null))).toEqual([
      ...['-f', 'mov', '-i', 'http://127.0.0.1:1/abc', '-filter_complex'],
      '[0:2]aresample=async=1:first_pts=0,aformat=sample_rates=48000:channel_layouts=stereo[sound]',
      ...['-map', '[sound]', '-c:a', 'aac', '-b:a', '128000'],
      ...['-output_ts_offset', '10', '-map_metadata', '-1', '-map_chapters', '-1', '-frag_duration', '500000'],
      ...['-f', 'mp4', '-movflags', 'delay_moov+frag_discont+default_base_moof', 'pipe:4'],
    ])
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
  it('reads what ffmpeg 5.1.9 prints, at its padding and without pictures', () => {
    const first = 'frame=1\nfps=0.00\nstream_0_0_q=0.0\nbitrate=N/A\nout_time_us=0\nspeed=   0x\nprogress=continue\n'
    const sound = 'bitrate=N/A\nout_time_us=2020136\nout_time=00:00:02.020136\nspeed=1.5e+03x\nprogress=end\n'
    expect(progressReader()(first + sound)).toEqual([
      { frames: 1, outSeconds: 0, speed: 0, dropped: 0, done: false },
      { frames: null, outSeconds: 2.020136, speed: 1_500, dropped: 0, done: true },
    ])
  })
  it.each([
    ['out_time_us=-9223372036854775807', null],
    ['out_time_ms=1500000', 1.5],
    ['out_time_us=', null],
    ['out_time_us=1500000\r', 1.5],
    ['noise without a sign\n=\nout_time_us=250000', 0.25],
  ])('takes %j for %j seconds', (lines, outSeconds) => {
    expect(progressReader()(`${lines}\nprogress=continue\n`)).toMatchObject([{ outSeconds }])
  })
  it('keeps nothing of a block for the next, and gives none that is not whole', () => {
    const read = progressReader()
    expect(read('frame=5\nprogress=continue\nprogress=continue\nframe=6\nprogress=end')).toMatchObject([
      { frames: 5 },
      { frames: null },
    ])
    expect(read('\n')).toMatchObject([{ frames: 6, done: true }])
  })
})
