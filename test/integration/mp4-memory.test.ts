/** Making an MP4 holds its tables, some bytes a sample, and a few buffers of media, however long the film is. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { outputKeys } from '../../core/contract/keys'
import type { ObjectStore } from '../../core/ports/object-store'
import { handleMp4 } from '../../worker/mp4'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import { SHORT_FILM, storeFilm, type FilmShape, type StoredFilm } from '../support/synthetic-film'

/** A size and a composition offset with its count are 12; the rest is for places in segments. */
const HELD_BYTES_A_SAMPLE = 16
/** Blocks on their way to the store, the segments that are open, and the records of the run. */
const HELD_BYTES_OTHERWISE = 4 * 2 ** 20

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Twice: buffers that the first collection frees are counted until the second. */
function heldBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Of the film as it goes by: how long it is, and the most that was held meanwhile. */
async function making({ job }: StoredFilm, store: ObjectStore): Promise<{ bytes: number; mostHeldBytes: number }> {
  const before = heldBytes()
  const made = { bytes: 0, mostHeldBytes: 0 }
  const write: ObjectStore['write'] = async (where, body, options) => {
    if (!where.key.endsWith(outputKeys.mp4(job.rungId)) || body instanceof Uint8Array) {
      return store.write(where, body, options)
    }
    let looks = 0
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      made.bytes += chunk.byteLength
      if (made.bytes < looks * 8 * 2 ** 20) continue
      looks += 1
      made.mostHeldBytes = Math.max(made.mostHeldBytes, heldBytes() - before)
    }
    return { etag: 'made', bytes: made.bytes }
  }
  await handleMp4(
    { store: { ...store, write }, workerId: 'w', now: () => new Date(0) },
    job,
    new AbortController().signal,
  )
  return made
}

let kind: KindOfStore
let first: StoredFilm
beforeAll(async () => {
  kind = await folderStore()
  first = await storeFilm(kind.store, kind.bucket, SHORT_FILM)
  // Code that runs for the first time takes room of its own.
  await making(first, kind.store)
})
afterAll(() => kind.close())

const HALF_AN_HOUR: FilmShape = { ...SHORT_FILM, seconds: 1_800, fps: 25 }

it.each([
  ['6 min', { ...HALF_AN_HOUR, seconds: 360 }],
  ['30 min', HALF_AN_HOUR],
])('of a film of %s', async (_, shape) => {
  const other = await folderStore()
  try {
    const film = await storeFilm(other.store, other.bucket, shape)
    const samples = [film.video, ...film.sounds]
      .flatMap(({ segments }) => segments)
      .reduce((sum, segment) => sum + segment.samples, 0)
    const { bytes, mostHeldBytes } = await making(film, other.store)
    expect(samples).toBeGreaterThan(shape.seconds * 70)
    expect(bytes).toBeGreaterThan(shape.seconds * 20_000)
    expect(mostHeldBytes).toBeGreaterThan(8 * samples)
    expect(mostHeldBytes).toBeLessThan(HELD_BYTES_OTHERWISE + HELD_BYTES_A_SAMPLE * samples)
  } finally {
    await other.close()
  }
})
