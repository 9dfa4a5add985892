import { stateKeys } from '../../core/contract/keys'
import { closedRun, isLost, isOurWrite } from '../../scheduler/sweeper/lost'
import { ASSET } from '../support/planned-asset'

describe('closedRun', () => {
  it('reads what the key says', () => {
    const key = stateKeys.closed(1_767_225_621_400, ASSET, 12)
    expect(closedRun(key)).toEqual({ atMs: 1_767_225_621_400, assetId: ASSET, run: 12 })
  })

  it('has keys in order of time', () => {
    const keys = [999, 1_767_225_621_400, 1_767_225_621_399].map((atMs) => stateKeys.closed(atMs, ASSET, 1))
    expect([...keys].sort().map((key) => closedRun(key)?.atMs)).toEqual([999, 1_767_225_621_399, 1_767_225_621_400])
  })

  it.each([
    `closed/${ASSET}.1`,
    `closed/1767225621400.${ASSET}`,
    `closed/1767225621400.${ASSET}.0`,
    `closed/1767225621400.${ASSET}.1.x`,
    `closed/1767225621400.../../x.1`,
    `open/1767225621400.${ASSET}.1`,
  ])('does not take %s for an entry', (key) => {
    expect(closedRun(key)).toBeNull()
  })
})

describe('isLost', () => {
  const marked = new Set(['video/720p/0000-winner/00000.m4s', 'video/720p/init-0123456789ab.mp4'])

  it.each([
    'video/720p/0000-loser/00000.m4s',
    'video/720p/0000-winner/00001.m4s',
    'video/720p/0000-loser/tables-000.bin',
    'audio/audio/0000-loser/00000.m4s',
    'video/720p/init-ba9876543210.mp4',
  ])('finds %s', (key) => {
    expect(isLost(key, marked)).toBe(true)
  })

  it.each([
    'video/720p/0000-winner/00000.m4s',
    'video/720p/init-0123456789ab.mp4',
    'video/720p/playlist.m3u8',
    'captions/en/00000.vtt',
    'mp4/720p.mp4',
    'thumbs/poster.jpg',
    'video/a/b/c/d.m4s',
    'notes/video/a/b/c.m4s',
  ])('leaves %s', (key) => {
    expect(isLost(key, marked)).toBe(false)
  })
})

describe('isOurWrite', () => {
  const ours = { state: { bucket: 'out', prefix: 'gantry' }, outputs: [{ bucket: 'out', prefix: '' }] }
  const write = (key: string, bucket = 'out') => ({ bucket, key, id: 'u', begunAt: new Date(0) })

  it.each(['gantry/assets/x', 'film-1/r1/mp4/720p.mp4', 'a/b/film-1/r12/video/720p/0000-a/00000.m4s'])(
    'takes %s for one of its own',
    (key) => {
      expect(isOurWrite(write(key), ours)).toBe(true)
    },
  )

  it.each(['gantry2/assets/x', 'masters/film.mov', 'film-1/r0/mp4/720p.mp4', 'film-1/r1/other/x', 'r1/mp4/720p.mp4'])(
    'leaves %s to whoever began it',
    (key) => {
      expect(isOurWrite(write(key), ours)).toBe(false)
    },
  )

  it('leaves another bucket alone', () => {
    expect(isOurWrite(write('film-1/r1/mp4/720p.mp4', 'else'), ours)).toBe(false)
  })
})
