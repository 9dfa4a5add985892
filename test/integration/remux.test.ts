/** The copy of a master's coded pictures, on a folder and on a real S3 server, by the real ffmpeg. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGateway } from '../../core/adapters/gateway'
import { createLauncher } from '../../core/adapters/launcher'
import { servedObject } from '../../core/adapters/served-object'
import { JOB_VERSION, type Job, type RemuxJob } from '../../core/contract/job'
import { at, runKeys } from '../../core/contract/keys'
import type { RemuxMarker } from '../../core/contract/markers'
import type { Attempt } from '../../core/ports/job-queue'
import type { MediaGateway } from '../../core/ports/media-gateway'
import type { ObjectStore } from '../../core/ports/object-store'
import { createLogger } from '../../core/service/logger'
import { sha256Hex, writeRecord } from '../../core/state/records'
import { readMarker } from '../../core/state/run-records'
import type { WorkerContext } from '../../worker/context'
import { handleRemux } from '../../worker/remux'
import { pieceJob } from '../support/builders'
import { runProgram } from '../support/run-program'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'

const REMUX_PART = 'remux'

let folder: string
let gateway: MediaGateway
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-remux-'))
  gateway = await createGateway()
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=6']
  const sound = ['-f', 'lavfi', '-i', 'sine=duration=6']
  const words = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '50',
    '-bf',
    '2',
    '-c:a',
    'aac',
    join(folder, 'film.ts'),
  ]
  const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', '-y', ...picture, ...sound, ...words])
  if (code !== 0) throw new Error(stderr)
})
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Digest of every decoded picture. */
async function pictures(path: string): Promise<string[]> {
  const words = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    path,
    '-map',
    '0:v',
    '-fps_mode',
    'passthrough',
    '-f',
    'framemd5',
    '-',
  ]
  const { stdout } = await runProgram('ffmpeg', words)
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1) ?? '')
}

const lease = (more: Partial<Attempt> = {}): Attempt => ({
  ...{ signal: new AbortController().signal, isLast: false, tellRemaining: () => undefined },
  ...more,
})

describe.each([
  ['a folder', folderStore],
  ['S3', s3Store],
])('on %s', (_, make) => {
  let kind: KindOfStore
  let added: string[][]
  beforeEach(async () => {
    kind = await make()
    added = []
  })
  afterEach(async () => {
    expect(await kind.leftovers()).toEqual([])
    await kind.close()
  })

  /** The queue and the rest as far as this job uses them. */
  const contextOn = (store: ObjectStore): WorkerContext =>
    ({
      ...{ workerId: 'w', store, gateway, scratch: folder, ffmpegBuild: 'x', encoderThreads: 1 },
      queue: {
        addChildren: (_: Job, jobs: readonly Job[]) => Promise.resolve(void added.push(jobs.map(({ part }) => part))),
      },
      launcher: createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' }),
      serve: {
        object: (ref: RemuxJob['source']['ref'], bytes: number) => servedObject(store, ref, bytes),
      },
      log: createLogger({ service: 'test', level: 'silent' }),
      memoryBytes: 4 * 2 ** 30,
      now: () => new Date(0),
    }) as unknown as WorkerContext

  /** Puts a master and the plan of its run into the store. */
  const planned = async (bytes: Buffer): Promise<RemuxJob> => {
    const stored = await kind.store.write({ bucket: kind.bucket, key: 'film.ts' }, bytes, { contentType: 'video/mp2t' })
    const base = { v: JOB_VERSION, assetId: 'a'.repeat(20), run: 1, priority: 1 } as const
    const places = { output: { bucket: kind.bucket, prefix: 'o' }, state: { bucket: kind.bucket, prefix: 's' } }
    const job: RemuxJob = {
      ...{ ...base, ...places, jobId: 'j', kind: 'remux', part: REMUX_PART, streamIndex: 0 },
      source: {
        ...{ ref: { bucket: kind.bucket, key: 'film.ts', etag: stored.etag }, bytes: stored.bytes },
        ...{ container: 'mpegts', clip: null, trackIndexes: [0, 1], pictureLeadSeconds: 0 },
      },
      lines: { timescaleHz: 90_000, ticks: [178_200] },
      limits: { maxFrames: 10_000, maxPixels: 1e7, stallSeconds: 60, durationSeconds: 6 },
    }
    const pieces = ['video-0000', 'video-0001'].map((part) => pieceJob({ part, copiedBy: REMUX_PART }))
    const joining = { ...pieceJob(), kind: 'join', part: 'join' }
    await writeRecord(kind.store, at(job.state, runKeys.intent), { jobs: [job, ...pieces, joining] })
    return job
  }
  const film = (): Promise<RemuxJob> => planned(readFileSync(join(folder, 'film.ts')))
  const marker = (job: RemuxJob): Promise<RemuxMarker | null> =>
    readMarker<RemuxMarker>(kind.store, job.state, job.part)
  const copies = async (): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of kind.store.list({ bucket: kind.bucket, prefix: 's/remux/' })) keys.push(key)
    return keys
  }

  it('is a file of the same pictures, pinned and measured, and the pieces are queued', async () => {
    const job = await film()
    await handleRemux(contextOn(kind.store), job, lease())
    const copy = (await marker(job))?.copy
    expect(copy).toMatchObject({ timescaleHz: 90_000, pictures: [49, 101] })
    const parts: Buffer[] = []
    for (const { key, etag, sha256, bytes } of copy?.objects ?? []) {
      const part = await buffer(await kind.store.read({ ...at(job.state, key), etag }))
      expect([part.byteLength, sha256Hex(part)]).toEqual([bytes, sha256])
      parts.push(part)
    }
    writeFileSync(join(folder, 'copy.mp4'), Buffer.concat(parts))
    expect(await pictures(join(folder, 'copy.mp4'))).toEqual(await pictures(join(folder, 'film.ts')))
    expect(added).toEqual([['video-0000', 'video-0001']])
  })

  it('is made once by a job that runs twice, and its pieces are queued again', async () => {
    const job = await film()
    await handleRemux(contextOn(kind.store), job, lease())
    const [first, keys] = [await marker(job), await copies()]
    await handleRemux(contextOn(kind.store), job, lease())
    expect([await marker(job), await copies()]).toEqual([first, keys])
    expect(added).toHaveLength(2)
  })

  it('of two attempts at once the first marker counts, and the other leaves nothing', async () => {
    const job = await film()
    await Promise.all([1, 2].map(() => handleRemux(contextOn(kind.store), job, lease())))
    const named = (await marker(job))?.copy?.objects.map(({ key }) => at(job.state, key).key) ?? []
    expect(named).toHaveLength(2)
    expect((await copies()).sort()).toEqual(named.sort())
  })

  it('is none where the clock runs backwards, which the marker says, and nothing stays', async () => {
    const bytes = readFileSync(join(folder, 'film.ts'))
    const part = 188 * Math.floor((bytes.byteLength * 3) / 5 / 188)
    const job = await planned(Buffer.concat([bytes.subarray(0, part), bytes.subarray(bytes.byteLength - part)]))
    await handleRemux(contextOn(kind.store), job, lease())
    expect(await marker(job)).toMatchObject({ copy: null, reason: expect.stringContaining('backwards') as string })
    expect(await copies()).toEqual([])
    expect(added).toEqual([['video-0000', 'video-0001']])
  })

  it('that fails by what the master is comes again, and the last time goes without', async () => {
    const job = await planned(Buffer.alloc(188_000, 0x47))
    await expect(handleRemux(contextOn(kind.store), { ...job, streamIndex: 3 }, lease())).rejects.toMatchObject({
      code: 'FFMPEG_EXIT',
    })
    expect([await marker(job), await copies()]).toEqual([null, []])
    await handleRemux(contextOn(kind.store), { ...job, streamIndex: 3 }, lease({ isLast: true }))
    expect(await marker(job)).toMatchObject({ copy: null, receipt: null })
    expect(await copies()).toEqual([])
  })

  it('is not gone without where the master was replaced', async () => {
    const job = await film()
    const changed = { ...job, source: { ...job.source, ref: { ...job.source.ref, etag: 'other' } } }
    const attempt = handleRemux(contextOn(kind.store), changed, lease({ isLast: true }))
    await expect(attempt).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    expect([await marker(job), await copies(), added]).toEqual([null, [], []])
  })

  it('that comes after the run was closed is removed again', async () => {
    const job = await film()
    await writeRecord(kind.store, at(job.state, runKeys.final), { v: 1, status: 'failed' })
    await handleRemux(contextOn(kind.store), job, lease())
    expect(await copies()).toEqual([])
  })
})
