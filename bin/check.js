'use strict'
/**
 * `npm run check`: types, lint, format, layers and unit tests. Stops at the first that fails; `-- --all` goes on and
 * tells of all.
 */
require('./node-version.js')
const path = require('node:path')
const { runStep } = require('./run-step.js')
const { ROOT, enter } = require('./setup.js')

const tool = (...parts) => path.join(ROOT, 'node_modules', ...parts)
const CODE = ['core', 'language', 'ladders', 'routes', 'media', 'scheduler', 'worker', 'cli', 'bench', 'test']
const STEPS = [
  { name: 'types', argv: [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'] },
  { name: 'lint', argv: [tool('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'] },
  { name: 'format', argv: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  {
    name: 'layers',
    argv: [tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), ...CODE, '--config', '.dependency-cruiser.cjs'],
  },
  { name: 'unit tests', argv: [tool('jest', 'bin', 'jest.js'), '--selectProjects', 'unit', '--silent'] },
]

const goesOn = process.argv.slice(2).includes('--all')
const unknown = process.argv.slice(2).find((word) => word !== '--all')
if (unknown !== undefined) {
  process.stderr.write(`check: '${unknown}' is not understood; the only option is --all\n`)
  process.exit(2)
}

enter({ build: false }, async () => {
  let passed = 0
  let failed = 0
  for (const { name, argv } of STEPS) {
    const started = Date.now()
    const isRight = await runStep(argv, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    process.stdout.write(`check: ${name} ${isRight ? 'passed' : 'failed'} in ${seconds} s\n`)
    if (isRight) passed++
    else failed++
    if (!isRight && !goesOn) break
  }
  process.stdout.write(`check: ${passed} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 ? 1 : 0
})
