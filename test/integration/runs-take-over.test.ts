/** A worker takes over what an earlier run has made, on a folder and on a real S3 server: whole, or not at all. */
import { buffer } from 'node:stream/consumers'
import { pino } from 'pino'
import type { AnyEvent } from '../../core/contract/event'
import type { VideoPieceJob } from '../../core/contract/job'
import { at, below, runKeys } from '../../core/contract/keys'
import type { VideoPieceMarker } from '../../core/contract/markers'
import type { ObjectStore } from '../../core/ports/object-store'
import { sha256Hex } from '../../core/state/records'
import { readMarker, writeMarker } from '../../core/state/run-records'
import { takeOver } from '../../worker/take-over'
import { pieceJob, pieceMarker, rung } from '../support/builders'
import { dyingStore } from '../support/dying-store'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'
import { SHORT_FILM, storeFilm, type StoredFilm } from '../support/synthetic-film'

const never = new AbortController().signal

describe.each([
  ['a folder', folderStore],
  ['S3', s3Store],
])('on %s', (_, make) => {
  let kind: KindOfStore
  let film: StoredFilm
  let job: VideoPieceJob
  let told: AnyEvent[]
  let count = 1

  beforeAll(async () => {
    kind = await make()
    film = await storeFilm(kind.store, kind.bucket, SHORT_FILM)
  })
  afterAll(() => kind.close())
  beforeEach(() => {
    told = []
    count += 1
    const { output, state } = film.job
    const home = { bucket: output.bucket, prefix: output.prefix.slice(0, -'/r1'.length) }
    job = pieceJob({
      ...{ run: count, output: below(home, `r${count}`), part: 'video-0000-b' },
      ...{ state: { ...state, prefix: `${state.prefix.slice(0, -1)}${count}` }, rungs: [rung('180p', 180)] },
      reuse: { run: 1, part: 'video-0000', output, state, anyBuild: false },
    })
  })

  const take = (store: ObjectStore = kind.store, ffmpegBuild = 'x', one = job, signal = never): Promise<boolean> => {
    const sink = { emit: (event: AnyEvent) => Promise.resolve(void told.push(event)), close: () => Promise.resolve() }
    const context = { store, sink, ffmpegBuild, log: pino({ enabled: false }), now: () => new Date(0) }
    return takeOver(context, one, signal)
  }
  const marker = (): Promise<VideoPieceMarker | null> => readMarker(kind.store, job.state, job.part)
  const objects = () => [film.video.init, ...film.video.segments, ...(film.video.tables ?? [])]
  const expectAll = async (): Promise<void> => {
    for (const { key, sha256 } of objects()) {
      expect(sha256Hex(await buffer(await kind.store.read(at(job.output, key))))).toBe(sha256)
    }
    expect(await marker()).toMatchObject({ part: job.part, takenFrom: 1, tracks: [{ id: '180p' }], leftOut: null })
  }

  it('has every object with the same bytes in its own folder, and says where it was made', async () => {
    expect(await take()).toBe(true)
    await expectAll()
    expect(told.map(({ type }) => type)).toEqual(['rendition.done'])
    const again = dyingStore(kind.store, Infinity)
    expect(await take(again.store)).toBe(true)
    await expectAll()
    expect(objects().length).toBeGreaterThan(4)
  })

  it('is taken up by the next attempt after a death at any write', async () => {
    for (let diesAt = 1; diesAt <= objects().length + 1; diesAt += 1) {
      await expect(take(dyingStore(kind.store, diesAt).store)).rejects.toThrow('died')
      expect(await marker()).toBeNull()
    }
    expect(await take()).toBe(true)
    await expectAll()
  })

  it('takes over from the first maker in the third run, too', async () => {
    await take()
    const { output, state, part, run } = job
    const third = {
      ...job,
      run: 99,
      output: below(film.job.output, 'third'),
      state: { ...state, prefix: 'state/third' },
    }
    const reuse = { run, part, output, state, anyBuild: true }
    expect(await take(kind.store, 'x', { ...third, reuse })).toBe(true)
    expect(await readMarker(kind.store, third.state, part)).toMatchObject({ takenFrom: 1 })
  })

  it('takes over that a piece has nothing, where the first one has all', async () => {
    const { state } = film.job
    const empty = pieceMarker([], { part: 'video-0001', frames: 0 })
    await writeMarker(kind.store, state, { ...empty, receipt: { ...empty.receipt, ffmpegBuild: 'x' } })
    const reuse = { run: 1, part: 'video-0001', output: film.job.output, state, anyBuild: false }
    expect(await take(kind.store, 'x', { ...job, reuse })).toBe(true)
    expect(await marker()).toMatchObject({ tracks: [], frames: 0, takenFrom: 1 })
  })

  it('leaves what another ffmpeg made, unless that counts', async () => {
    expect(await take(kind.store, 'another')).toBe(false)
    expect(await marker()).toBeNull()
    const reuse = job.reuse === undefined ? undefined : { ...job.reuse, anyBuild: true }
    expect(await take(kind.store, 'another', { ...job, ...(reuse !== undefined && { reuse }) })).toBe(true)
  })

  it.each(['a rung that was left out', 'a marker that is gone'])('leaves the piece for %s', async (which) => {
    const isRung = which.includes('rung')
    const reuse = { run: 1, part: isRung ? 'video-0000' : 'video-0007', output: film.job.output, state: film.job.state }
    const rungs = isRung ? [rung('180p', 180), rung('999p', 998)] : job.rungs
    expect(await take(kind.store, 'x', { ...job, rungs, reuse: { ...reuse, anyBuild: true } })).toBe(false)
    expect(await marker()).toBeNull()
  })

  it('leaves the piece when an object is gone or has another length, and ends when it is asked to', async () => {
    const gone = new AbortController()
    gone.abort(new Error('asked to stop'))
    await expect(take(kind.store, 'x', job, gone.signal)).rejects.toThrow('asked to stop')
    const [first] = film.video.segments
    const where = at(film.job.output, first?.key ?? '')
    const bytes = await buffer(await kind.store.read(where))
    await kind.store.write(where, bytes.subarray(1), { contentType: 'video/iso.segment' })
    expect(await take()).toBe(false)
    await kind.store.remove(where)
    expect(await take()).toBe(false)
    expect(await marker()).toBeNull()
    expect(await kind.store.head(at(job.state, runKeys.done(job.part)))).toBeNull()
    await kind.store.write(where, bytes, { contentType: 'video/iso.segment' })
  })
})
