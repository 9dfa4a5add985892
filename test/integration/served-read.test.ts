import { readRange, type ReadPace } from '../../core/adapters/served-read'
import { FAST, brokenStream, bytesOf, pattern, unavailable, type Pattern } from '../support/served-pattern'

const BLOCK = 65_536
const range = { start: 100, end: 4 * BLOCK }
const pace: ReadPace = { blockBytes: () => BLOCK, isFast: () => true, room: () => Promise.resolve() }

async function readAll(resource: Pattern, onChunk: () => void = () => undefined): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readRange(resource, range, { policy: FAST, pace }, new AbortController().signal)) {
    chunks.push(chunk)
    onChunk()
  }
  return Buffer.concat(chunks)
}

/** A stream is destroyed a turn after the reader is done with it. */
const settled = (): Promise<void> => new Promise(setImmediate)

describe('reading ahead for a fast reader', () => {
  it('opens the next block while half of one is still to be read', async () => {
    const resource = pattern(5 * BLOCK)
    const opened: number[] = []
    await readAll(resource, () => opened.push(resource.reads.length))
    // Four chunks a block: the next one is asked for at the second.
    expect(opened.slice(0, 6)).toEqual([1, 1, 2, 2, 2, 2])
    expect(resource.reads).toHaveLength(4)
  })

  it.each([2, 3])('goes on at the exact byte where read %i fails, and leaves no stream open', async (bad) => {
    const resource = pattern(5 * BLOCK, (n, at) => (n === bad ? brokenStream(at, 50_000, unavailable()) : null))
    expect((await readAll(resource)).equals(bytesOf(range))).toBe(true)
    await settled()
    expect(resource.streams.map(({ destroyed }) => destroyed)).not.toContain(false)
  })

  it('leaves no stream open when the reader goes away', async () => {
    const resource = pattern(5 * BLOCK)
    const leaving = readAll(resource, () => {
      if (resource.reads.length > 1) throw new Error('it leaves')
    })
    await expect(leaving).rejects.toThrow('it leaves')
    await settled()
    expect(resource.streams.map(({ destroyed }) => destroyed)).toEqual([true, true])
  })
})
