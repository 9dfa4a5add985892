/** The same master again: said at once, never encoded twice; what is gone or failed is made anew. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { eventsOf, runProduct, type ProductResult } from '../support/product'
import { judgeAsset } from '../support/reading/judge'

const master = join(mastersFolder(), 'bikes-640x272-10s-no-audio.mp4')
let out: string
let first: ProductResult
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
  first = await runProduct(master, '--out', out)
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

const location = ({ events }: ProductResult): string => eventsOf(events, 'asset.published')[0]?.data.master ?? ''

describe('the same master again', () => {
  it('is told as published with the same event, and nothing is encoded', async () => {
    const second = await runProduct(master, '--out', out)
    expect(second.code).toBe(0)
    expect(second.events.at(-1)).toEqual(first.events.at(-1))
    expect(eventsOf(second.events, 'rendition.progress')).toEqual([])
  })

  it('is encoded once when it is given twice in one call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-e2e-'))
    const { code, events } = await runProduct(master, master, '--out', folder)
    expect(code).toBe(0)
    expect(eventsOf(events, 'rendition.done')).toHaveLength(1)
    rmSync(folder, { recursive: true, force: true })
  })

  it('opens the next run when its files were deleted', async () => {
    rmSync(dirname(location(first)), { recursive: true })
    const third = await runProduct(master, '--out', out)
    expect(third.code).toBe(0)
    expect(third.events.at(-1)).toMatchObject({ type: 'asset.published', run: 2 })
    expect(await judgeAsset(location(third), master)).toEqual([])
  })
})
