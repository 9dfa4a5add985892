/** A publisher that was frozen meets a deletion or a newer run: before its look, or between its look and its write. */
import { text } from 'node:stream/consumers'
import type { FinalRecord, Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord } from '../../core/state/records'
import { readFinal, runPlace } from '../../core/state/run-records'
import { handlePublish } from '../../worker/publish'
import { finalOf } from '../support/planned-asset'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import { QUIET, unpublishedFilm } from '../support/unpublished-film'

let kind: KindOfStore
let intent: Intent
let job: PublishJob
beforeEach(async () => {
  kind = await folderStore()
  ;({ intent, job } = await unpublishedFilm(kind))
})
afterEach(() => kind.close())

const publish = (store: ObjectStore): Promise<void> => {
  const context = { ...QUIET, store }
  return handlePublish(context, job, new AbortController().signal)
}
const remove = (): Promise<void> => {
  const state = { bucket: kind.bucket, prefix: 'state' }
  const record: FinalRecord = finalOf('deleted', 2)
  return writeRecord(kind.store, at(runPlace(state, intent.assetId, 2), runKeys.final), record)
}
const FACTS = { v: 1, name: 'film' }
const PLAIN = { contentType: 'text/plain' }
const shown = async (): Promise<boolean[]> =>
  Promise.all(
    [homeKeys.master, homeKeys.asset, homeKeys.manifest].map(
      async (key) => (await kind.store.head(at(intent.home, key))) !== null,
    ),
  )

it('shows what nobody has deleted', async () => {
  await publish(kind.store)
  expect(await shown()).toEqual([true, true, false])
})

it('shows nothing of what was deleted before', async () => {
  await remove()
  await publish(kind.store)
  expect(await shown()).toEqual([false, false, false])
})

it('leaves a newer run as it is, which was published between its look and its write', async () => {
  const [master, asset] = [at(intent.home, homeKeys.master), at(intent.home, homeKeys.asset)]
  const newer = { [master.key]: '#EXTM3U of run 2\n', [asset.key]: JSON.stringify({ ...FACTS, run: 2 }) }
  let isFirst = true
  const late: ObjectStore = {
    ...kind.store,
    write: async (where, body, options) => {
      if (where.key === asset.key && isFirst) {
        isFirst = false
        for (const [key, text] of Object.entries(newer))
          await kind.store.write({ ...where, key }, Buffer.from(text), PLAIN)
      }
      return kind.store.write(where, body, options)
    },
  }
  await publish(late)
  expect(isFirst).toBe(false)
  for (const where of [master, asset]) expect(await text(await kind.store.read(where))).toBe(newer[where.key])
})

it.each([
  ['no JSON', 'mine'],
  ['facts of nothing', 'null'],
])('takes the place of a file of facts that is %s', async (_, body) => {
  const asset = at(intent.home, homeKeys.asset)
  await kind.store.write(asset, Buffer.from(body), PLAIN)
  await publish(kind.store)
  expect(JSON.parse(await text(await kind.store.read(asset)))).toMatchObject({ run: 1 })
})

it('takes back what it showed while it was deleted', async () => {
  const late: ObjectStore = {
    ...kind.store,
    write: async (where, body, options) => {
      if (where.key === at(intent.home, homeKeys.master).key) await remove()
      return kind.store.write(where, body, options)
    },
  }
  await publish(late)
  expect(await shown()).toEqual([false, false, false])
})

describe('with an MPD', () => {
  beforeEach(async () => {
    intent = { ...intent, packaging: { iFrames: false, dash: true, early: false } }
    await writeRecord(kind.store, at(job.state, runKeys.intent), intent)
  })
  const manifest = () => at(intent.home, homeKeys.manifest)
  const textOf = async (key: string): Promise<string | null> => {
    const where = at(intent.home, key)
    return (await kind.store.head(where)) === null ? null : text(await kind.store.read(where))
  }
  const put = (key: string, body: string) => kind.store.write(at(intent.home, key), Buffer.from(body), PLAIN)
  const place = (run: number) => runPlace({ bucket: kind.bucket, prefix: 'state' }, intent.assetId, run)
  const recordOf = (run: number, mpd: string | null): FinalRecord => {
    const final = finalOf('published', run)
    if (final.status !== 'published') throw new Error('it is published')
    const asset = { ...final.asset, ...(mpd !== null && { manifest: homeKeys.manifest }) }
    return { ...final, ...(mpd !== null && { mpd }), asset }
  }
  /** What a newer run makes of the stable addresses, in its order. */
  const publishNewer = async (run: number, mpd: string | null): Promise<void> => {
    const record = recordOf(run, mpd)
    await writeRecord(kind.store, at(place(run), runKeys.final), record)
    await put(homeKeys.asset, JSON.stringify(record.status === 'published' && record.asset))
    if (mpd === null) await kind.store.remove(manifest())
    else await put(homeKeys.manifest, mpd)
    await put(homeKeys.master, `#EXTM3U of run ${run}\n`)
  }
  /** Does something once, before this run's first write or removal of a key. */
  const before = (key: string, what: () => Promise<void>): ObjectStore => {
    let isFirst = true
    const once = async (where: { key: string }): Promise<void> => {
      if (where.key !== at(intent.home, key).key || !isFirst) return
      isFirst = false
      await what()
    }
    return {
      ...kind.store,
      write: async (where, body, options) => {
        await once(where)
        return kind.store.write(where, body, options)
      },
      remove: async (where) => {
        await once(where)
        return kind.store.remove(where)
      },
    }
  }

  it('shows it beside the playlist, as its record has it', async () => {
    const types = new Map<string, unknown>()
    await publish({
      ...kind.store,
      write: (where, body, options) => {
        types.set(where.key, [options.contentType, options.caching])
        return kind.store.write(where, body, options)
      },
    })
    expect(await shown()).toEqual([true, true, true])
    expect(types.get(manifest().key)).toEqual(['application/dash+xml', 'revalidate'])
    const final = await readFinal(kind.store, job.state)
    expect(final?.status === 'published' && final.mpd).toBe(await textOf(homeKeys.manifest))
    expect(JSON.parse((await textOf(homeKeys.asset)) ?? '')).toMatchObject({ manifest: homeKeys.manifest })
  })

  it('shows it again where only it is gone', async () => {
    await publish(kind.store)
    const first = await textOf(homeKeys.manifest)
    await kind.store.remove(manifest())
    await publish(kind.store)
    expect(await textOf(homeKeys.manifest)).toBe(first)
  })

  it('takes it back with the playlist where the asset was deleted meanwhile', async () => {
    await publish(before(homeKeys.manifest, remove))
    expect(await shown()).toEqual([false, false, false])
  })

  it.each([homeKeys.asset, homeKeys.manifest, homeKeys.master])(
    'leaves the MPD of a newer run that came before it wrote %s',
    async (key) => {
      await publish(before(key, () => publishNewer(2, '<MPD>2</MPD>')))
      expect(await textOf(homeKeys.manifest)).toBe('<MPD>2</MPD>')
      expect(await textOf(homeKeys.master)).toBe('#EXTM3U of run 2\n')
    },
  )

  it.each([homeKeys.asset, homeKeys.manifest, homeKeys.master])(
    'leaves none where a newer run without one came before it wrote %s',
    async (key) => {
      await publish(before(key, () => publishNewer(2, null)))
      expect(await textOf(homeKeys.manifest)).toBeNull()
      expect(await textOf(homeKeys.master)).toBe('#EXTM3U of run 2\n')
    },
  )

  it('takes its own away afterwards, where it ended between that and a newer run without one', async () => {
    const dies: ObjectStore = {
      ...before(homeKeys.manifest, () => publishNewer(2, null)),
      remove: () => Promise.reject(new Error('the process ends here')),
    }
    await expect(publish(dies)).rejects.toThrow('the process ends here')
    expect(await textOf(homeKeys.manifest)).not.toBeNull()
    await publish(kind.store)
    expect(await textOf(homeKeys.manifest)).toBeNull()
  })

  describe('of an earlier run, by a run without one', () => {
    beforeEach(async () => {
      await publish(kind.store)
      intent = { ...intent, run: 2 }
      delete intent.packaging
      await moveToRun2()
    })
    /** The same film once more, as run 2. */
    const moveToRun2 = async (): Promise<void> => {
      for await (const { key } of kind.store.list({ bucket: kind.bucket, prefix: job.state.prefix })) {
        if (!key.includes('/done/')) continue
        await kind.store.copy(
          { bucket: kind.bucket, key },
          { bucket: kind.bucket, key: key.replace('/runs/1/', '/runs/2/') },
        )
      }
      await kind.store.remove(at(place(2), runKeys.done('publish')))
      const output = { ...job.output, prefix: job.output.prefix.replace(/r1$/, 'r2') }
      for await (const { key } of kind.store.list({ bucket: kind.bucket, prefix: `${job.output.prefix}/` })) {
        const to = key.replace(job.output.prefix, output.prefix)
        await kind.store.copy({ bucket: kind.bucket, key }, { bucket: kind.bucket, key: to })
      }
      job = { ...job, run: 2, state: place(2), output }
      await writeRecord(kind.store, at(job.state, runKeys.intent), intent)
    }

    it('is taken away', async () => {
      await publish(kind.store)
      expect(await shown()).toEqual([true, true, false])
    })

    it('is put back where it was a newer run that came before the removal', async () => {
      await publish(before(homeKeys.manifest, () => publishNewer(3, '<MPD>3</MPD>')))
      expect(await textOf(homeKeys.manifest)).toBe('<MPD>3</MPD>')
      expect(await textOf(homeKeys.master)).toBe('#EXTM3U of run 3\n')
    })
  })
})
