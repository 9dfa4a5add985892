/** Playlists that grow while parts are finished: in any order, by workers that meet, die, come late, or find holes. */
import type { FinalRecord } from '../../core/contract/intent'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord, writeRecordOnce } from '../../core/state/records'
import { readListed } from '../../worker/early-growth'
import { stopEarly } from '../../scheduler/runs/stop-early'
import { dyingStore } from '../support/dying-store'
import { earlyFilm, stateOf, type EarlyFilm } from '../support/early-film'
import { finalOf } from '../support/planned-asset'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'

const RENDITIONS = ['r1/video/240p/early.m3u8', 'r1/video/360p/early.m3u8', 'r1/audio/audio/early.m3u8']

describe.each([
  ['a folder', folderStore],
  ['S3', s3Store],
])('on %s', (_, open) => {
  let kind: KindOfStore
  let film: EarlyFilm
  beforeAll(async () => {
    kind = await open()
  })
  afterAll(() => kind.close())
  beforeEach(async () => {
    for await (const { key } of kind.store.list({ bucket: kind.bucket, prefix: '' })) {
      await kind.store.remove({ bucket: kind.bucket, key })
    }
    film = await earlyFilm(kind)
  })

  const partOf = (part: string): EarlyFilm['parts'][number] => {
    const job = film.parts.find((one) => one.part === part)
    if (job === undefined) throw new Error(`the plan has no ${part}`)
    return job
  }
  const finish = async (...parts: string[]): Promise<void> => {
    for (const part of parts) {
      await film.make(partOf(part))
      await film.grow(partOf(part))
    }
  }
  const counts = async (): Promise<number[]> => {
    const texts = await film.shown()
    return RENDITIONS.map((key) => texts.get(key)?.match(/^#EXTINF/gm)?.length ?? 0)
  }
  const isTold = async (): Promise<boolean> =>
    (await kind.store.head(at(stateOf(film.intent), runKeys.event('asset.playable')))) !== null
  const isShown = async (): Promise<boolean> => (await film.shown()).has(homeKeys.early)

  it('plans pieces of 2, 4 and 4 segments, the sound before them', () => {
    expect(film.intent.jobs.map(({ part }) => part).slice(0, 4)).toEqual([
      ...['audio', 'video-0000', 'video-0001', 'video-0002'],
    ])
  })

  it('shows nothing before each rendition has its beginning, then all that follows without a gap', async () => {
    await finish('video-0002', 'audio', 'video-0001')
    expect([await counts(), await isShown(), await isTold()]).toEqual([[0, 0, 0], false, false])
    await finish('video-0000')
    expect([await counts(), await isShown(), await isTold()]).toEqual([[10, 10, 10], true, true])
  })

  it('offers the required rungs by their caps, from the beginning, and no end', async () => {
    await finish('audio', 'video-0000')
    const texts = await film.shown()
    expect([...texts.keys()].sort()).toEqual([homeKeys.early, ...RENDITIONS].sort())
    // 900 kb/s, a buffer of 1.8 Mb over 4 s, and the sound.
    expect(texts.get(homeKeys.early)).toContain(`BANDWIDTH=${900_000 + 450_000 + 1.2 * 128_000},CODECS=`)
    expect(texts.get('r1/video/360p/early.m3u8')).toBe(
      [
        ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:4', '#EXT-X-MEDIA-SEQUENCE:0'],
        ...['#EXT-X-PLAYLIST-TYPE:EVENT', '#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-START:TIME-OFFSET=0'],
        ...['#EXT-X-MAP:URI="init-1.mp4"', '#EXTINF:4.000000,', '0000-aaaaaaaa/00000.m4s'],
        ...['#EXTINF:4.000000,', '0000-aaaaaaaa/00001.m4s', ''],
      ].join('\n'),
    )
  })

  it.each([
    [['audio', 'video-0000', 'video-0001', 'video-0002']],
    [['video-0000', 'audio', 'video-0002', 'video-0001']],
    [['video-0001', 'video-0000', 'video-0002', 'audio']],
    [['video-0000', 'video-0002', 'video-0001', 'audio']],
  ])('adds to what is listed and changes nothing of it: %j', async (order) => {
    let before = new Map<string, string>()
    for (const part of order) {
      await finish(part)
      const now = await film.shown()
      for (const [key, text] of before) expect(now.get(key)?.startsWith(text)).toBe(true)
      await namesWhatIsThere(now)
      before = now
    }
    expect(await counts()).toEqual([10, 10, 10])
  })

  async function namesWhatIsThere(texts: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, text] of texts) {
      if (key === homeKeys.early) continue
      for (const { uri } of readListed(text).entries) {
        const path = `${key.slice(0, key.lastIndexOf('/') + 1)}${uri}`
        expect([path, await kind.store.head(at(film.intent.home, path))]).toEqual([path, expect.anything()])
      }
    }
  }

  it('grows to the same by workers that come at once', async () => {
    await finish('audio')
    const pieces = ['video-0000', 'video-0001', 'video-0002'].map(partOf)
    await Promise.all(
      pieces.map(async (job) => {
        await film.make(job)
        await film.grow(job)
      }),
    )
    expect(await counts()).toEqual([10, 10, 10])
  })

  it('is made whole after the next part, whichever write a worker dies at', async () => {
    await finish('audio', 'video-0001')
    await film.make(partOf('video-0000'))
    const whole = dyingStore(kind.store, Infinity)
    // Each life is one write long. The playlists of three renditions, the early playlist, its event.
    let deaths = 0
    for (; ; deaths += 1) {
      const dying = dyingStore(kind.store, 2)
      await film.grow(partOf('video-0000'), dying.store)
      if (dying.writes() < 2) break
      await namesWhatIsThere(await film.shown())
      expect(await isTold()).toBe(false)
    }
    await film.grow(partOf('video-0000'), whole.store)
    expect([await counts(), await isTold(), whole.writes(), deaths]).toEqual([[6, 6, 10], true, 0, 4])
  })

  it('lists nothing from an object on that is not there', async () => {
    await finish('audio', 'video-0000')
    await film.make(partOf('video-0001'))
    const lost = at(partOf('video-0001').output, 'video/360p/0001-aaaaaaaa/00003.m4s')
    await kind.store.remove(lost)
    await film.grow(partOf('video-0001'))
    const texts = await film.shown()
    await namesWhatIsThere(texts)
    expect(texts.get('r1/video/360p/early.m3u8')).not.toContain('0001-aaaaaaaa')
  })

  it('leaves the early playlist of a newer run, and takes the place of an older one', async () => {
    const newer = await earlyFilm(kind, { run: 2 })
    await finish('audio', 'video-0000')
    for (const job of newer.parts) await newer.make(job)
    const [some] = newer.parts
    if (some === undefined) throw new Error('no part')
    await newer.grow(some)
    const after = (await newer.shown()).get(homeKeys.early)
    expect(after).toContain('r2/video/240p/early.m3u8')
    await finish('video-0001')
    expect((await newer.shown()).get(homeKeys.early)).toBe(after)
  })

  const end = (status: FinalRecord['status']) =>
    writeRecordOnce(kind.store, at(stateOf(film.intent), runKeys.final), finalOf(status))

  it('shows nothing of a run that is over', async () => {
    await end('failed')
    await finish('audio', 'video-0000')
    expect(await film.shown()).toEqual(new Map())
  })

  it('takes back what it showed while the run was ended', async () => {
    await finish('audio')
    await film.make(partOf('video-0000'))
    const late: ObjectStore = {
      ...kind.store,
      write: async (where, body, options) => {
        if (where.key === at(film.intent.home, homeKeys.early).key) await end('cancelled')
        return kind.store.write(where, body, options)
      },
    }
    await film.grow(partOf('video-0000'), late)
    expect([await isShown(), await isTold()]).toEqual([false, false])
  })

  it('leaves what a publisher shows meanwhile', async () => {
    await finish('audio')
    await film.make(partOf('video-0000'))
    const late: ObjectStore = {
      ...kind.store,
      write: async (where, body, options) => {
        if (where.key === at(film.intent.home, homeKeys.early).key) await end('published')
        return kind.store.write(where, body, options)
      },
    }
    await film.grow(partOf('video-0000'), late)
    expect([await isShown(), await isTold()]).toEqual([true, true])
  })

  it('comes to an end when its run fails, once, and nothing is added behind it', async () => {
    await finish('audio', 'video-0000')
    await stopEarly(kind.store, film.intent)
    const ended = await film.shown()
    expect([...ended.keys()].sort()).toEqual([...RENDITIONS].sort())
    for (const text of ended.values()) expect(text.endsWith('.m4s\n#EXT-X-ENDLIST\n')).toBe(true)
    await stopEarly(kind.store, film.intent)
    await finish('video-0001')
    const after = await film.shown()
    for (const key of RENDITIONS) expect(after.get(key)).toBe(ended.get(key))
  })

  it('stays when an older run fails', async () => {
    const newer = await earlyFilm(kind, { run: 2 })
    for (const job of newer.parts) {
      await newer.make(job)
      await newer.grow(job)
    }
    await stopEarly(kind.store, film.intent)
    expect((await newer.shown()).has(homeKeys.early)).toBe(true)
  })

  it('plays sound that is not whole, and goes on with that of another attempt', async () => {
    const job = partOf('audio')
    await finish('video-0000', 'video-0001')
    const soFar = (attempt: string, segments: number) => ({
      v: 1,
      track: {
        ...{ id: 'audio', init: { key: 'audio/audio/init-1.mp4', bytes: 500, sha256: '1' } },
        ...{ codec: 'mp4a.40.2', timescaleHz: 90_000 },
        segments: Array.from({ length: segments }, (_, number) => ({
          ...{ key: `audio/audio/whole-${attempt}/0000${number}.m4s`, bytes: 10, sha256: 'f', number, samples: 1 },
          ...{ startTicks: (10 + 4 * number) * 90_000, endTicks: (14 + 4 * number) * 90_000, startsWithKeyframe: true },
        })),
      },
    })
    const record = async (attempt: string, segments: number): Promise<void> => {
      const told = soFar(attempt, segments)
      for (const { key, bytes } of [told.track.init, ...told.track.segments]) {
        await kind.store.write(at(job.output, key), Buffer.alloc(bytes), { contentType: 'video/mp4' })
      }
      await writeRecord(kind.store, at(job.state, runKeys.early(job.part)), told)
      await film.grow(job)
    }
    await record('bbbbbbbb', 4)
    // How long the last one lasts is known when the next one is there.
    expect(await counts()).toEqual([6, 6, 3])
    await record('cccccccc', 2)
    expect(await counts()).toEqual([6, 6, 3])
    await finish('audio')
    const text = (await film.shown()).get('r1/audio/audio/early.m3u8') ?? ''
    expect(readListed(text).entries.map(({ uri }) => uri.slice(0, 14))).toEqual([
      ...Array.from({ length: 3 }, () => 'whole-bbbbbbbb'),
      ...Array.from({ length: 7 }, () => 'whole-aaaaaaaa'),
    ])
  })

  it('is nothing where the ladder does not ask for it', async () => {
    film = await earlyFilm(kind, { isEarly: false })
    await finish(...film.parts.map(({ part }) => part))
    expect(await film.shown()).toEqual(new Map())
  })
})
