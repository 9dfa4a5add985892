'use strict'
/** `npm run check`: types, lint, format, layers and unit tests; stops at the first that fails. */
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { ROOT, enter } = require('./setup.js')

const tool = (...parts) => path.join(ROOT, 'node_modules', ...parts)
const CODE = ['core', 'ladders', 'media', 'scheduler', 'worker', 'cli', 'test']
const STEPS = [
  { name: 'types', argv: [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'] },
  { name: 'lint', argv: [tool('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', ...CODE, 'bin'] },
  { name: 'format', argv: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  {
    name: 'layers',
    argv: [tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), ...CODE, '--config', '.dependency-cruiser.cjs'],
  },
  { name: 'unit tests', argv: [tool('jest', 'bin', 'jest.js'), '--selectProjects', 'unit', '--silent'] },
]

enter({ build: false }, () => {
  for (const { name, argv } of STEPS) {
    const started = Date.now()
    process.stdout.write(`check: ${name}\n`)
    const { status } = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit' })
    if (status !== 0) {
      process.stdout.write(`check: ${name} failed\n`)
      process.exit(1)
    }
    process.stdout.write(`check: ${name} passed in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  }
})
