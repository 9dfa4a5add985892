/** Reads the fields of a box one after the other and never past its end. Numbers are big-endian. */
import { invalid, toSafe, viewOf, type ByteSpan } from './boxes'

/** Each call moves on. @throws FFMPEG_OUTPUT_INVALID when the box ends before the field does. */
export interface FieldReader {
  /** 1 to 4 bytes. */
  uint(bytes: 1 | 2 | 3 | 4): number
  int32(): number
  /** Exact. @throws FFMPEG_OUTPUT_INVALID also beyond 2^53. */
  uint64(): number
  text(bytes: number): string
  skip(bytes: number): void
  /** Bytes not read yet. */
  left(): number
  /** Offset of the next byte. */
  position(): number
}

/** Version and flags of a full box (ISO/IEC 14496-12, 4.2.2). */
export interface FullBoxHeader {
  version: number
  flags: number
}

/** @param name For messages, for example `tfhd`. */
export function fieldsOf(bytes: Uint8Array, { payload, end }: ByteSpan, name: string): FieldReader {
  const view = viewOf(bytes)
  let at = payload
  const take = (count: number): number => {
    if (at + count > end) throw invalid(`'${name}' ends ${at + count - end} bytes before its fields do`)
    at += count
    return at - count
  }
  return {
    uint: (count) => {
      const from = take(count)
      if (count === 4) return view.getUint32(from)
      let value = 0
      for (let index = from; index < from + count; index += 1) value = value * 0x100 + view.getUint8(index)
      return value
    },
    int32: () => view.getInt32(take(4)),
    uint64: () => toSafe(view.getBigUint64(take(8))),
    text: (count) => String.fromCharCode(...bytes.subarray(take(count), at)),
    skip: (count) => void take(count),
    left: () => end - at,
    position: () => at,
  }
}

export function fullBoxHeader(fields: FieldReader): FullBoxHeader {
  return { version: fields.uint(1), flags: fields.uint(3) }
}
