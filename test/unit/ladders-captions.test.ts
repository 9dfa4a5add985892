import { selectCaptions } from '../../ladders/select-captions'
import { master } from '../support/ladder-masters'

const text = (streamIndex: number, language: string | null) => ({
  ...{ streamIndex, codec: 'subrip', language, isForced: false, isForDeaf: false },
})
const facts = master({ captions: [text(2, 'eng'), text(3, null), text(4, 'eng'), text(5, 'pt-BR')] })

describe('selectCaptions', () => {
  it('makes a rendition of each text track, with ids that are folder names', () => {
    const { tracks, decisions } = selectCaptions({ captions: 'keep' }, facts)
    expect(tracks.map(({ id, streamIndex }) => [id, streamIndex])).toEqual([
      ['captions-eng', 2],
      ['captions-text', 3],
      ['captions-eng-2', 4],
      ['captions-pt-br', 5],
    ])
    expect(decisions).toEqual([])
  })

  it('makes none where the ladder drops them, and says so of each', () => {
    const { tracks, decisions } = selectCaptions({ captions: 'drop' }, facts)
    expect(tracks).toEqual([])
    expect(decisions).toHaveLength(4)
    expect(decisions[0]).toEqual({
      id: 'captions-eng',
      kept: false,
      reason: expect.stringContaining('drops') as string,
    })
  })
})
