/** What `npm run soak` says to words that it does not understand; nothing is started for them. */
import { join } from 'node:path'
import { runProgram, type ProgramResult } from '../support/run-program'

const soak = (...words: string[]): Promise<ProgramResult> =>
  runProgram(process.execPath, [join(__dirname, '..', '..', 'bin', 'soak.js'), ...words])

it('explains itself', async () => {
  const { code, stdout } = await soak('--minutes', '3', '--help')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: soak \[options\]\n[^]*--minutes <n>[^]*--seed <n>/)
})

it.each([
  [['all'], "'all' is not understood"],
  [['--hours', '3'], "'--hours' is not understood"],
  [['--minutes'], "--minutes must be a whole number from 1 to 1440, got ''"],
  [['--minutes', '0'], "--minutes must be a whole number from 1 to 1440, got '0'"],
  [['--minutes=1.5'], "--minutes must be a whole number from 1 to 1440, got '1.5'"],
  [['--seed', '-1'], "--seed must be a whole number from 0 to 4294967295, got '-1'"],
  [['--seed', '4294967296'], "--seed must be a whole number from 0 to 4294967295, got '4294967296'"],
])('refuses %p with what is allowed', async (words, message) => {
  expect(await soak(...words)).toEqual({ code: 2, stdout: '', stderr: `soak: ${message}; see soak --help\n` })
})
