'use strict'
/**
 * `npm test`: the whole suite on real parts. `npm test -- unit contract` runs some projects; what follows the names
 * goes to jest (`npm test -- unit -t 'name'`). Closes with `N passed, N failed`.
 */
require('./node-version.js')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { runStep } = require('./run-step.js')
const { findProgram } = require('./set-up/programs.js')
const { ROOT, TEST_PROGRAMS, enter } = require('./setup.js')

/** Projects of one run may go side by side; those that start servers and encode go one after the other. */
const RUNS = [
  { projects: ['unit', 'contract'], argv: [] },
  { projects: ['integration', 'e2e', 'faults', 'sim', 'image', 'endurance'], argv: ['-i'] },
]
/** Too long for every change; their short forms are among the others. */
const ONLY_WHEN_NAMED = ['endurance']

const words = process.argv.slice(2)
const known = RUNS.flatMap((run) => run.projects)
const cut = words.findIndex((word) => !known.includes(word))
const wanted = cut < 0 ? words : words.slice(0, cut)
const jestWords = cut < 0 ? [] : words.slice(cut)

enter({ programs: TEST_PROGRAMS }, async () => {
  // Tests do not look for it themselves: it has a name and a place of its own on each system.
  process.env.GANTRY_TEST_CHROMIUM = findProgram('chromium')
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gantry-results-'))
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const [index, { projects, argv }] of RUNS.entries()) {
    const chosen = projects.filter((project) => isWanted(project))
    if (chosen.length > 0) add(sum, await runJest(chosen, argv, path.join(folder, `${index}.json`)))
  }
  if (sum.passed + sum.failed === 0) {
    process.stderr.write(`no test ran; the projects are ${known.join(', ')}\n`)
    sum.failed = 1
  }
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`)
  process.exitCode = sum.failed > 0 ? 1 : 0
})

function isWanted(project) {
  return wanted.length === 0 ? !ONLY_WHEN_NAMED.includes(project) : wanted.includes(project)
}

/** With `--json` jest's own report goes to stderr; stdout is left for the last line. */
async function runJest(projects, argv, results) {
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js')
  const own = ['--selectProjects', ...projects, '--json', '--outputFile', results, '--passWithNoTests']
  const isRight = await runStep([jest, ...own, ...argv, ...jestWords], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { isRight, counts: fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : null }
}

/** A file that does not load, or that fails in its last hook, has no failed test of its own and counts as one. */
function add(sum, { isRight, counts }) {
  const failed = (counts?.numFailedTests ?? 0) + (counts?.numRuntimeErrorTestSuites ?? 0)
  sum.passed += counts?.numPassedTests ?? 0
  sum.skipped += (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0)
  sum.failed += isRight ? failed : Math.max(failed, 1)
}
