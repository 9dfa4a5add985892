/** The words that the bench gives to ffmpeg: its masters, and the product's rungs as bare ffmpeg makes them. */
import { bareFolders, encoderWords, oneProcess, processPerRung } from '../../bench/bare'
import { footageFor, longWords, masterWords } from '../../bench/master-words'
import { ffmpegWords } from '../../worker/ffmpeg/command'
import { videoPieceCommand } from '../../worker/ffmpeg/video-args'
import { audioJob, pieceJob, rung } from '../support/builders'

const plan = { video: pieceJob({ rungs: [rung('360p', 360), rung('720p', 720)] }), audio: audioJob() }

/** The word after each of one name. */
const after = (words: readonly string[], name: string): (string | undefined)[] =>
  words.flatMap((word, index) => (word === name ? [words[index + 1]] : []))

describe('bare ffmpeg', () => {
  it('decodes once for all rungs and the sound, into a folder each', () => {
    const words = ffmpegWords(oneProcess(plan, '/m.mp4'))
    expect(after(words, '-i')).toEqual(['/m.mp4'])
    expect(words.filter((word) => word.endsWith('/playlist.m3u8')).map((word) => word.split('/')[0])).toEqual(
      bareFolders(plan),
    )
    expect(after(words, '-hls_time')).toEqual(['4', '4', '4'])
    expect(after(words, '-filter_complex')).toEqual([
      '[0:0]split=2[s0][s1];[s0]scale=640:360:flags=bicubic,format=yuv420p[v0];' +
        '[s1]scale=1280:720:flags=bicubic,format=yuv420p[v1]',
    ])
  })

  it('is asked for encoder, rate and keyframes in the words of the product, with automatic threads', () => {
    const { outputs } = videoPieceCommand(plan.video, { url: '', options: [] }, null)
    const words = oneProcess(plan, '/m.mp4').outputs.map(({ options }) => options.join(' '))
    for (const [index, own] of encoderWords(plan.video, plan.video.rungs).entries()) {
      expect(own.slice(0, 4)).toEqual(['-c:v', 'libx264', '-preset', 'veryfast'])
      expect(own).toEqual(expect.arrayContaining(['-crf', '-maxrate', '-sc_threshold', '-force_key_frames']))
      expect(own).not.toContain('-threads')
      expect(outputs[index]?.options.join(' ')).toContain(own.join(' '))
      expect(words[index]).toContain(own.join(' '))
    }
    expect(words[2]).toContain('-c:a aac -b:a 128000 -ac 2 -ar 48000')
  })

  it('decodes once for each rung where each has its process, and encodes the sound once', () => {
    const commands = processPerRung(plan, '/m.mp4').map(ffmpegWords)
    expect(commands.map((words) => words.filter((word) => word.endsWith('.m3u8')))).toEqual([
      ['360p/playlist.m3u8', 'audio/playlist.m3u8'],
      ['720p/playlist.m3u8'],
    ])
    expect(commands.flat()).not.toContain(undefined)
  })
})

describe('masters', () => {
  const everything = (): boolean => true

  it('are as long as asked, of the reel as often as it takes', () => {
    for (const seconds of [2, 50, 60, 120]) {
      const footage = footageFor(seconds, everything)
      expect(footage.reduce((sum, part) => sum + part.seconds, 0)).toBe(seconds)
      expect(footage.every((part) => part.seconds > 0 && part.file !== null)).toBe(true)
    }
  })

  it('are of the footage that is there, else of made pictures', () => {
    expect(new Set(footageFor(60, (file) => file.startsWith('bikes')).map(({ file }) => file)).size).toBe(1)
    expect(footageFor(60, () => false)).toEqual([{ file: null, seconds: 60 }])
  })

  it('have one picture of all parts, with grain, and a sound', () => {
    const form = { widthPx: 1_280, heightPx: 720, seconds: 20, maxBitrateBps: 9_000_000 }
    const words = masterWords(form, footageFor(20, everything))
    expect(after(words, '-i')).toHaveLength(4)
    expect(after(words, '-filter_complex')[0]).toMatch(/\[p0\]\[p1\]\[p2\]concat=n=3:v=1:a=0,noise=.*\[picture\]$/)
    expect(after(words, '-map')).toEqual(['[picture]', '3:a'])
    expect(after(words, '-t')).toEqual(['20'])
  })

  it('are made long by copying one again and again', () => {
    expect(longWords('a.mp4', 60, 10_800)).toEqual(expect.arrayContaining(['-stream_loop', '179', '-c', 'copy']))
    expect(longWords('a.mp4', 60, 61).slice(0, 2)).toEqual(['-stream_loop', '1'])
    expect(longWords('a.mp4', 60, 30).slice(0, 2)).toEqual(['-stream_loop', '0'])
  })
})
