/** The publish handler writes I-frame playlists where the plan asks for them, from the kept tables or from the segments. */
import { buffer, text } from 'node:stream/consumers'
import { GantryError } from '../../core/contract/errors'
import type { AssetFacts, Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, homeKeys, outputKeys, runKeys } from '../../core/contract/keys'
import type { Packaging } from '../../core/contract/packaging'
import type { VideoPieceMarker } from '../../core/contract/markers'
import type { ObjectStore } from '../../core/ports/object-store'
import { readRecord, writeRecord } from '../../core/state/records'
import { readFinal, readMarker } from '../../core/state/run-records'
import { handlePublish } from '../../worker/publish'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import type { StoredFilm } from '../support/synthetic-film'
import { QUIET, unpublishedFilm } from '../support/unpublished-film'

const WOUND: Packaging = { iFrames: true, dash: false, early: false }
const RUNG = '180p'

let kind: KindOfStore
let intent: Intent
let job: PublishJob
let film: StoredFilm
let reads: string[]
beforeEach(async () => {
  kind = await folderStore()
  ;({ intent, job, film } = await unpublishedFilm(kind))
  reads = []
})
afterEach(() => kind.close())

const store = (): ObjectStore => ({
  ...kind.store,
  read: (ref, range) => {
    reads.push(ref.key)
    return kind.store.read(ref, range)
  },
})
const publish = async (packaging?: Packaging): Promise<void> => {
  await writeRecord(
    kind.store,
    at(job.state, runKeys.intent),
    packaging === undefined ? intent : { ...intent, packaging },
  )
  return handlePublish({ ...QUIET, store: store() }, job, new AbortController().signal)
}
const codeOf = async (attempt: Promise<void>): Promise<string> => {
  const error: unknown = await attempt.catch((thrown: unknown) => thrown)
  return error instanceof GantryError ? error.code : 'none'
}
const read = async (where: { bucket: string; key: string }): Promise<string> => text(await kind.store.read(where))
const playlist = (): Promise<string> => read(at(job.output, outputKeys.iFramePlaylist(RUNG)))
const master = (): Promise<string> => read(at(intent.home, homeKeys.master))

/** Found by the bytes themselves: where each fragment of a segment begins, and how long its tables and first sample are. */
function fragmentsIn(segment: Buffer): { offset: number; tables: number }[] {
  const found: { offset: number; tables: number }[] = []
  for (let offset = 0; offset < segment.byteLength;) {
    const tables = segment.readUInt32BE(offset)
    expect(segment.toString('latin1', offset + 4, offset + 8)).toBe('moof')
    found.push({ offset, tables })
    offset += tables + segment.readUInt32BE(offset + tables)
  }
  return found
}

/** As the film is made: the first picture of a GOP takes eight times the mean. */
const FIRST_PICTURE_BYTES = 8 * 900

async function expectedLines(): Promise<string[]> {
  const folder = `video/${RUNG}/`
  const lines: string[] = []
  for (const { key } of film.video.segments) {
    for (const { offset, tables } of fragmentsIn(await buffer(await kind.store.read(at(job.output, key))))) {
      const range = `#EXT-X-BYTERANGE:${tables + 8 + FIRST_PICTURE_BYTES}@${offset}`
      lines.push('#EXTINF:2.000000,', range, key.slice(folder.length))
    }
  }
  return lines
}

it('names the first picture of each fragment, and says so in the master playlist and in the facts', async () => {
  await publish(WOUND)
  const lines = (await playlist()).split('\n')
  expect(lines.slice(8, -2)).toEqual(await expectedLines())
  expect(lines.filter((line) => line.startsWith('#EXTINF'))).toHaveLength(6)
  expect(await master()).toMatch(
    /#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=\1,CODECS="avc1[^,]*",RESOLUTION=320x180,URI="r1\/video\/180p\/iframes.m3u8"\n$/,
  )
  const facts = await readRecord<AssetFacts>(kind.store, at(intent.home, homeKeys.asset))
  expect(facts?.video).toMatchObject([{ id: RUNG, iFrames: 'r1/video/180p/iframes.m3u8' }])
  expect(await readRecord(kind.store, at(job.state, runKeys.report))).toMatchObject({ findings: [] })
})

it('reads the init segment and the tables of each piece for it, and no segment', async () => {
  await publish(WOUND)
  const media = reads.filter((key) => key.includes('/video/')).map((key) => key.split('/').at(-1)?.replace(/-.*/, ''))
  expect(media.sort()).toEqual(['init', 'init', 'tables'])
})

it('writes the same of pieces of which no tables were kept', async () => {
  await publish(WOUND)
  const before = await playlist()
  await kind.close()
  kind = await folderStore()
  ;({ intent, job, film } = await unpublishedFilm(kind))
  const [part = ''] = intent.jobs.flatMap((one) => (one.kind === 'video-piece' ? [one.part] : []))
  const marker = await readMarker<VideoPieceMarker>(kind.store, job.state, part)
  const tracks = marker?.tracks.map((track) => ({ ...track, tables: undefined }))
  await writeRecord(kind.store, at(job.state, runKeys.done(part)), { ...marker, tracks })
  reads = []
  await publish(WOUND)
  expect(await playlist()).toBe(before)
  expect(reads.some((key) => key.includes('tables-'))).toBe(false)
})

it.each([undefined, { ...WOUND, iFrames: false }])('writes nothing of it by a plan with %j', async (packaging) => {
  await publish(packaging)
  expect(await kind.store.head(at(job.output, outputKeys.iFramePlaylist(RUNG)))).toBeNull()
  expect(await master()).not.toContain('I-FRAME')
  expect(await read(at(intent.home, homeKeys.asset))).not.toContain('iFrames')
  expect(reads.some((key) => key.includes('tables-'))).toBe(false)
})

it('is public with its I-frames or not at all', async () => {
  const [tables] = film.video.tables ?? []
  const where = at(job.output, tables?.key ?? '')
  const bytes = await buffer(await kind.store.read(where))
  await kind.store.write(where, Buffer.alloc(bytes.byteLength), { contentType: 'application/octet-stream' })
  expect(await codeOf(publish(WOUND))).toBe('STORE_UNAVAILABLE')
  await kind.store.remove(where)
  expect(await codeOf(publish(WOUND))).toBe('STORE_NOT_FOUND')
  expect(await kind.store.head(at(intent.home, homeKeys.master))).toBeNull()
  expect(await readFinal(kind.store, job.state)).toBeNull()
})

it('refuses tables that are of other segments', async () => {
  const [part = ''] = intent.jobs.flatMap((one) => (one.kind === 'video-piece' ? [one.part] : []))
  const marker = await readMarker<VideoPieceMarker>(kind.store, job.state, part)
  const tracks = marker?.tracks.map((track) => ({ ...track, segments: track.segments.slice(0, -1) }))
  await writeRecord(kind.store, at(job.state, runKeys.done(part)), { ...marker, tracks })
  expect(await codeOf(publish(WOUND))).toBe('FFMPEG_OUTPUT_INVALID')
})
