import { findingsIn } from '../../scheduler/told-findings'

const FOUND = { rule: 'object-missing', where: 'master.m3u8:3', message: 'r1/a.m4s is not there' }

describe('findingsIn', () => {
  it('tells rule, place and message of each finding, and nothing else of it', () => {
    const details = { findings: [{ ...FOUND, severity: 'error', source: 'RFC 8216' }], host: 'w1' }
    expect(findingsIn(details)).toEqual([FOUND])
  })

  it('tells the first twenty, with texts of bounded length', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ ...FOUND, message: `${index} ${'x'.repeat(9_000)}` }))
    const told = findingsIn({ findings: many })
    expect(told.map(({ message }) => Number.parseInt(message, 10))).toEqual(many.slice(0, 20).map((_, index) => index))
    expect(JSON.stringify(told).length).toBeLessThan(100_000)
  })

  it.each([{}, { findings: 'many' }, { findings: [null, 'x', { rule: 1, where: '', message: '' }] }])(
    'tells nothing of details that hold none: %j',
    (details) => {
      expect(findingsIn(details)).toEqual([])
    },
  )
})
