/** Cuts a fragmented MP4 that arrives in chunks into its init segment and its fragments. */
import { boxHeader, invalid, printable, viewOf, type BoxHeader } from './boxes'

export interface Mp4Part {
  /** `init` is ftyp and moov; `fragment` is moof and mdat with what stands before them (styp, sidx, emsg). */
  type: 'init' | 'fragment'
  bytes: Uint8Array
}

export interface Mp4Splitter {
  /**
   * Takes a chunk and gives the parts that it completes, in order. The chunk may be reused afterwards.
   *
   * @throws FFMPEG_OUTPUT_INVALID for a part over the limit, a box of impossible size, or boxes out of order; nothing
   * may be pushed after that.
   */
  push(chunk: Uint8Array): Mp4Part[]
  /** @throws FFMPEG_OUTPUT_INVALID when the stream ended within a part. A stream without a byte is no fault. */
  end(): void
}

/**
 * Takes linear time however small chunks and boxes are, and holds one part at a time.
 *
 * @param options.maxPartBytes Limit on the init segment and on each fragment.
 */
export function createSplitter({ maxPartBytes }: { maxPartBytes: number }): Mp4Splitter {
  return new Splitter(maxPartBytes)
}

/** Where in the stream the next box stands. */
type Phase = 'start' | 'init' | 'between' | 'media'

/** What each phase waits for; anything else may stand before it, but none of the other three. */
const AWAITED: Readonly<Record<Phase, { type: string; next: Phase }>> = {
  start: { type: 'ftyp', next: 'init' },
  init: { type: 'moov', next: 'between' },
  between: { type: 'moof', next: 'media' },
  media: { type: 'mdat', next: 'between' },
}
const ORDERED = new Set(Object.values(AWAITED).map(({ type }) => type))
/** Dropped between parts: `mfra` names positions in the whole stream, which do not hold for stored segments. */
const DROPPED = new Set(['mfra', 'free', 'skip'])
/** A 64-bit size takes 16 bytes. */
const LONGEST_HEADER_BYTES = 16
const FIRST_CAPACITY_BYTES = 64 * 1024

interface OpenBox {
  type: string
  /** Bytes that have not arrived. */
  missing: number
  isKept: boolean
}

class Splitter implements Mp4Splitter {
  readonly #maxPartBytes: number
  #phase: Phase = 'start'
  #box: OpenBox | null = null
  readonly #header = new Uint8Array(LONGEST_HEADER_BYTES)
  #headerBytes = 0
  #part = new Uint8Array(0)
  #partBytes = 0

  constructor(maxPartBytes: number) {
    this.#maxPartBytes = maxPartBytes
  }

  push(chunk: Uint8Array): Mp4Part[] {
    const done: Mp4Part[] = []
    for (let at = 0; at < chunk.byteLength;) {
      at += this.#box === null ? this.#takeHeader(chunk, at) : this.#takePayload(this.#box, chunk, at)
      const box: OpenBox | null = this.#box
      if (box?.missing === 0) done.push(...this.#closeBox(box))
    }
    return done
  }

  end(): void {
    if (this.#box !== null) throw invalid(`the stream ends within '${printable(this.#box.type)}'`)
    if (this.#headerBytes > 0) throw invalid('the stream ends within the header of a box')
    if (this.#partBytes > 0) throw invalid(`the stream ends before '${AWAITED[this.#phase].type}'`)
  }

  /** Gives how many bytes of the chunk it used. */
  #takeHeader(chunk: Uint8Array, at: number): number {
    const wanted = this.#headerBytes < 8 ? 8 : LONGEST_HEADER_BYTES
    const taken = chunk.subarray(at, at + wanted - this.#headerBytes)
    this.#header.set(taken, this.#headerBytes)
    this.#headerBytes += taken.byteLength
    const header = boxHeader(viewOf(this.#header), 0, this.#headerBytes)
    if (header !== null) this.#openBox(header)
    return taken.byteLength
  }

  #openBox({ type, size, headerBytes }: BoxHeader): void {
    // Size 0 means to the end of the file: a stream that goes on has none.
    if (size < headerBytes) throw invalid(`box '${printable(type)}' has the impossible size ${size}`)
    const isDropped = DROPPED.has(type) && this.#phase === 'between' && this.#partBytes === 0
    if (!isDropped) this.#checkPlace(type, size)
    this.#box = { type, missing: size - headerBytes, isKept: !isDropped }
    if (!isDropped) this.#append(this.#header.subarray(0, headerBytes))
    this.#headerBytes = 0
  }

  #checkPlace(type: string, size: number): void {
    const { type: awaited } = AWAITED[this.#phase]
    const isMisplaced = type !== awaited && (this.#phase === 'start' || ORDERED.has(type))
    if (isMisplaced) throw invalid(`'${printable(type)}' stands where '${awaited}' is expected`)
    if (this.#partBytes + size > this.#maxPartBytes) {
      throw invalid(`a part is larger than the ${this.#maxPartBytes} bytes allowed`)
    }
  }

  #takePayload(box: OpenBox, chunk: Uint8Array, at: number): number {
    const taken = chunk.subarray(at, at + box.missing)
    if (box.isKept) this.#append(taken)
    box.missing -= taken.byteLength
    return taken.byteLength
  }

  #closeBox({ type, isKept }: OpenBox): Mp4Part[] {
    this.#box = null
    const awaited = AWAITED[this.#phase]
    if (!isKept || type !== awaited.type) return []
    this.#phase = awaited.next
    if (awaited.next !== 'between') return []
    // A copy: the next part grows in the same memory.
    const bytes = this.#part.slice(0, this.#partBytes)
    this.#partBytes = 0
    return [{ type: type === 'moov' ? 'init' : 'fragment', bytes }]
  }

  /** Capacity doubles, so copying stays linear; it follows what has arrived, not what a header promises. */
  #append(bytes: Uint8Array): void {
    const needed = this.#partBytes + bytes.byteLength
    if (needed > this.#part.byteLength) {
      const doubled = Math.max(needed, 2 * this.#part.byteLength, FIRST_CAPACITY_BYTES)
      const larger = new Uint8Array(Math.min(doubled, this.#maxPartBytes))
      larger.set(this.#part.subarray(0, this.#partBytes))
      this.#part = larger
    }
    this.#part.set(bytes, this.#partBytes)
    this.#partBytes = needed
  }
}
