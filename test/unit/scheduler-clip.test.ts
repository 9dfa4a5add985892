import { NO_REQUEST } from '../../core/contract/request'
import { clippedFacts } from '../../scheduler/clip'
import { assetIdOf } from '../../scheduler/identity'
import { windowFilters, windowWords, windowWordsAfter } from '../../worker/ffmpeg/window'
import { pieceJob, sourceFacts } from '../support/builders'

describe('clippedFacts', () => {
  it('has the durations of the part', () => {
    const facts = clippedFacts(sourceFacts(), { inSeconds: 2, outSeconds: 5 })
    expect([facts.durationSeconds, facts.video?.durationSeconds, facts.audio?.durationSeconds]).toEqual([3, 3, 3])
    expect(clippedFacts(sourceFacts(), { inSeconds: 2, outSeconds: null }).durationSeconds).toBe(6)
    expect(clippedFacts(sourceFacts(), { inSeconds: 2, outSeconds: 100 }).durationSeconds).toBe(6)
  })

  it('is the whole without a clip, and knows no end where nobody does', () => {
    expect(clippedFacts(sourceFacts(), null)).toEqual(sourceFacts())
    const endless = sourceFacts({ durationSeconds: null })
    expect(clippedFacts(endless, { inSeconds: 2, outSeconds: null }).durationSeconds).toBeNull()
    expect(clippedFacts(endless, { inSeconds: 2, outSeconds: 3 }).durationSeconds).toBe(1)
  })

  it('refuses a clip that begins after the end', () => {
    const late = { inSeconds: 8, outSeconds: null }
    expect(() => clippedFacts(sourceFacts(), late)).toThrow(expect.objectContaining({ code: 'API_REQUEST_INVALID' }))
  })
})

describe('the id of an asset', () => {
  it('is another for each part of a master', () => {
    const source = { bucket: 'b', key: 'k', etag: 'e' }
    const ids = [null, { inSeconds: 1, outSeconds: 2 }, { inSeconds: 1, outSeconds: null }].map((clip) =>
      assetIdOf(source, 'd', clip),
    )
    expect(new Set(ids).size).toBe(3)
    expect(assetIdOf(source, 'd', NO_REQUEST.clip)).toBe(assetIdOf(source, 'd'))
  })
})

describe('the window that is decoded', () => {
  const { source } = pieceJob()
  const clip = { inSeconds: 1.5, outSeconds: 4 }

  it('is sought where the container allows it exactly', () => {
    expect(windowWords({ ...source, clip })).toEqual(['-ss', '1.500000', '-t', '2.500000'])
    expect(windowWords({ ...source, clip: { inSeconds: 0, outSeconds: null } })).toEqual([])
    expect([windowFilters({ ...source, clip }, 'video'), windowWordsAfter({ ...source, clip })]).toEqual([[], []])
  })

  it('is cut out after decoding elsewhere', () => {
    const stream = { ...source, container: 'mpegts', clip } as const
    expect(windowWords(stream)).toEqual([])
    expect(windowFilters(stream, 'video')).toEqual(['trim=start=1.500000:end=4.000000', 'setpts=PTS-1.500000/TB'])
    expect(windowFilters(stream, 'audio')).toEqual(['atrim=start=1.500000:end=4.000000', 'asetpts=PTS-1.500000/TB'])
    expect(windowWordsAfter(stream)).toEqual(['-ss', '1.500000', '-t', '2.500000'])
  })

  it('is the whole without a clip', () => {
    expect([windowWords(source), windowFilters(source, 'audio'), windowWordsAfter(source)]).toEqual([[], [], []])
  })
})
