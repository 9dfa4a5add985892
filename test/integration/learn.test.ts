/** What the fleet learns of its speeds, on a folder and on a real S3 server: every run once, whoever counts and whenever it dies. */
import { text } from 'node:stream/consumers'
import { GantryError } from '../../core/contract/errors'
import type { MachineRecord } from '../../core/contract/fleet'
import type { Intent } from '../../core/contract/intent'
import { at, runKeys, stateKeys } from '../../core/contract/keys'
import type { VideoPieceMarker } from '../../core/contract/markers'
import type { ObjectAt } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { dropOldMachines, findMachine, noteMachine, readMachines } from '../../core/state/machines'
import { readRecord } from '../../core/state/records'
import { runPlace, writeMarker } from '../../core/state/run-records'
import { parseLearned, type LearnedRecord } from '../../scheduler/cost/learned'
import { stretchOf } from '../../scheduler/cost/known-speeds'
import { pieceCost } from '../../scheduler/cost/model'
import { pictureWork, rungWork } from '../../scheduler/cost/piece-work'
import { TEST_PICTURE_SECONDS } from '../../scheduler/cost/speeds'
import { learnFromRun } from '../../scheduler/learn'
import { readSpeeds } from '../../scheduler/read-speeds'
import { pieceJob, pieceMarker, segment, sourceFacts, track } from '../support/builders'
import { videoFacts } from '../support/facts'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'

const CLASS = 'h264.veryfast.8bit.720.from-h264'
const NOW = new Date('2026-03-01T00:00:00.000Z')
const now = (): Date => NOW
const JSON_TYPE = { contentType: 'application/json' }
const VIDEO = videoFacts({ codedWidthPx: 1280, codedHeightPx: 720 })

/** A run of pieces of 40 s. */
function intentOf(asset: string, pieces: number): Intent {
  const jobs = Array.from({ length: pieces }, (_, index) => pieceJob({ part: `video-${index}` }))
  return { assetId: asset.padEnd(20, 'a'), run: 1, facts: sourceFacts({ video: VIDEO }), jobs } as unknown as Intent
}

const { rungs } = pieceJob()
const expectedSlotSeconds = pieceCost(
  pictureWork(VIDEO, pieceJob(), 1),
  rungs.map((rung) => rungWork(rung, pieceJob())),
  40,
)

function markerOf(part: string, ratio: number | null, more: Partial<VideoPieceMarker> = {}): VideoPieceMarker {
  const shown = Array.from({ length: 10 }, (_, number) => segment(number))
  const marker = pieceMarker([track('360p', shown), track('720p', shown)], { part })
  const cpuSeconds = ratio === null ? null : ratio * expectedSlotSeconds
  return { ...marker, receipt: { ...marker.receipt, cpuSeconds }, ...more }
}

describe.each([
  ['a folder', folderStore],
  ['S3', s3Store],
])('on %s', (_, make) => {
  let kind: KindOfStore
  let store: ObjectStore
  let state: { bucket: string; prefix: string }
  let learnedAt: ObjectAt
  let count = 0
  beforeAll(async () => {
    kind = await make()
  })
  afterAll(() => kind.close())
  beforeEach(() => {
    count += 1
    store = kind.store
    state = { bucket: kind.bucket, prefix: `state-${count}` }
    learnedAt = at(state, stateKeys.learned)
  })
  afterEach(async () => expect(await kind.leftovers()).toEqual([]))

  async function finished(asset: string, ratios: readonly (number | null)[]): Promise<Intent> {
    const intent = intentOf(asset, ratios.length)
    const run = runPlace(state, intent.assetId, 1)
    await Promise.all(ratios.map((ratio, index) => writeMarker(store, run, markerOf(`video-${index}`, ratio))))
    return intent
  }
  const learnFrom = (intent: Intent, through = store): Promise<void> =>
    learnFromRun({ store: through, state, now }, intent, runPlace(state, intent.assetId, 1))
  const learned = async (): Promise<LearnedRecord | null> =>
    (await store.head(learnedAt)) === null ? null : parseLearned(await text(await store.read(learnedAt)))
  const known = async (): Promise<{ ratio: number; pieces: number } | null> => {
    const one = (await learned())?.classes.get(CLASS)
    return one === undefined ? null : { ratio: Math.exp(one.logRatio), pieces: one.pieces }
  }
  const close = (ratio: number, pieces: number) => ({ ratio: expect.closeTo(ratio, 6) as number, pieces })

  it('a run says how its pieces compare with what was expected', async () => {
    await learnFrom(await finished('b', [2, 2.2, 90]))
    expect(await known()).toEqual(close(2.2, 3))
  })

  it('a run counts once, whether it is told again, or by two at once', async () => {
    const intent = await finished('b', [2])
    await Promise.all(Array.from({ length: 4 }, () => learnFrom(intent)))
    await learnFrom(intent)
    expect(await known()).toEqual(close(2, 1))
    expect((await learned())?.runs).toHaveLength(1)
  })

  it('a run counts once where its counter died before the mark was written', async () => {
    const intent = await finished('b', [2])
    const dies: ObjectStore = {
      ...store,
      write: (where, body, options) => {
        if (where.key.endsWith(runKeys.learned) && where.key !== learnedAt.key) throw new Error('killed')
        return store.write(where, body, options)
      },
    }
    await expect(learnFrom(intent, dies)).rejects.toThrow('killed')
    await learnFrom(await finished('c', [4]))
    await learnFrom(intent)
    expect((await known())?.pieces).toBe(2)
    const mark = await readRecord(store, at(runPlace(state, intent.assetId, 1), runKeys.learned))
    expect(mark).toMatchObject({ v: 1, observations: [{ pieceClass: CLASS, pieces: 1 }] })
  })

  it('a run that was marked is not counted after the record was lost', async () => {
    const intent = await finished('b', [2])
    await learnFrom(intent)
    await store.remove(learnedAt)
    await learnFrom(intent)
    expect(await learned()).toBeNull()
  })

  it('of runs that are counted at the same time none is lost', async () => {
    const intents = await Promise.all([...'bcdefghi'].map((asset) => finished(asset, [2])))
    await Promise.all(intents.map((intent) => learnFrom(intent)))
    expect(await known()).toEqual(close(2, 8))
  })

  it('pieces without a figure or all rungs, of an earlier run, and such that are gone, say nothing', async () => {
    const intent = intentOf('b', 5)
    const run = runPlace(state, intent.assetId, 1)
    const leftOut = { rungIds: ['720p'], code: 'FFMPEG_EXIT', message: 'm' } as const
    await writeMarker(store, run, markerOf('video-0', null))
    await writeMarker(store, run, markerOf('video-1', 3, { leftOut }))
    await writeMarker(store, run, markerOf('video-2', 3, { tracks: [] }))
    await writeMarker(store, run, markerOf('video-3', 3, { takenFrom: 1 }))
    await learnFrom(intent)
    expect(await learned()).toBeNull()
  })

  it('a long film is looked at in sixteen places from its start to its end', async () => {
    const intent = await finished(
      'b',
      Array.from({ length: 40 }, () => 1.5),
    )
    const looked = new Set<string>()
    await learnFrom(intent, {
      ...store,
      read: (ref, range) => {
        const name = /video-\d+/.exec(ref.key)?.[0]
        if (name !== undefined) looked.add(name)
        return store.read(ref, range)
      },
    })
    expect(looked.size).toBe(16)
    expect([looked.has('video-0'), [...looked].some((name) => Number(name.slice(6)) >= 37)]).toEqual([true, true])
    expect(await known()).toEqual(close(1.5, 16))
  })

  it.each([
    ['text', 'not json'],
    ['nothing', ''],
    ['more than any record', 'x'.repeat(2 ** 20 + 1)],
    ['a ratio out of bounds', JSON.stringify({ v: 1, classes: { [CLASS]: { logRatio: 99 } }, runs: [] })],
  ])('a record that is %s is passed over by plans with a word, and written anew', async (__, body) => {
    await store.write(learnedAt, Buffer.from(body), JSON_TYPE)
    const troubles: string[] = []
    const speeds = await readSpeeds({ store, state, now, onTrouble: ({ message }) => void troubles.push(message) })
    expect(stretchOf(speeds, CLASS).factor).toBe(1)
    expect(troubles).toEqual([expect.stringContaining(learnedAt.key)])
    await learnFrom(await finished('b', [2]))
    expect(await known()).toEqual(close(2, 1))
  })

  it('plans go by the reference where the store does not answer', async () => {
    const away = new GantryError('STORE_UNAVAILABLE', 'away')
    const troubles: GantryError[] = []
    const broken = { ...store, head: () => Promise.reject(away) }
    const speeds = await readSpeeds({ store: broken, state, now, onTrouble: (error) => void troubles.push(error) })
    expect(stretchOf(speeds, CLASS)).toEqual({ factor: 1, from: 'default', pieces: 0 })
    expect(troubles).toEqual([away])
  })

  describe('machines', () => {
    const alike = { cpu: 'AMD EPYC', arch: 'x64', ffmpegBuild: 'ffmpeg 5.1.9 0123', encoderThreads: null }
    const record = (more: Partial<MachineRecord> = {}): MachineRecord => {
      return { v: 1, ...alike, cpuSeconds: 2 * TEST_PICTURE_SECONDS, at: NOW.toISOString(), ...more }
    }
    const old = { at: '2026-01-01T00:00:00.000Z' }
    const records = async (): Promise<MachineRecord[]> => (await readMachines(store, state)).records

    it('of one kind that start at once leave one record', async () => {
      const found = await Promise.all(Array.from({ length: 20 }, () => findMachine(store, state, alike)))
      await Promise.all(found.map((one, index) => noteMachine(store, state, record({ cpuSeconds: 1 + index }), one)))
      const [kept, ...others] = await records()
      expect(others).toEqual([])
      await noteMachine(store, state, record({ cpuSeconds: 99 }), null)
      expect(await records()).toEqual([kept])
    })

    it('are told apart by processor, build and threads', async () => {
      const kinds = [{}, { cpu: 'Graviton' }, { arch: 'arm64' }, { ffmpegBuild: '7' }, { encoderThreads: 1 }]
      for (const one of kinds) await noteMachine(store, state, record(one), null)
      expect(await records()).toHaveLength(5)
      expect((await findMachine(store, state, { ...alike, encoderThreads: 1 }))?.record?.encoderThreads).toBe(1)
    })

    it('are measured anew in place of what is old or is no record', async () => {
      await noteMachine(store, state, record(old), null)
      const found = await findMachine(store, state, alike)
      await noteMachine(store, state, record(), found)
      expect(await records()).toEqual([record()])
      const [key] = await keys()
      await store.write({ bucket: state.bucket, key: key ?? '' }, Buffer.from('{'), JSON_TYPE)
      const broken = await findMachine(store, state, alike)
      expect(broken).toMatchObject({ record: null })
      expect((await readMachines(store, state)).broken).toEqual([key])
      await noteMachine(store, state, record(), broken)
      expect(await records()).toEqual([record()])
    })

    async function keys(): Promise<string[]> {
      const found: string[] = []
      const prefix = at(state, stateKeys.machinesPrefix).key
      for await (const { key } of store.list({ bucket: state.bucket, prefix })) found.push(key)
      return found
    }

    it('that are gone are forgotten, and so is what is no record', async () => {
      await noteMachine(store, state, record(), null)
      await noteMachine(store, state, record({ ...old, cpu: 'gone' }), null)
      await store.write(at(state, stateKeys.machine('x')), Buffer.from('?'), JSON_TYPE)
      await dropOldMachines(store, state, NOW)
      expect(await records()).toEqual([record()])
      expect(await keys()).toHaveLength(1)
    })

    it('stretch a plan, broken ones apart', async () => {
      await noteMachine(store, state, record(), null)
      await store.write(at(state, stateKeys.machine('x')), Buffer.from('?'), JSON_TYPE)
      const troubles: string[] = []
      const speeds = await readSpeeds({ store, state, now, onTrouble: ({ message }) => void troubles.push(message) })
      expect(stretchOf(speeds, CLASS)).toEqual({
        factor: expect.closeTo(2, 9) as number,
        from: 'calibrated',
        pieces: 0,
      })
      expect(troubles).toEqual([expect.stringContaining('fleet/machines/x.json')])
    })
  })
})
