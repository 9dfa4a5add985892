/** Every variety of master comes out as it must: read back by ffprobe, by mediabunny, and by ear and eye. */
import { COLOURS } from '../support/varieties/colours'
import { CONTAINERS } from '../support/varieties/containers'
import { FIELDS } from '../support/varieties/fields'
import { judgeVariety } from '../support/varieties/judge'
import { PICTURES } from '../support/varieties/pictures'
import { runVarieties, type VarietiesRun } from '../support/varieties/running'
import { SOUNDS } from '../support/varieties/sounds'
import { TEXTS } from '../support/varieties/texts'
import { TIMING } from '../support/varieties/timing'
import type { Accepted } from '../support/varieties/variety'
import { wrongWith } from '../support/verifying'

const ALL = [...PICTURES, ...FIELDS, ...TIMING, ...COLOURS, ...CONTAINERS, ...SOUNDS, ...TEXTS]

let run: VarietiesRun
beforeAll(async () => {
  run = await runVarieties(ALL)
})
afterAll(() => run.remove())

/** What the master itself has too much or too little of. */
const lengths = ({ warnings = [] }: Accepted): readonly RegExp[] =>
  warnings.filter(({ source }) => /^sound ends/.test(source))

it('are all published', () => {
  expect([...run.failed]).toEqual([])
  expect([...run.published.keys()].sort()).toEqual(ALL.map(({ file }) => file).sort())
  expect(run.result.code).toBe(0)
})

it.each(ALL)('$file', async ({ file, expected }) => {
  const master = run.published.get(file)
  if (master === undefined) throw new Error(`not published: ${JSON.stringify(run.failed.get(file))}`)
  expect(await judgeVariety(master, expected)).toEqual([])
  expect(await wrongWith(master)).toEqual(
    lengths(expected).map(() => expect.stringContaining('warning sound-length at ')),
  )
})
