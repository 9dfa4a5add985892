import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetrics } from '../../core/service/metrics'

const rows = readFileSync(join(__dirname, '..', '..', 'docs', 'services.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `gantry_'))

describe('docs/services.md', () => {
  it('has a row for every metric and no other, with its labels and meaning', () => {
    const { registry } = createMetrics('scheduler')
    const own = registry.getMetricsAsArray().filter(({ name }) => name.startsWith('gantry_'))
    const expected = own.map((metric) => {
      const { labelNames } = metric as unknown as { labelNames: readonly string[] }
      const labels = labelNames.map((label) => `\`${label}\``).join(', ')
      return `| \`${metric.name}\` | ${labels} | ${metric.help} |`.replace('|  |', '| |')
    })
    expect(rows).toEqual(expected)
  })
})
