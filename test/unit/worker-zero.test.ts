import { audioCommand, loudnessCommand, soundGraph } from '../../worker/ffmpeg/audio-args'
import { videoPieceCommand } from '../../worker/ffmpeg/video-args'
import { advanceFilters, companionOutputs } from '../../worker/ffmpeg/zero'
import { audioJob, pieceJob } from '../support/builders'

const { source } = pieceJob()
const input = { url: 'http://127.0.0.1:1/abc', options: [] }

describe('tracks of other jobs', () => {
  it.each(['mpegts', 'mpegps', 'ogg'] as const)(
    'are read in %s, where the clock starts with what is read',
    (container) => {
      const [output, ...more] = companionOutputs({ ...source, container, trackIndexes: [0, 1, 3] }, [1])
      expect(output?.options).toEqual(['-map', '0:0', '-map', '0:3', '-c', 'copy', '-f', 'null'])
      expect(more).toEqual([])
    },
  )

  it.each(['mp4', 'matroska', 'flv'] as const)('are not read in %s', (container) => {
    expect(companionOutputs({ ...source, container, trackIndexes: [0, 1] }, [1])).toEqual([])
  })

  it('are not read where there are none, and not beyond the end of a clip', () => {
    const inTs = { ...source, container: 'mpegts' as const }
    expect(companionOutputs({ ...inTs, trackIndexes: [1, 2] }, [1, 2])).toEqual([])
    const clip = { inSeconds: 5, outSeconds: 7.5 }
    const [output] = companionOutputs({ ...inTs, clip, trackIndexes: [0, 1] }, [0])
    expect(output?.options.join(' ')).toBe('-map 0:1 -c copy -ss 5.000000 -t 2.500000 -f null')
  })

  it('stand after the outputs of sound and of pictures, which keep their pipes', () => {
    const inTs = { ...source, container: 'mpegts' as const, trackIndexes: [0, 1] }
    const sound = audioCommand(audioJob({ source: inTs }), input, null).outputs
    expect(sound.map(({ target }) => target)).toEqual(['pipe:4', 'pipe:1'])
    const pictures = videoPieceCommand(pieceJob({ source: inTs }), input, null).outputs
    expect(pictures.map(({ target }) => target)).toEqual(['pipe:4', 'pipe:5', 'pipe:1'])
  })
})

describe('sound', () => {
  it('follows pictures that are decoded early, before it is brought to its start', () => {
    const job = audioJob({ source: { ...source, pictureLeadSeconds: 0.01 } })
    const head = '[0:1]asetpts=PTS-0.010000/TB,aresample=async=1:first_pts=0,'
    expect(soundGraph(job).startsWith(head)).toBe(true)
    expect(loudnessCommand(job, input).graph?.startsWith(head)).toBe(true)
  })

  it('is left alone otherwise', () => expect(advanceFilters(source)).toEqual([]))
})
