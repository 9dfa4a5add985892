/** What attempts that lost have left goes a day after their run was closed; nothing that counts goes ever. */
import { at, below, homeKeys } from '../../core/contract/keys'
import type { VideoPieceMarker } from '../../core/contract/markers'
import { writeMarker } from '../../core/state/run-records'
import { reconcileAsset } from '../../scheduler/reconcile'
import { deleteAsset } from '../../scheduler/runs/delete'
import { LOST_AFTER_MS, sweepLost, type SweepParts } from '../../scheduler/sweeper/sweep'
import { pieceMarker } from '../support/builders'
import { dyingStore } from '../support/dying-store'
import { ASSET, AT, finalOf, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { describeRuns, type RunStage } from '../support/run-bench'

const intent = plannedIntent()
const { home } = intent
const OUTPUT = { bucket: 'out', prefix: 'films' }
const NAMED = ['video/360p/0000-winner/00000.m4s', 'video/360p/init-aaaaaaaaaaaa.mp4']
const SHARED = ['video/360p/playlist.m3u8', 'mp4/360p.mp4', 'thumbs/poster.jpg']
const LOST = ['video/360p/0000-loser/00000.m4s', 'video/360p/0000-loser/tables-000.bin', 'video/360p/init-bb.mp4']
const DAY_LATER = new Date(Date.parse(AT) + LOST_AFTER_MS + 1)
const goOn = new AbortController().signal

const inRun = (key: string, run = 1): string => at(below(home, homeKeys.run(run)), key).key

async function put(stage: RunStage, key: string): Promise<void> {
  await stage.kind.store.write({ bucket: home.bucket, key }, Buffer.from(key), { contentType: 'text/plain' })
}

function winner(): VideoPieceMarker {
  const [segment = '', init = ''] = NAMED
  const object = (key: string) => ({ key, bytes: 1, sha256: 'f' })
  const measured = { number: 0, startTicks: 0, endTicks: 1, samples: 1, startsWithKeyframe: true }
  const track = { id: '360p', init: object(init), codec: 'avc1.64001f', timescaleHz: 90_000, keyframeTicks: [] }
  return pieceMarker([{ ...track, segments: [{ ...object(segment), ...measured }] }], { part: 'video-0000' })
}

/** A run that failed in the end, with one part that is done and may be taken over by a retry. */
async function prepare(stage: RunStage): Promise<void> {
  const run = await putRun(stage.kind.store, intent, finalOf('failed'))
  await writeMarker(stage.kind.store, run, winner())
  for (const key of [...NAMED, ...SHARED, ...LOST]) await put(stage, inRun(key))
  await reconcileAsset(stage.parts, ASSET)
}

describeRuns('the sweeper on %s', prepare, (stage) => {
  const troubles: string[] = []
  const partsAt = (now: Date): SweepParts => ({
    ...stage.parts,
    outputs: [{ place: OUTPUT }],
    now: () => now,
    onTrouble: (error, what) => void troubles.push(`${what}: ${String(error)}`),
  })
  const left = async (prefix: string): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of stage.kind.store.list({ bucket: 'out', prefix })) keys.push(key)
    return keys
  }
  const kept = [...NAMED, ...SHARED].map((key) => inRun(key)).sort()
  afterEach(() => expect(troubles.splice(0)).toEqual([]))

  it('leaves a run alone for a day, and then takes away what no marker names', async () => {
    expect(await sweepLost(partsAt(new Date(Date.parse(AT) + LOST_AFTER_MS - 1)), goOn)).toMatchObject({ runs: 0 })
    expect(await left('films/')).toHaveLength(NAMED.length + SHARED.length + LOST.length)
    expect(await sweepLost(partsAt(DAY_LATER), goOn)).toEqual({ runs: 1, objects: LOST.length, writes: 0 })
    expect(await left('films/')).toEqual(kept)
    expect(await left(at(STATE, 'closed/').key)).toEqual([])
    expect(await sweepLost(partsAt(DAY_LATER), goOn)).toEqual({ runs: 0, objects: 0, writes: 0 })
  })

  it('comes to the same after a death at any of its writes', async () => {
    let deaths = 0
    for (let diesAt = 1; ; diesAt += 1) {
      const { store, writes } = dyingStore(stage.kind.store, diesAt)
      await sweepLost({ ...partsAt(DAY_LATER), store, storeOf: () => store }, goOn)
      if (writes() < diesAt) break
      deaths += 1
      expect(troubles.splice(0)).not.toEqual([])
    }
    expect(deaths).toBeGreaterThan(0)
    expect(await left('films/')).toEqual(kept)
    expect(await left(at(STATE, 'closed/').key)).toEqual([])
  })

  it('takes away what attempts wrote after a deletion, and nothing of a run that came after it', async () => {
    await deleteAsset({ ...stage.parts, now: () => new Date(AT) }, ASSET)
    await reconcileAsset(stage.parts, ASSET)
    expect(await left('films/')).toEqual([])
    for (const key of [inRun('video/360p/0000-zombie/00000.m4s'), inRun('x', 3), at(home, 'master.m3u8').key]) {
      await put(stage, key)
    }
    expect(await sweepLost(partsAt(DAY_LATER), goOn)).toMatchObject({ objects: 1 })
    expect(await left('films/')).toEqual([at(home, 'master.m3u8').key, inRun('x', 3)])
  })

  it('ends writes of its own that were begun a day ago, and no others', async () => {
    const begun = [inRun('mp4/360p.mp4'), 'films/masters/film.mov', 'films2/a/r1/mp4/360p.mp4']
    for (const key of begun) await stage.kind.beginWrite(key)
    const before = await stage.kind.leftovers()
    await sweepLost(partsAt(new Date()), goOn)
    expect(await stage.kind.leftovers()).toEqual(before)
    await sweepLost(partsAt(new Date(Date.now() + LOST_AFTER_MS + 60_000)), goOn)
    expect(await stage.kind.leftovers()).toEqual(before.filter((key) => key !== begun[0]))
  })

  it('goes on with other runs when one cannot be swept, and takes that up the next time', async () => {
    const other = plannedIntent({ assetId: 'bcdefghijk'.repeat(2) })
    await putRun(stage.kind.store, other, { ...finalOf('failed'), assetId: other.assetId })
    await reconcileAsset(stage.parts, other.assetId)
    const denied = { ...stage.kind.store, remove: () => Promise.reject(new Error('no right to')) }
    const storeOf: SweepParts['storeOf'] = () => denied
    expect(await sweepLost({ ...partsAt(DAY_LATER), storeOf }, goOn)).toMatchObject({ runs: 1 })
    expect(troubles.splice(0)).toEqual([`${ASSET}.1: Error: no right to`])
    expect(await sweepLost(partsAt(DAY_LATER), goOn)).toMatchObject({ runs: 1, objects: LOST.length })
  })
})
