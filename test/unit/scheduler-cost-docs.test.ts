import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_PRICES, parsePrices } from '../../scheduler/cost/prices'
import { DECODE_MPX, ENCODE_MPX, OTHER_DECODE_MPX } from '../../scheduler/cost/speeds'
import type { CostCodec, CostPreset } from '../../scheduler/cost/work'

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'costs.md'), 'utf8')

const grouped = (count: number): string => count.toLocaleString('en-US')

describe('docs/costs.md', () => {
  it('shows the default prices as a file that can be given', () => {
    const block = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? ''
    expect(parsePrices(block, 'docs/costs.md')).toEqual(DEFAULT_PRICES)
  })

  it('has a row for the speed of every preset', () => {
    const codecs: CostCodec[] = ['h264', 'hevc', 'av1']
    const rows = (Object.keys(ENCODE_MPX.h264) as CostPreset[]).map((preset) => {
      return `| ${[preset, ...codecs.map((codec) => ENCODE_MPX[codec][preset])].join(' | ')} |`
    })
    const names = rows.map((row) => row.split(' | ')[0])
    const shown = page.split('\n').filter((line) => names.includes(line.split(' | ')[0]))
    expect(shown).toEqual(rows)
  })

  it('names the speed of every decoder', () => {
    const speeds = Object.entries(DECODE_MPX).map(([codec, speed]) => `${codec} ${grouped(speed)}`)
    expect(page).toContain(`Decoding: ${speeds.join(', ')}; any other ${OTHER_DECODE_MPX}.`)
  })
})
