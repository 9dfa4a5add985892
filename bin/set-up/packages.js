'use strict'
/** npm packages as the lock file has them. */
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { command, timed } = require('./command.js')

const stampOf = (root) => path.join(root, 'node_modules', '.gantry-stamp')

/** A shipped image has no lock file: what is in its `node_modules` counts. */
function packagesAreMissing(root) {
  const lock = readText(path.join(root, 'package-lock.json'))
  if (lock === null) return false
  if (readText(stampOf(root)) === digest(lock)) return false
  if (!npmInstalledIt(root, lock)) return true
  stamp(root, lock)
  return false
}

async function installPackages(root) {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')
  const words = ['ci', '--loglevel=error', '--include=dev', '--no-audit', '--no-fund']
  await timed('installing npm packages', () => command('npm', words, { cwd: root }))
  stamp(root, lock)
}

/**
 * Whether `npm ci` or `npm install` was run by hand. npm writes down what it installed as its last step; packages for
 * other platforms are optional and not in it.
 */
function npmInstalledIt(root, lock) {
  try {
    const installed = JSON.parse(
      fs.readFileSync(path.join(root, 'node_modules', '.package-lock.json'), 'utf8'),
    ).packages
    return Object.entries(JSON.parse(lock).packages).every(
      ([name, wanted]) =>
        name === '' ||
        (installed[name] === undefined
          ? wanted.optional === true
          : installed[name].version === wanted.version && installed[name].integrity === wanted.integrity),
    )
  } catch {
    return false
  }
}

function stamp(root, lock) {
  try {
    fs.writeFileSync(stampOf(root), digest(lock))
  } catch {
    // A read-only checkout works all the same; it is only looked at longer the next time.
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex')
}

module.exports = { installPackages, packagesAreMissing }
