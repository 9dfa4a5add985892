#!/usr/bin/env node
'use strict'
/** `npm run soak`: all services on real servers, steady work, and faults drawn from a seed, for as long as is wanted. */
require('./node-version.js')
const { randomInt } = require('node:crypto')
const path = require('node:path')
const { runStep } = require('./run-step.js')
const { ROOT, TEST_PROGRAMS, enter } = require('./setup.js')

const MOST_MINUTES = 1_440
const MOST_SEED = 2 ** 32 - 1
const USUAL_MINUTES = 20

const HELP = `Usage: soak [options]

Runs two schedulers and two workers on real servers for some minutes: masters keep coming, assets are
cancelled, redone and deleted, and more than six times a minute something breaks. At the end a judge looks at
everything. Ends with 1 when a promise was broken. What is promised: docs/reliability.md.

Options:
  --minutes <n>  how long faults go on, 1 to ${MOST_MINUTES} (default: ${USUAL_MINUTES})
  --seed <n>     faults and work are drawn from it, 0 to ${MOST_SEED} (default: another each time)
  -h, --help     print this help
`

/** Of `--minutes 5` or `--minutes=5`. @returns a message in place of what is wrong. */
function parse(words) {
  const options = { minutes: USUAL_MINUTES, seed: randomInt(MOST_SEED) }
  const limits = { minutes: [1, MOST_MINUTES], seed: [0, MOST_SEED] }
  for (let at = 0; at < words.length; at += 1) {
    const [, name, joined] = /^--(minutes|seed)(?:=(.*))?$/.exec(words[at]) ?? []
    if (name === undefined) return `'${words[at]}' is not understood`
    if (joined === undefined) at += 1
    const value = joined ?? words[at] ?? ''
    const [least, most] = limits[name]
    const isRight = /^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most
    if (!isRight) return `--${name} must be a whole number from ${least} to ${most}, got '${value}'`
    options[name] = Number(value)
  }
  return options
}

const words = process.argv.slice(2)
if (words.some((word) => ['-h', '--help'].includes(word))) {
  process.stdout.write(HELP)
  process.exit(0)
}
const options = parse(words)
if (typeof options === 'string') {
  process.stderr.write(`soak: ${options}; see soak --help\n`)
  process.exit(2)
}

enter({ programs: TEST_PROGRAMS.filter((name) => name !== 'chromium') }, async () => {
  process.env.GANTRY_SOAK_MINUTES = String(options.minutes)
  process.env.GANTRY_SOAK_SEED = String(options.seed)
  const again = `npm run soak -- --minutes ${options.minutes} --seed ${options.seed}\n`
  process.stdout.write(`soak: ${again}`)
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js')
  const isRight = await runStep([jest, '--selectProjects', 'soak', '-i'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  process.stdout.write(`soak: ${isRight ? 'all promises were kept' : 'a promise was broken'}; again: ${again}`)
  process.exitCode = isRight ? 0 : 1
})
