#!/usr/bin/env node
'use strict'
/** The committed door of the `gantry` command: set-up, then the built program in the same process. */
require('./node-version.js')
const path = require('node:path')
const { ROOT, RUN_PROGRAMS, enter } = require('./setup.js')

const asksOnly = process.argv.slice(2).some((word) => ['-h', '--help', 'help', '-V', '--version'].includes(word))

enter({ programs: asksOnly ? [] : RUN_PROGRAMS }, () => {
  require(path.join(ROOT, 'dist', 'cli', 'main.js'))
})
