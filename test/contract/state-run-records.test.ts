import type { FailureMarker, PublishMarker } from '../../core/contract/markers'
import {
  doneParts,
  newestRun,
  readFailures,
  readFinal,
  readIntent,
  readMarker,
  runPlace,
  writeFailure,
  writeMarker,
} from '../../core/state/run-records'
import { tempStore, type TempStore } from '../support/temp-store'

const assetId = 'a'.repeat(20)
const state = { bucket: 'state', prefix: 'gantry' }
const run = runPlace(state, assetId, 1)
const type = { contentType: 'application/json' }

let temp: TempStore
beforeEach(async () => {
  temp = await tempStore()
})
afterEach(() => temp.remove())

function marker(part: string, attempt = 'k3x7'): PublishMarker {
  return { v: 1, kind: 'publish', part, attempt, workerId: 'w', at: '2026-01-01T00:00:00.000Z' }
}

function failure(part: string, message = 'm'): FailureMarker {
  const jobId = `${assetId}.1.publish.${part}`
  return { v: 1, jobId, part, code: 'FFMPEG_EXIT', message, details: {}, workerId: 'w', at: '2026-01-01T00:00:00.000Z' }
}

describe('the place of a run', () => {
  it.each([
    ['gantry', `gantry/assets/${assetId}/runs/12`],
    ['', `assets/${assetId}/runs/12`],
  ])('lies below the state at %j', (prefix, expected) => {
    expect(runPlace({ bucket: 'state', prefix }, assetId, 12)).toEqual({ bucket: 'state', prefix: expected })
  })
})

describe('a run without records', () => {
  it('has no plan, no last word, no parts and no failures', async () => {
    expect(await readIntent(temp.store, run)).toBeNull()
    expect(await readFinal(temp.store, run)).toBeNull()
    expect(await readMarker(temp.store, run, 'audio')).toBeNull()
    expect(await doneParts(temp.store, run)).toEqual(new Set())
    expect(await readFailures(temp.store, run)).toEqual([])
  })
})

describe('markers', () => {
  it('count by the first of a part, which every later writer is told', async () => {
    expect(await writeMarker(temp.store, run, marker('publish', 'first'))).toMatchObject({ attempt: 'first' })
    expect(await writeMarker(temp.store, run, marker('publish', 'second'))).toMatchObject({ attempt: 'first' })
    expect(await readMarker(temp.store, run, 'publish')).toEqual(marker('publish', 'first'))
  })

  it('are the parts that are done, of this run alone', async () => {
    for (const part of ['video-0000', 'audio', 'mp4-720p']) await writeMarker(temp.store, run, marker(part))
    await writeMarker(temp.store, runPlace(state, assetId, 11), marker('join'))
    await writeFailure(temp.store, run, failure('publish'))
    expect(await doneParts(temp.store, run)).toEqual(new Set(['audio', 'mp4-720p', 'video-0000']))
  })

  it('are not what else lies in their folder', async () => {
    await temp.store.write({ bucket: 'state', key: `${run.prefix}/done/notes.txt` }, Buffer.from('x'), type)
    expect(await doneParts(temp.store, run)).toEqual(new Set())
  })
})

describe('failures', () => {
  it('are read in the order of their parts', async () => {
    for (const part of ['video-0000', 'audio']) await writeFailure(temp.store, run, failure(part))
    expect(await readFailures(temp.store, run)).toEqual([failure('audio'), failure('video-0000')])
  })

  it('keep the first reason of a part', async () => {
    await writeFailure(temp.store, run, failure('audio', 'the first'))
    await writeFailure(temp.store, run, failure('audio', 'another'))
    expect(await readFailures(temp.store, run)).toEqual([failure('audio', 'the first')])
  })
})

describe('the newest run', () => {
  it('is 0 of an asset without runs', async () => {
    expect(await newestRun(temp.store, state, assetId)).toBe(0)
  })

  it('is the highest number, not the last in text order', async () => {
    for (const number of [1, 2, 9, 10]) await writeMarker(temp.store, runPlace(state, assetId, number), marker('join'))
    expect(await newestRun(temp.store, state, assetId)).toBe(10)
  })

  it('is not that of another asset, nor of another state', async () => {
    await writeMarker(temp.store, runPlace(state, 'b'.repeat(20), 7), marker('join'))
    await writeMarker(temp.store, runPlace({ ...state, prefix: 'gantry2' }, assetId, 8), marker('join'))
    expect(await newestRun(temp.store, state, assetId)).toBe(0)
  })

  it('is not spoilt by a folder that is no number', async () => {
    await writeMarker(temp.store, runPlace(state, assetId, 3), marker('join'))
    const key = `gantry/assets/${assetId}/runs/trash/x.json`
    await temp.store.write({ bucket: 'state', key }, Buffer.from('{}'), type)
    expect(await newestRun(temp.store, state, assetId)).toBe(3)
  })
})
