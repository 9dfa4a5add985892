import { chooseSounds } from '../../core/adapters/sound-tracks'
import { readProbeJson, type ProbedStream } from '../../core/adapters/ffprobe-json'
import { audio } from '../support/probed-streams'

const [plain] = readProbeJson(JSON.stringify({ format: {}, streams: [audio({ index: 0 })] })).streams
const track = (index: number, more: Partial<ProbedStream> = {}): ProbedStream => {
  return { ...(plain as ProbedStream), language: null, index, ...more }
}
const chosen = (tracks: ProbedStream[], main = tracks[0] ?? null): (number | null)[][] =>
  chooseSounds(tracks, main).map(({ streamIndex, pairedWith }) => [streamIndex, pairedWith])

describe('the sounds of a master', () => {
  it('are none where none is chosen', () => {
    expect(chosen([], null)).toEqual([])
  })

  it('are the best track of each language, the main one first', () => {
    const tracks = [
      track(1, { language: 'en', channels: 2 }),
      track(2, { language: 'de', channels: 2 }),
      track(3, { language: 'de', channels: 6 }),
      track(4, { language: 'en', channels: 6 }),
    ]
    expect(chosen(tracks, tracks[3])).toEqual([
      [4, null],
      [3, null],
    ])
  })

  it('leave out one without a language beside others that have one, but not the main one', () => {
    const tracks = [track(1, { language: 'en' }), track(2, { language: null })]
    expect(chosen(tracks)).toEqual([[1, null]])
    expect(chosen(tracks, tracks[1])).toEqual([
      [2, null],
      [1, null],
    ])
  })

  it('are pairs where all tracks are single channels, the odd one alone', () => {
    const mono = [1, 2, 3, 4, 5].map((index) => track(index, { channels: 1 }))
    expect(chosen(mono)).toEqual([
      [1, 2],
      [3, 4],
      [5, null],
    ])
  })

  it('are no pairs where the single channels are languages', () => {
    const mono = [track(1, { channels: 1, language: 'en' }), track(2, { channels: 1, language: 'fr' })]
    expect(chosen(mono)).toEqual([
      [1, null],
      [2, null],
    ])
  })
})
