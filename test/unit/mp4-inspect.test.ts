import { inspectMp4, type Mp4Report } from '../../media/mp4-inspect'
import { box, bytesOf, noise, zeros } from '../support/media-bytes'

/** Walks a file in memory and counts what it asks for. */
function inspect(file: Uint8Array, bytes = file.length): Mp4Report & { wants: number; wanted: number } {
  const walk = inspectMp4(bytes)
  let wants = 0
  let wanted = 0
  let step = walk.next()
  while (step.done !== true) {
    const { at, length } = step.value
    wants += 1
    wanted += length
    step = walk.next(file.subarray(at, at + length))
  }
  return { ...step.value, wants, wanted }
}

const ftyp = box('ftyp', bytesOf('isom', zeros(4)))
const nest = (path: readonly string[], inner: Uint8Array): Uint8Array =>
  [...path].reverse().reduce((contents, type) => box(type, contents), inner)
const track = (entry: string): Uint8Array => {
  const description = box('stsd', bytesOf(zeros(8), box(entry, noise(80))))
  return nest(['trak', 'mdia', 'minf', 'stbl'], bytesOf(box('stts', noise(16)), description, box('stsz', noise(5_000))))
}
const moov = (...entries: string[]): Uint8Array => box('moov', bytesOf(box('mvhd', noise(100)), ...entries.map(track)))
const mdat = box('mdat', noise(10_000))

describe('inspectMp4', () => {
  it.each([
    ['in front', bytesOf(ftyp, moov('avc1', 'mp4a'), mdat)],
    ['behind', bytesOf(ftyp, mdat, moov('avc1', 'mp4a'))],
    ['without ftyp', bytesOf(moov('avc1'))],
    ['before text', bytesOf(ftyp, moov('avc1'), '#EXTM3U\nhttp://x/y\n')],
    [
      'behind media of 64-bit size',
      bytesOf(ftyp, [0, 0, 0, 1], 'mdat', [0, 0, 0, 0, 0, 0, 0, 26], noise(10), moov('avc1')),
    ],
  ])('finds the index %s, by headers alone', (_, file) => {
    const report = inspect(file)
    expect(report).toMatchObject({ moov: 'whole', missingMediaBytes: 0, protectedEntries: [] })
    expect(report.wanted).toBe(report.wants * 16)
    expect(report.wants).toBeLessThan(30)
  })

  it.each([
    ['the media runs past the end', bytesOf(ftyp, [0x7f, 0, 0, 0], 'mdat', noise(500))],
    ['the media goes to the end', bytesOf(ftyp, [0, 0, 0, 0], 'mdat', noise(500))],
    ['there is nothing but a brand', ftyp],
    ['there is a fragment alone', bytesOf(ftyp, box('moof', noise(50)), mdat)],
    ['a few bytes follow the media', bytesOf(ftyp, mdat, [0, 0, 0])],
  ])('misses the index when %s', (_, file) => {
    expect(inspect(file).moov).toBe('missing')
  })

  it('tells an index that is cut', () => {
    const file = bytesOf(ftyp, mdat, moov('avc1'))
    expect(inspect(file.subarray(0, file.length - 100)).moov).toBe('cut')
  })

  it('counts the media bytes that are missing', () => {
    const file = bytesOf(ftyp, moov('avc1'), mdat)
    expect(inspect(file.subarray(0, file.length - 1_234))).toMatchObject({ moov: 'whole', missingMediaBytes: 1_234 })
  })

  it('finds protected tracks', () => {
    expect(inspect(bytesOf(ftyp, moov('avc1', 'enca', 'encv'), mdat)).protectedEntries).toEqual(['enca', 'encv'])
    expect(inspect(bytesOf(ftyp, mdat, moov('drms'))).protectedEntries).toEqual(['drms'])
  })

  it('does not take the bytes of media for boxes', () => {
    expect(inspect(bytesOf(ftyp, box('mdat', track('encv')), moov('avc1'))).protectedEntries).toEqual([])
  })

  it.each([
    ['a box smaller than its header', bytesOf(ftyp, [0, 0, 0, 4], 'moov')],
    ['a 64-bit box smaller than its header', bytesOf(ftyp, [0, 0, 0, 1], 'mdat', zeros(7), [3], noise(50))],
    ['a 64-bit box beyond all numbers', bytesOf(ftyp, [0, 0, 0, 1], 'mdat', new Array<number>(8).fill(255), noise(50))],
    ['ten thousand boxes', bytesOf(...Array.from({ length: 10_000 }, () => box('free', bytesOf())))],
  ])('leaves %s to ffprobe', (_, file) => {
    const report = inspect(file)
    expect(report.moov).toBe('unknown')
    expect(report.wants).toBeLessThan(100)
  })

  it('stays bounded in an index of endless or nested boxes', () => {
    const wide = box('moov', bytesOf(...Array.from({ length: 20_000 }, () => box('trak', bytesOf()))))
    expect(inspect(wide).wants).toBeLessThan(2_200)
    let deep = bytesOf()
    for (let level = 0; level < 5_000; level += 1) deep = box('trak', deep)
    expect(inspect(box('moov', deep)).wants).toBeLessThan(20)
  })

  it('stands a reader that gives less than it wanted', () => {
    expect(inspect(bytesOf(ftyp), 1_000_000).moov).toBe('unknown')
  })
})
