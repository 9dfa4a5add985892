/** Masters without an index, cut into short pieces of a copy: what is decoded is the same as of the whole master. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBoth, encoded, jobsOf, markersOf, type Encoded } from '../support/joins/encoding'
import { makeFilms } from '../support/joins/films'
import { FILMS_WITHOUT_INDEX } from '../support/joins/films-without-index'
import { testPictures, testSound, type BothEncodes } from '../support/joins/promises'

/** Its clock goes back by seconds where a recording was cut: what ffmpeg makes of that depends on what it has decoded. */
const JUMPING = 'jumping.ts'
const COPIED = FILMS_WITHOUT_INDEX.map(({ file, copy }) => copy?.file ?? file)

let folder: string
let pieces: ReadonlyMap<string, Encoded>
let wholes: ReadonlyMap<string, Encoded>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-joins-copied-'))
  mkdirSync(join(folder, 'films'))
  const masters = await makeFilms(FILMS_WITHOUT_INDEX, join(folder, 'films'))
  masters.push(join(folder, 'films', JUMPING))
  writeFileSync(join(folder, 'films', JUMPING), overlapping(readFileSync(join(folder, 'films', 'b-frames.ts'))))
  ;({ pieces, wholes } = await encodeBoth(masters, folder))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Whose keyframes are none, or whose times are not those of the pictures: some seeks lose pictures. */
const HARD = ['intra-refresh.ts', 'wrong-times.ts']

function attempts({ run }: Encoded): number {
  return readdirSync(join(run, 'video', 'all')).filter((name) => /^\d{4}-/.test(name)).length
}

it.each(COPIED.filter((file) => !HARD.includes(file)))('%s is sought once for each piece', (file) => {
  const cut = encoded(pieces, file)
  expect(attempts(cut)).toBe(jobsOf(cut, 'video-piece').length)
})

it('where a seek loses pictures, an earlier one is tried', () => {
  const cut = encoded(pieces, 'intra-refresh.ts')
  expect(attempts(cut)).toBeGreaterThan(jobsOf(cut, 'video-piece').length)
})

/** Its first three fifths, then its last three. */
function overlapping(stream: Buffer): Buffer {
  const part = 188 * Math.floor((stream.byteLength * 3) / 5 / 188)
  return Buffer.concat([stream.subarray(0, part), stream.subarray(stream.byteLength - part)])
}

describe.each(COPIED)('%s', (file) => {
  it('is copied once, and the pieces read the copy', () => {
    const cut = encoded(pieces, file)
    const planned = jobsOf(cut, 'video-piece')
    expect(planned.length).toBeGreaterThan(1)
    expect(planned.map(({ copiedBy }) => copiedBy)).toEqual(planned.map(() => 'remux'))
    expect(markersOf(cut, 'remux')).toMatchObject([{ reason: null }])
    const inputs = markersOf(cut, 'video-piece').map(({ receipt }) => receipt.argv[receipt.argv.indexOf('-f') + 1])
    expect(new Set(inputs)).toEqual(new Set(['mov']))
  })
})

it('a master whose clock jumps is encoded by the first piece, and nothing is left for the others', () => {
  const cut = encoded(pieces, JUMPING)
  expect(markersOf(cut, 'remux')).toMatchObject([
    { copy: null, reason: expect.stringContaining('runs backwards') as string },
  ])
  const [first, ...others] = markersOf(cut, 'video-piece').toSorted((a, b) => (a.part < b.part ? -1 : 1))
  expect(first?.frames).toBeGreaterThan(200)
  expect(others.length).toBeGreaterThan(1)
  expect(others.map(({ frames, tracks }) => [frames, tracks])).toEqual(others.map(() => [0, []]))
})

const both = (file: string): ReturnType<BothEncodes> => ({ cut: encoded(pieces, file), whole: encoded(wholes, file) })

describe.each([...COPIED, JUMPING])('%s', (file) => {
  it('is encoded whole where pieces are asked to be longer', () => {
    expect(jobsOf(encoded(wholes, file), 'video-piece')).toHaveLength(1)
    expect(jobsOf(encoded(wholes, file), 'remux')).toEqual([])
  })

  testPictures(() => both(file))
  testSound(() => both(file))

  it('leaves no copy behind', () => {
    const { state } = encoded(pieces, file)
    const left = existsSync(join(state, 'remux')) ? readdirSync(join(state, 'remux'), { recursive: true }) : []
    expect(left.filter((name) => String(name).includes('.'))).toEqual([])
  })
})
