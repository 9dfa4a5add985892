/** The MP4 of a run from its stored segments, on a folder and on a real S3 server: right to the byte, or not there. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { runKeys, at, outputKeys } from '../../core/contract/keys'
import type { Mp4Marker, StoredObject, TrackOutput } from '../../core/contract/markers'
import type { ObjectAt } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { sha256Hex } from '../../core/state/records'
import { readMarker } from '../../core/state/run-records'
import { handleMp4 } from '../../worker/mp4'
import { readProgressive } from '../support/progressive-reader'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'
import { SHORT_FILM, storeFilm, type StoredFilm } from '../support/synthetic-film'

const never = new AbortController().signal
/** 13 MB: more than one part of an upload. */
const FILM = { ...SHORT_FILM, pictureBytes: 40_000, languages: ['eng', 'deu'] }

/** The media of every fragment of a track, in order. */
async function mediaOf(store: ObjectStore, film: StoredFilm, track: TrackOutput): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const { key } of track.segments) {
    const segment = await buffer(await store.read(at(film.job.output, key)))
    for (let start = 0; start < segment.length; start += segment.readUInt32BE(start)) {
      const end = start + segment.readUInt32BE(start)
      if (segment.toString('latin1', start + 4, start + 8) === 'mdat') parts.push(segment.subarray(start + 8, end))
    }
  }
  return Buffer.concat(parts)
}

describe.each([
  ['a folder', folderStore],
  ['S3', s3Store],
])('on %s', (_, make) => {
  let kind: KindOfStore
  let film: StoredFilm
  let mp4: ObjectAt
  beforeAll(async () => {
    kind = await make()
    film = await storeFilm(kind.store, kind.bucket, FILM)
    mp4 = at(film.job.output, outputKeys.mp4(film.job.rungId))
  })
  afterAll(() => kind.close())
  afterEach(async () => {
    await kind.store.remove(mp4)
    await kind.store.remove(at(film.job.state, runKeys.done(film.job.part)))
    expect(await kind.leftovers()).toEqual([])
  })

  const makeMp4 = (store: ObjectStore, signal = never): Promise<void> =>
    handleMp4({ store, workerId: 'w', now: () => new Date(0) }, film.job, signal)
  const marker = (): Promise<Mp4Marker | null> => readMarker<Mp4Marker>(kind.store, film.job.state, film.job.part)

  /** A store in which one object has other bytes. */
  const tampered = (object: StoredObject | undefined, change: (bytes: Buffer) => Buffer | null): ObjectStore => ({
    ...kind.store,
    read: async (ref, range) => {
      const isIt = ref.key === at(film.job.output, object?.key ?? '').key
      const bytes = isIt ? change(await buffer(await kind.store.read(ref, range))) : null
      if (!isIt) return kind.store.read(ref, range)
      if (bytes === null) return kind.store.read({ ...ref, key: `${ref.key}.gone` }, range)
      return Readable.from([bytes])
    },
  })

  it('has every sample of the segments, in order, and says what it is', async () => {
    await makeMp4(kind.store)
    const bytes = await buffer(await kind.store.read(mp4))
    const { object, durationSeconds } = (await marker()) ?? {}
    expect(object).toEqual({ key: 'mp4/180p.mp4', bytes: bytes.length, sha256: sha256Hex(bytes) })
    expect(durationSeconds).toBeCloseTo(12, 1)
    const { tracks, order } = readProgressive(bytes)
    expect(order).toEqual(['ftyp', 'moov', 'mdat'])
    expect(tracks.map(({ handler, language }) => [handler, language])).toEqual([
      ['vide', 'und'],
      ['soun', 'eng'],
      ['soun', 'deu'],
    ])
    for (const [index, track] of [film.video, ...film.sounds].entries()) {
      const samples = tracks[index]?.samples ?? []
      expect(samples.length).toBe(track.segments.reduce((sum, one) => sum + one.samples, 0))
      const media = Buffer.concat(samples.map(({ offset, bytes: length }) => bytes.subarray(offset, offset + length)))
      expect(media.equals(await mediaOf(kind.store, film, track))).toBe(true)
    }
  })

  it('shows the first picture and the first sample of sound at 0', async () => {
    await makeMp4(kind.store)
    const { tracks, movieHz } = readProgressive(await buffer(await kind.store.read(mp4)))
    const [video, audio] = tracks
    expect(movieHz).toBe(90_000)
    expect(video?.edits).toEqual([{ movieTicks: 12 * 90_000, mediaTicks: 3_600 }])
    expect(video?.samples[0]).toMatchObject({ shownTicks: 3_600, isSync: true })
    expect(audio?.edits.map(({ mediaTicks }) => mediaTicks)).toEqual([1_024])
  })

  it('is taken over from another attempt that was through first', async () => {
    await makeMp4(kind.store)
    const first = await marker()
    const before = await kind.store.head(mp4)
    await kind.store.remove(at(film.job.state, runKeys.done(film.job.part)))
    await makeMp4(kind.store)
    expect((await marker())?.object).toEqual(first?.object)
    expect(await kind.store.head(mp4)).toEqual(before)
  })

  it('is the same where pieces have no tables, as older versions left them', async () => {
    await makeMp4(kind.store)
    const { object } = (await marker()) ?? {}
    await kind.store.remove(mp4)
    await kind.store.remove(at(film.job.state, runKeys.done(film.job.part)))
    const read: ObjectStore['read'] = async (ref, range) => {
      if (!/done[/](video|audio)/.test(ref.key)) return kind.store.read(ref, range)
      const older = JSON.parse(String(await buffer(await kind.store.read(ref, range))), (name, value: unknown) =>
        name === 'tables' ? undefined : value,
      ) as object
      return Readable.from([Buffer.from(JSON.stringify(older))])
    }
    await makeMp4({ ...kind.store, read })
    expect((await marker())?.object).toEqual(object)
  })

  const nothing = async (): Promise<void> => {
    expect(await kind.store.head(mp4)).toBeNull()
    expect(await marker()).toBeNull()
  }

  it.each([
    ['a segment is gone', () => film.video.segments[2], () => null, 'STORE_NOT_FOUND'],
    ['a segment of sound is gone', () => film.sounds[1]?.segments[0], () => null, 'STORE_NOT_FOUND'],
    ['a segment is short', () => film.video.segments[1], (all: Buffer) => all.subarray(0, -1), 'STORE_UNAVAILABLE'],
    ['the last one is short', () => film.video.segments[2], (all: Buffer) => all.subarray(9), 'STORE_UNAVAILABLE'],
    [
      'a segment has more',
      () => film.video.segments[0],
      (all: Buffer) => Buffer.concat([all, all]),
      'STORE_UNAVAILABLE',
    ],
    [
      'tables are others',
      () => film.video.tables?.[0],
      (all: Buffer) => Buffer.from(all).fill(0, 40, 41),
      'STORE_UNAVAILABLE',
    ],
    ['tables are gone', () => film.sounds[0]?.tables?.[0], () => null, 'STORE_NOT_FOUND'],
  ])('is not there when %s', async (_what, object, change, code) => {
    await expect(makeMp4(tampered(object(), change))).rejects.toMatchObject({ code })
    await nothing()
  })

  it('is not there when the tables are of other segments', async () => {
    const store = tampered(film.video.tables?.[0], (all) => all)
    const shorter = { ...film.video, tables: film.sounds[0]?.tables ?? [] }
    const read: ObjectStore['read'] = async (ref, range) => {
      if (!ref.key.endsWith('done/video-0000.json')) return store.read(ref, range)
      const piece = JSON.parse(String(await buffer(await store.read(ref, range)))) as object
      return Readable.from([Buffer.from(JSON.stringify({ ...piece, tracks: [shorter] }))])
    }
    await expect(makeMp4({ ...store, read })).rejects.toMatchObject({ code: 'FFMPEG_OUTPUT_INVALID' })
    await nothing()
  })

  it.each([0, 1, 2])('leaves nothing when it is aborted at segment %i', async (index) => {
    const stop = new AbortController()
    const reason = new Error('asked to stop')
    const store: ObjectStore = {
      ...kind.store,
      read: (ref, range) => {
        if (ref.key.endsWith(film.video.segments[index]?.key ?? 'none')) stop.abort(reason)
        return kind.store.read(ref, range)
      },
    }
    await expect(makeMp4(store, stop.signal)).rejects.toBe(reason)
    await nothing()
  })
})
