'use strict'
/** Which process it is, though pids are used again. `core/adapters/process-identity.ts` does the same for the product. */
const fs = require('node:fs')
const os = require('node:os')

function identityOf(pid) {
  return { pid, started: statOf(pid)?.started ?? null }
}

/** A zombie is dead: it only waits to be reaped. */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  const stat = statOf(pid)
  if (stat === null) return true
  return stat.state !== 'Z' && (started === null || stat.started === started)
}

/** Where its pid has a meaning: this boot of this machine, and its pid namespace. */
function place() {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${fs.readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return os.hostname()
  }
}

/** Fields 3 and 22 of /proc/<pid>/stat, counted behind the name, which may hold anything; null without /proc. */
function statOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0], started: fields[19] }
  } catch {
    return null
  }
}

module.exports = { identityOf, isAlive, place }
