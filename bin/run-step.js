'use strict'
/** Runs one step of a command in Node to its end, and hands signals on to it. */
const { spawn } = require('node:child_process')
const { constants } = require('node:os')

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * @param argv A script and its words.
 * @returns whether it ended with 0. When a signal comes, this process ends after the step, with the signal's code.
 */
function runStep(argv, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, options)
    let stoppedBy = null
    const hand = (signal) => {
      stoppedBy = signal
      child.kill(signal)
    }
    for (const signal of SIGNALS) process.on(signal, hand)
    child.once('error', reject)
    child.once('close', (code) => {
      for (const signal of SIGNALS) process.off(signal, hand)
      if (stoppedBy !== null) process.exit(128 + constants.signals[stoppedBy])
      resolve(code === 0)
    })
  })
}

module.exports = { runStep }
