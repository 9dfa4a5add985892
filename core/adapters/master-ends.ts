/** Keeps the two ends of masters in memory: there lies the index that ffmpeg reads each time it opens one. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ObjectRef } from '../contract/source'
import type { ServedResource } from '../ports/media-gateway'
import type { ByteRange } from '../ports/object-store'

/** The index of a film of three hours has about 6 MB. */
const END_BYTES = 8 * 1024 * 1024
const UNIT_BYTES = 512 * 1024
/** For the end of one long master that has the index, or what is read of those of many. */
const KEPT_BYTES = END_BYTES

/** What is read of the ends, shared by all that is served in one process. */
export interface MasterEnds {
  /** The resource, with its ends read once. @param ref Whose etag pins the bytes. */
  of(ref: ObjectRef, resource: ServedResource): ServedResource
}

/** Least recently used units make room for new ones. */
export function createMasterEnds(keptBytes = KEPT_BYTES): MasterEnds {
  const units = new Map<string, Buffer>()
  let bytes = 0
  const keep = (id: string, unit: Buffer): void => {
    bytes += unit.length - (units.get(id)?.length ?? 0)
    units.delete(id)
    units.set(id, unit)
    for (const [oldest, { length }] of units) {
      if (bytes <= keptBytes) break
      units.delete(oldest)
      bytes -= length
    }
  }

  const readUnit = async (name: string, resource: ServedResource, at: number, signal: AbortSignal): Promise<Buffer> => {
    const id = `${at} ${name}`
    const end = Math.min(resource.bytes, at + UNIT_BYTES) - 1
    const unit = units.get(id) ?? (await buffer(await resource.read({ start: at, end }, signal)))
    // A short one is the reader's to find out, and not kept.
    if (unit.length === end - at + 1) keep(id, unit)
    return unit
  }

  return {
    of: (ref, resource) => {
      const name = JSON.stringify([ref.bucket, ref.key, ref.versionId, ref.etag])
      return {
        bytes: resource.bytes,
        bytesRead: () => resource.bytesRead(),
        read: (range, signal) => {
          if (isMiddle(range, resource.bytes)) return resource.read(range, signal)
          const chunks = mixed(resource, range, signal, (at) => readUnit(name, resource, at, signal))
          return Promise.resolve(Readable.from(chunks, { objectMode: false }))
        },
      }
    },
  }
}

function isMiddle({ start, end }: ByteRange, bytes: number): boolean {
  return start >= END_BYTES && end < tailStart(bytes)
}

/** The first unit that is not of the middle. */
function tailStart(bytes: number): number {
  return Math.max(END_BYTES, unitAt(bytes - END_BYTES))
}

function unitAt(byte: number): number {
  return Math.floor(byte / UNIT_BYTES) * UNIT_BYTES
}

async function* mixed(
  resource: ServedResource,
  { start, end }: ByteRange,
  signal: AbortSignal,
  unitFrom: (at: number) => Promise<Buffer>,
): AsyncGenerator<Buffer> {
  const tail = tailStart(resource.bytes)
  let at = start
  while (at <= end) {
    if (at >= END_BYTES && at < tail) {
      const stretch = { start: at, end: Math.min(end, tail - 1) }
      yield* (await resource.read(stretch, signal)) as AsyncIterable<Buffer>
      at = stretch.end + 1
    } else {
      const unit = unitAt(at)
      yield (await unitFrom(unit)).subarray(at - unit, end - unit + 1)
      at = unit + UNIT_BYTES
    }
  }
}
