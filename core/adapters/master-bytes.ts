/** Reads small parts of a master, and says what its container is. Store errors become errors of the source. */
import { GantryError } from '../contract/errors'
import type { Container, SourceArrived } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'
import type { ByteWalk } from '../../media/box-walk'
import { inspectMp4, type Mp4Report } from '../../media/mp4-inspect'
import { isScrambled, scrambledShare } from '../../media/ts-inspect'
import { HEAD_BYTES, sniff, sniffAfterTag } from '../../media/sniff'
import { servedObject } from './served-object'
import { DEFAULT_POLICY, STEADY_PACE, readRange } from './served-read'

/** Reads `length` bytes at `at`, fewer only at the end of the master. */
export type ReadMaster = (at: number, length: number) => Promise<Buffer>

/** @throws SOURCE_NOT_FOUND, SOURCE_DENIED, SOURCE_CHANGED, STORE_UNAVAILABLE. */
export function masterReader(store: ObjectStore, source: SourceArrived, signal: AbortSignal): ReadMaster {
  const resource = servedObject(store, source, source.bytes)
  const how = { policy: DEFAULT_POLICY, pace: STEADY_PACE }
  return async (at, length) => {
    const end = Math.min(at + length, source.bytes) - 1
    const chunks: Buffer[] = []
    try {
      for await (const chunk of readRange(resource, { start: at, end }, how, signal)) chunks.push(chunk)
    } catch (thrown) {
      throw asSourceError(thrown)
    }
    return Buffer.concat(chunks)
  }
}

/** What the store says of an object of ours it says of the master here. */
export function asSourceError(thrown: unknown): unknown {
  if (!(thrown instanceof GantryError)) return thrown
  const code = { STORE_NOT_FOUND: 'SOURCE_NOT_FOUND', STORE_DENIED: 'SOURCE_DENIED' } as const
  if (thrown.code !== 'STORE_NOT_FOUND' && thrown.code !== 'STORE_DENIED') return thrown
  return new GantryError(code[thrown.code], thrown.message, thrown.details, { cause: thrown })
}

/** Some taggers put a tag before a tag; nobody puts five. */
const TAGS_MAX = 5

/**
 * The container, by its first bytes.
 *
 * @throws SOURCE_EMPTY, SOURCE_IS_PLAYLIST, SOURCE_IS_IMAGE, SOURCE_NOT_MEDIA.
 */
export async function identify(head: Uint8Array, bytes: number, read: ReadMaster): Promise<Container> {
  let found = sniff(head, bytes)
  for (let tags = 0; found.kind === 'tagged' && tags < TAGS_MAX; tags += 1) {
    found = sniffAfterTag(await read(found.atByte, HEAD_BYTES), bytes, found.atByte)
  }
  if (found.kind === 'media') return found.container
  if (found.kind === 'tagged') throw new GantryError('SOURCE_NOT_MEDIA', 'the master is a row of ID3 tags')
  throw new GantryError(found.code, `the master is ${found.what}`)
}

/** One read serves several headers that lie near each other. */
const WINDOW_BYTES = 16_384

/**
 * Gives a walk the bytes that it wants, until it has its answer.
 *
 * @param head The first bytes of the master, read already.
 */
export async function answerWalk<T>(walk: ByteWalk<T>, head: Uint8Array, bytes: number, read: ReadMaster): Promise<T> {
  let window = { at: 0, bytes: head }
  let step = walk.next()
  while (step.done !== true) {
    const { at, length } = step.value
    const isInside = at >= window.at && at + length <= window.at + window.bytes.length
    if (!isInside) window = { at, bytes: at < bytes ? await read(at, Math.max(length, WINDOW_BYTES)) : Buffer.alloc(0) }
    step = walk.next(window.bytes.subarray(at - window.at, at - window.at + length))
  }
  return step.value
}

/** Of an index of 128 MiB ffmpeg makes several times that in memory; ten hours at 60 pictures a second have 60 MB. */
const MOOV_BYTES_MAX = 128 * 1024 * 1024

/**
 * Walks the boxes of an MP4 before ffprobe sees it.
 *
 * @returns Notes on what is odd.
 * @throws SOURCE_TRUNCATED, SOURCE_TOO_LARGE, SOURCE_ENCRYPTED.
 */
export async function checkMp4(head: Uint8Array, bytes: number, read: ReadMaster): Promise<string[]> {
  return judge(await answerWalk(inspectMp4(bytes), head, bytes, read))
}

function judge(report: Mp4Report): string[] {
  if (report.moov === 'missing' || report.moov === 'cut') {
    const what = report.moov === 'missing' ? 'has no index (moov)' : 'ends inside its index (moov)'
    throw new GantryError('SOURCE_TRUNCATED', `the master ${what}: the upload was probably cut off`)
  }
  if (report.moovBytes > MOOV_BYTES_MAX) {
    const message = `the index of the master has ${report.moovBytes} bytes, at most ${MOOV_BYTES_MAX} are read`
    throw new GantryError('SOURCE_TOO_LARGE', message)
  }
  const [locked] = report.protectedEntries
  if (locked !== undefined) {
    throw new GantryError('SOURCE_ENCRYPTED', `the master has a track with protected samples ('${locked}')`)
  }
  const missing = report.missingMediaBytes
  return missing === 0 ? [] : [`the media runs ${missing} bytes past the end of the file: it was probably cut off`]
}

/**
 * Looks at the packets of a transport stream at its head and in its middle, before ffprobe makes nonsense of them.
 *
 * @throws SOURCE_ENCRYPTED.
 */
export async function checkTransport(head: Uint8Array, bytes: number, read: ReadMaster): Promise<void> {
  const middle = bytes > 2 * HEAD_BYTES ? await read(Math.floor(bytes / 2), HEAD_BYTES) : new Uint8Array()
  if (!isScrambled([head, middle].map(scrambledShare))) return
  throw new GantryError('SOURCE_ENCRYPTED', 'the packets of the master are scrambled: it was recorded without its key')
}
