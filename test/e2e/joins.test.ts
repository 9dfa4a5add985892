/** Masters cut into short pieces for three workers: what is decoded is the same as of masters that were encoded whole. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBoth, encoded, jobsOf, markersOf, type Encoded } from '../support/joins/encoding'
import { FILMS, makeFilms } from '../support/joins/films'
import { testPictures, testSound, type BothEncodes } from '../support/joins/promises'
import { mastersFolder } from '../support/masters'

/** Real masters of 5 s and more that have an index. */
const REAL = [
  'butterfly-720p30-aac.mp4',
  'gopro-max-480p30-10s-data-tracks.mp4',
  'rooftops-360p30-17s.mp4',
  'bikes-640x272-10s-no-audio.mp4',
  'bunny-vp8-vorbis-720p24-30s.webm',
  'nasa-13s-multi-video-multi-audio-movtext.mp4',
  'testsrc-444-chapters-negative-start.mkv',
]
const MADE = FILMS.map(({ file, copy }) => copy?.file ?? file)

let folder: string
let pieces: ReadonlyMap<string, Encoded>
let wholes: ReadonlyMap<string, Encoded>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-joins-'))
  mkdirSync(join(folder, 'films'))
  const made = await makeFilms(FILMS, join(folder, 'films'))
  const masters = [...REAL.map((file) => join(mastersFolder(), file)), ...made]
  ;({ pieces, wholes } = await encodeBoth(masters, folder))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const both = (file: string): ReturnType<BothEncodes> => ({ cut: encoded(pieces, file), whole: encoded(wholes, file) })

describe.each([...REAL, ...MADE])('%s', (file) => {
  it('is cut into pieces', () => {
    expect(jobsOf(encoded(pieces, file), 'video-piece').length).toBeGreaterThan(1)
    expect(jobsOf(encoded(wholes, file), 'video-piece')).toHaveLength(1)
  })

  testPictures(() => both(file))
})

const withSound = [...REAL, ...MADE].filter((file) => !file.includes('no-audio'))

describe.each(withSound)('%s', (file) => testSound(() => both(file)))

it('every worker made pieces', () => {
  const workers = new Set(
    [...pieces.values()].flatMap((one) => markersOf(one, 'video-piece').map(({ workerId }) => workerId)),
  )
  expect([...workers].sort()).toEqual(['local-1', 'local-2', 'local-3'])
})
