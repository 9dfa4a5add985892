/** The image has a newer Node than the oldest that is promised: the unit tests pass on it, too. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node24 } from '../support/node24'
import { runProgram } from '../support/run-program'

const ROOT = join(__dirname, '..', '..')

it('all unit tests pass on Node 24', async () => {
  const program = await node24()
  expect((await runProgram(program, ['--version'])).stdout).toMatch(/^v24\./)
  const folder = mkdtempSync(join(tmpdir(), 'gantry-node24-'))
  try {
    const file = join(folder, 'results.json')
    const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js')
    await runProgram(program, [jest, '--selectProjects', 'unit', '--json', '--outputFile', file], ROOT)
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
      numRuntimeErrorTestSuites: number
    }
    expect({ numFailedTests, numRuntimeErrorTestSuites }).toEqual({ numFailedTests: 0, numRuntimeErrorTestSuites: 0 })
    expect(numPassedTests).toBeGreaterThan(1_000)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
