#!/usr/bin/env node
'use strict'
/** `npm run bench`: set-up, then the built bench in the same process. What it measures: docs/performance.md. */
require('./node-version.js')
const path = require('node:path')
const { ROOT, RUN_PROGRAMS, enter } = require('./setup.js')

const asksOnly = process.argv.slice(2).some((word) => ['-h', '--help'].includes(word))

enter({ programs: asksOnly ? [] : RUN_PROGRAMS }, () => {
  require(path.join(ROOT, 'dist', 'bench', 'main.js'))
})
