'use strict'
/** One command of the set-up at a time, told in a line, and stopped when this process is asked to stop. */
const { spawn } = require('node:child_process')
const { constants } = require('node:os')

/** Something the user can mend; told without a stack. */
class SetupError extends Error {}

/** A signal asked for the end. It travels as an error, so that everything on its way is cleaned up. */
class Stopped extends Error {
  constructor(signal) {
    super(`stopped by ${signal}`)
    /** What a shell reports for a program that the signal ended. */
    this.exitCode = 128 + constants.signals[signal]
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** What is shown of a command that failed. */
const OUTPUT_LINES = 15

let running = null
let stoppedBy = null
let observer = null

/**
 * From now on a signal ends the running command and throws Stopped at whoever waits; a second one kills the command.
 *
 * @returns what gives the signals back to whoever wants them.
 */
function stopOnSignals() {
  const onSignal = (signal) => {
    running?.kill(stoppedBy === null ? 'SIGTERM' : 'SIGKILL')
    stoppedBy ??= signal
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** @throws Stopped once a signal has come. */
function goOn() {
  if (stoppedBy !== null) throw new Stopped(stoppedBy)
}

/** @throws SetupError with the last lines of what the command printed, Stopped. */
function command(program, argv, options = {}) {
  goOn()
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    running = child
    if (child.pid !== undefined) observer?.(child.pid)
    const printed = []
    child.stdout.on('data', (chunk) => printed.push(chunk))
    child.stderr.on('data', (chunk) => printed.push(chunk))
    child.once('error', (error) => {
      running = null
      reject(new SetupError(`${program} did not start: ${error.message}`))
    })
    child.once('close', (code, signal) => {
      running = null
      if (stoppedBy !== null) return reject(new Stopped(stoppedBy))
      if (code === 0) return resolve()
      const output = Buffer.concat(printed).toString('utf8').trim().split('\n').slice(-OUTPUT_LINES).join('\n')
      reject(new SetupError(`${program} ${argv.join(' ')} ended with ${signal || `code ${code}`}\n${output}`))
    })
  })
}

/** Who is told the pid of each command that starts; null for nobody. */
function onCommand(tell) {
  observer = tell
}

/** A line before and one after. */
async function timed(what, work) {
  const started = Date.now()
  process.stderr.write(`gantry: ${what} ...\n`)
  await work()
  process.stderr.write(`gantry: ${what} took ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

module.exports = { SetupError, Stopped, command, goOn, onCommand, stopOnSignals, timed }
