/** Cuts a fragmented MP4 that arrives in chunks into its init segment and its fragments. */
import { boxHeader, invalid } from './boxes'

export interface Mp4Part {
  type: 'init' | 'fragment'
  bytes: Uint8Array
}

export interface Mp4Splitter {
  /** Takes a chunk and gives the parts that it completes, in order. */
  push(chunk: Uint8Array): Mp4Part[]
  /** @throws FFMPEG_OUTPUT_INVALID when the stream ended within a part. */
  end(): void
}

/** Boxes that close a part. Whatever stands before them (ftyp, styp, sidx, moof) belongs to the same part. */
const LAST_BOX: Readonly<Record<string, Mp4Part['type']>> = { moov: 'init', mdat: 'fragment' }
/** Indexes at the end of a file; they name positions that do not hold for stored segments. */
const DROPPED = new Set(['mfra', 'free', 'skip'])
/** A 64-bit size takes 16 bytes. */
const LONGEST_HEADER = 16

/**
 * Takes linear time however small the chunks are; holds one part at a time.
 *
 * @throws FFMPEG_OUTPUT_INVALID (from `push`) for a part over `maxPartBytes` or a box of impossible size.
 */
export function createSplitter({ maxPartBytes }: { maxPartBytes: number }): Mp4Splitter {
  let part: Uint8Array[] = []
  let partBytes = 0
  let header = new Uint8Array(0)
  /** Bytes of the present box that have not arrived; 0 between boxes. */
  let missing = 0
  let type = ''

  const take = (bytes: Uint8Array): void => {
    if (DROPPED.has(type)) return
    partBytes += bytes.byteLength
    if (partBytes > maxPartBytes) throw invalid(`a fragment is larger than ${maxPartBytes} bytes`)
    part.push(bytes)
  }
  const closeBox = (): Mp4Part[] => {
    const closes = LAST_BOX[type]
    if (closes === undefined) return []
    const done = { type: closes, bytes: concat(part, partBytes) }
    part = []
    partBytes = 0
    return [done]
  }
  const open = (): void => {
    const found = boxHeader(header, 0)
    if (found === null) return
    if (found.size < found.headerBytes) throw invalid(`a box has the impossible size ${found.size}`)
    type = found.type
    missing = found.size - header.byteLength
    take(header)
    header = new Uint8Array(0)
  }

  return {
    push: (chunk) => {
      const done: Mp4Part[] = []
      for (let at = 0; at < chunk.byteLength;) {
        if (missing === 0) {
          const wanted = wantedHeaderBytes(header)
          const piece = chunk.subarray(at, at + wanted - header.byteLength)
          header = concat([header, piece], header.byteLength + piece.byteLength)
          at += piece.byteLength
          if (header.byteLength === wantedHeaderBytes(header)) {
            open()
            if (missing === 0) done.push(...closeBox())
          }
          continue
        }
        const piece = chunk.subarray(at, at + missing)
        take(piece)
        missing -= piece.byteLength
        at += piece.byteLength
        if (missing === 0) done.push(...closeBox())
      }
      return done
    },
    end: () => {
      if (missing > 0 || header.byteLength > 0) throw invalid(`the stream ends within the box '${type}'`)
      if (partBytes > 0) throw invalid('the stream ends within a fragment')
    },
  }
}

/** 8 bytes, or 16 once the first 4 say that the size is a 64-bit number. */
function wantedHeaderBytes(header: Uint8Array): number {
  const isLong = header.byteLength >= 4 && header[0] === 0 && header[1] === 0 && header[2] === 0 && header[3] === 1
  return isLong ? LONGEST_HEADER : 8
}

function concat(chunks: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
