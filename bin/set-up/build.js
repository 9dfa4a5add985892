'use strict'
/** `dist` from the sources, when they changed. */
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { command, timed } = require('./command.js')

const FOLDERS = ['core', 'language', 'ladders', 'routes', 'media', 'scheduler', 'worker', 'cli', 'bench']
const SOURCES = [...FOLDERS, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']

/** A shipped image has no sources: what is in its `dist` counts. */
function buildIsStale(root) {
  if (!fs.existsSync(path.join(root, 'tsconfig.build.json'))) return false
  try {
    return fs.readFileSync(path.join(root, 'dist', '.gantry-stamp'), 'utf8') !== sourceDigest(root)
  } catch {
    return true
  }
}

/** Builds beside `dist` and moves it in, so that a build that is cut off leaves the old one whole. */
async function compile(root) {
  const fresh = path.join(root, `dist.${process.pid}.new`)
  const old = path.join(root, `dist.${process.pid}.old`)
  const dist = path.join(root, 'dist')
  const stamp = sourceDigest(root)
  removeLeftovers(root)
  try {
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const words = [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh]
    await timed('building', () => command(process.execPath, words, { cwd: root }))
    fs.writeFileSync(path.join(fresh, '.gantry-stamp'), stamp)
    if (fs.existsSync(dist)) fs.renameSync(dist, old)
    fs.renameSync(fresh, dist)
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
    fs.rmSync(old, { recursive: true, force: true })
  }
}

/** Of builds that were killed; the lock is held, so nobody else's is among them. */
function removeLeftovers(root) {
  for (const name of fs.readdirSync(root)) {
    if (/^dist\.\d+\.(new|old)$/.test(name)) fs.rmSync(path.join(root, name), { recursive: true, force: true })
  }
}

/** Names, sizes and times of all sources: a few milliseconds, and any edit changes it. */
function sourceDigest(root) {
  const lines = []
  const look = (relative) => {
    const found = fs.statSync(path.join(root, relative), { throwIfNoEntry: false })
    if (found === undefined) return
    if (!found.isDirectory()) return void lines.push(`${relative} ${found.size} ${found.mtimeMs}`)
    for (const name of fs.readdirSync(path.join(root, relative)).sort()) look(path.join(relative, name))
  }
  SOURCES.forEach(look)
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

module.exports = { buildIsStale, compile }
