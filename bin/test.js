'use strict'
/**
 * `npm test`: the whole suite on real parts. `npm test -- unit contract` runs some projects; what follows the names
 * goes to jest (`npm test -- unit -t 'name'`). Closes with `N passed, N failed`.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ROOT, TEST_PROGRAMS, enter } = require('./setup.js')

/** Projects of one run may go side by side; those that start servers and encode go one after the other. */
const RUNS = [
  { projects: ['unit', 'contract'], argv: [] },
  { projects: ['integration', 'e2e', 'faults', 'sim'], argv: ['-i'] },
]

const words = process.argv.slice(2)
const known = RUNS.flatMap((run) => run.projects)
const cut = words.findIndex((word) => !known.includes(word))
const wanted = cut < 0 ? words : words.slice(0, cut)
const jestWords = cut < 0 ? [] : words.slice(cut)

enter({ programs: TEST_PROGRAMS }, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gantry-results-'))
  const sum = { passed: 0, failed: 0, skipped: 0 }
  try {
    for (const [index, { projects, argv }] of RUNS.entries()) {
      const chosen = projects.filter((project) => wanted.length === 0 || wanted.includes(project))
      if (chosen.length > 0) runJest(chosen, argv, path.join(folder, `${index}.json`), sum)
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
  if (sum.passed + sum.failed === 0) {
    process.stderr.write('no test ran\n')
    sum.failed = 1
  }
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`)
  process.exit(sum.failed > 0 ? 1 : 0)
})

function runJest(projects, argv, results, sum) {
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js')
  const { status } = spawnSync(
    process.execPath,
    [
      jest,
      '--selectProjects',
      ...projects,
      '--json',
      '--outputFile',
      results,
      '--passWithNoTests',
      ...argv,
      ...jestWords,
    ],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const counts = fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : null
  sum.passed += counts?.numPassedTests ?? 0
  sum.skipped += (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0)
  // A file that does not compile has no failed test; the run as a whole still failed.
  sum.failed += Math.max(counts?.numFailedTests ?? 0, counts?.numRuntimeErrorTestSuites ?? 0, status === 0 ? 0 : 1)
}
