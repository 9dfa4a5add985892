'use strict'
/**
 * Set-up for every entry point: what a fresh machine lacks is installed, what changed is built.
 * Plain JavaScript on Node's own modules, since nothing else is there yet. Speaks on stderr only; stdout is for results.
 */
const path = require('node:path')
const { buildIsStale, compile } = require('./set-up/build.js')
const { SetupError, Stopped, stopOnSignals } = require('./set-up/command.js')
const { takeLock } = require('./set-up/lock.js')
const { installPackages, packagesAreMissing } = require('./set-up/packages.js')
const { installPrograms, installerOf, missingPrograms } = require('./set-up/programs.js')

const ROOT = path.resolve(__dirname, '..')

/** Everything `gantry run` needs. */
const RUN_PROGRAMS = ['ffmpeg', 'ffprobe', 'redis-server', 'setpriv', 'prlimit']
/** What the test suite needs beside it. */
const TEST_PROGRAMS = [...RUN_PROGRAMS, 'chromium', 'java', 'mvn', 'go']

/**
 * Brings the checkout into working order, one process at a time. Looks first and takes no lock when nothing is to do,
 * which is the usual case and takes milliseconds.
 */
async function setUp({ programs = [], build = true } = {}) {
  const missing = () => missingPrograms(programs)
  // Told before anything is installed, since the user has to come back then.
  if (missing().length > 0) installerOf(missing())
  const steps = [
    { needed: () => missing().length > 0, run: () => installPrograms(missing()) },
    { needed: () => packagesAreMissing(ROOT), run: () => installPackages(ROOT) },
    { needed: () => build && buildIsStale(ROOT), run: () => compile(ROOT) },
  ]
  if (!steps.some((step) => step.needed())) return
  const forget = stopOnSignals()
  try {
    const lock = await takeLock(path.join(ROOT, '.gantry-setup.lock'))
    try {
      // Another process may have done it while this one waited for the lock.
      for (const step of steps) if (step.needed()) await step.run()
    } finally {
      lock.release()
    }
  } finally {
    forget()
  }
}

/** Runs an entry point's work after set-up; a set-up that fails is told in a line, without a stack. */
function enter(options, work) {
  setUp(options)
    .then(work)
    .catch((error) => {
      if (error instanceof Stopped) process.exit(error.exitCode)
      process.stderr.write(`gantry: ${error instanceof SetupError ? error.message : error.stack}\n`)
      process.exit(1)
    })
}

module.exports = { ROOT, RUN_PROGRAMS, TEST_PROGRAMS, enter }
