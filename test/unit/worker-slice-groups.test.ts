import type { Intent } from '../../core/contract/intent'
import { joinGroups } from '../../worker/slice-groups'
import { pieceJob, pieceMarker, segment, track } from '../support/builders'

const slice = (index: number) => ({ ...pieceJob().slice, index })
const jobs = ['video-0000', 'video-0000-b', 'video-0001', 'video-0001-b'].map((part, at) => {
  return pieceJob({ part, slice: slice(at >> 1) })
})
const variants = ['360p', '720p'].map((rungId) => ({ rungId }))
const plan = { jobs, variants } as unknown as Intent
const receipt = (decodeWarnings: number) => ({ ...pieceMarker([]).receipt, decodeWarnings })

const marker = (part: string, id: string, number: number, more: Parameters<typeof pieceMarker>[1] = {}) =>
  pieceMarker([track(id, [segment(number)])], { part, ...more })

describe('joinGroups', () => {
  it('gives each slice all its rungs, in the order of the plan', () => {
    const markers = [
      ...[marker('video-0000', '720p', 0), marker('video-0000-b', '360p', 0)],
      ...[marker('video-0001', '720p', 1), marker('video-0001-b', '360p', 1)],
    ]
    expect(joinGroups(markers, plan).map(({ tracks }) => tracks.map(({ id }) => id))).toEqual([
      ['360p', '720p'],
      ['360p', '720p'],
    ])
  })

  it('counts the damage that both met once, and tells of all rungs that are left out', () => {
    const leftOut = (id: string) => ({ leftOut: { rungIds: [id], code: 'FFMPEG_EXIT', message: `no ${id}` } as const })
    const [piece] = joinGroups(
      [
        marker('video-0000', '720p', 0, { receipt: receipt(2), ...leftOut('1080p') }),
        marker('video-0000-b', '360p', 0, { receipt: receipt(3), ...leftOut('240p') }),
      ],
      plan,
    )
    expect(piece?.receipt.decodeWarnings).toBe(3)
    expect(piece?.leftOut).toEqual({ rungIds: ['1080p', '240p'], code: 'FFMPEG_EXIT', message: 'no 1080p; no 240p' })
  })
})
