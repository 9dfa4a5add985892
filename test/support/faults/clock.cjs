'use strict'
/**
 * Loaded into a service before its own code (`node --require`): its wall clock is wrong by the seconds that a file holds,
 * from the moment when the file says so. Timers and `performance.now` go on, as on a machine whose clock is set.
 */
const fs = require('node:fs')
const { performance } = require('node:perf_hooks')

const file = process.env.GANTRY_TEST_CLOCK_FILE
const RealDate = Date
/** A look at the file costs more than the time. */
const LOOK_MS = 20

let lookedMs = -Infinity
let shiftMs = 0

function now() {
  const atMs = performance.now()
  if (atMs - lookedMs >= LOOK_MS) {
    lookedMs = atMs
    shiftMs = 1000 * Number(fs.readFileSync(file, 'utf8'))
  }
  return RealDate.now() + shiftMs
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
