/** What `npm test` counts, chooses and tells, with a stand-in for jest. */
import { readFileSync } from 'node:fs'
import { createToyCheckout, said, type ToyCheckout } from '../support/toy-checkout'

interface JestEnd {
  code: number
  counts?: {
    numPassedTests?: number
    numFailedTests?: number
    numPendingTests?: number
    numRuntimeErrorTestSuites?: number
  }
}

let toy: ToyCheckout
beforeEach(() => {
  toy = createToyCheckout()
})
afterEach(() => toy.dispose())

async function run(
  words: readonly string[],
  ...runs: readonly JestEnd[]
): Promise<{ code: number | null; last: string }> {
  toy.put('results.json', JSON.stringify(runs))
  const { code, stdout } = await toy.start(['bin/test.js', ...words]).ended
  return { code, last: stdout }
}

const jestCalls = (): string[] => toy.calls().filter((call) => call.startsWith('jest'))
const jestCall = (projects: string, rest: string): string =>
  `jest --selectProjects ${projects} --json --outputFile --passWithNoTests${rest}`

describe('npm test', () => {
  it('sums all runs in one last line', async () => {
    const runs = [
      { code: 0, counts: { numPassedTests: 40 } },
      { code: 0, counts: { numPassedTests: 2 } },
    ]
    expect(await run([], ...runs)).toEqual({ code: 0, last: '42 passed, 0 failed\n' })
    expect(jestCalls()).toEqual([jestCall('unit contract', ''), jestCall('integration e2e faults sim image', ' -i')])
  })

  it('goes on after a failure and ends with 1', async () => {
    const runs = [
      { code: 1, counts: { numPassedTests: 3, numFailedTests: 2 } },
      { code: 0, counts: { numPassedTests: 4, numPendingTests: 1 } },
    ]
    expect(await run([], ...runs)).toEqual({ code: 1, last: '7 passed, 2 failed, 1 skipped\n' })
  })

  it('counts a file that does not load, or fails in its last hook, beside failed tests', async () => {
    const counts = { numPassedTests: 3, numFailedTests: 1, numRuntimeErrorTestSuites: 2 }
    expect(await run(['unit'], { code: 1, counts })).toEqual({ code: 1, last: '3 passed, 3 failed\n' })
  })

  it('counts jest itself when it ends badly without a failed test', async () => {
    expect(await run(['unit'], { code: 1, counts: { numPassedTests: 3 } })).toMatchObject({
      code: 1,
      last: '3 passed, 1 failed\n',
    })
    expect(await run(['unit'], { code: 1 })).toMatchObject({ code: 1, last: '0 passed, 1 failed\n' })
  })

  it('fails when no test ran', async () => {
    expect(await run(['e2e'], { code: 0, counts: { numPendingTests: 5 } })).toEqual({
      code: 1,
      last: '0 passed, 1 failed, 5 skipped\n',
    })
  })

  it('runs the projects that are named and hands all other words to jest', async () => {
    const right = { code: 0, counts: { numPassedTests: 1 } }
    await run(['unit', '-t', 'a name'], right)
    await run(['e2e', 'contract', 'portrait'], right, right)
    await run(['ladders'], right, right)
    expect(jestCalls()).toEqual([
      jestCall('unit', ' -t a name'),
      jestCall('contract', ' portrait'),
      jestCall('e2e', ' -i portrait'),
      jestCall('unit contract', ' ladders'),
      jestCall('integration e2e faults sim image', ' -i ladders'),
    ])
  })

  it('needs chromium, or the browser that GANTRY_TEST_CHROMIUM names', async () => {
    toy.remove('tools/chromium')
    const { code, stderr } = await toy.start(['bin/test.js']).ended
    expect(code).toBe(1)
    expect(stderr).toContain('this machine lacks chromium')
    toy.put('browser', '#!/bin/sh\n')
    toy.put('results.json', JSON.stringify([{ code: 0, counts: { numPassedTests: 1 } }]))
    const env = { GANTRY_TEST_CHROMIUM: toy.path('browser') }
    expect((await toy.start(['bin/test.js', 'unit'], env).ended).code).toBe(0)
    expect(readFileSync(toy.path('browser-of-tests'), 'utf8')).toBe(toy.path('browser'))
  })

  it('tells tests where it has found chromium', async () => {
    await run(['unit'], { code: 0, counts: { numPassedTests: 1 } })
    expect(readFileSync(toy.path('browser-of-tests'), 'utf8')).toBe(toy.path('tools', 'chromium'))
  })

  it('hands a signal to jest and ends with its code', async () => {
    toy.put('results.json', JSON.stringify([{ code: 0, counts: { numPassedTests: 1 } }]))
    await toy.start(['bin/test.js', 'unit']).ended
    toy.put('node_modules/jest/bin/jest.js', "console.error('running'); setTimeout(() => {}, 60_000)")
    const started = toy.start(['bin/test.js', 'unit'])
    await said(started, 'running')
    started.child.kill('SIGTERM')
    expect(await started.ended).toMatchObject({ code: 143, stdout: '' })
  })
})
