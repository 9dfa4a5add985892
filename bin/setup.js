'use strict'
/**
 * Set-up for every entry point: what a fresh machine lacks is installed, what changed is built.
 * Plain JavaScript on Node's own modules, since nothing else is there yet. Speaks on stderr only; stdout is for results.
 */
const { spawn } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const ROOT = path.resolve(__dirname, '..')
const LOCK = path.join(ROOT, '.gantry-setup.lock')
const LOCK_POLL_MS = 200
const SOURCES = ['core', 'ladders', 'media', 'scheduler', 'worker', 'cli', 'tsconfig.json', 'tsconfig.build.json']

/** Program, the variable that names another, and the package that has it. */
const PROGRAMS = {
  ffmpeg: { env: 'GANTRY_FFMPEG', debian: 'ffmpeg', brew: 'ffmpeg' },
  ffprobe: { env: 'GANTRY_FFPROBE', debian: 'ffmpeg', brew: 'ffmpeg' },
  'redis-server': { env: 'GANTRY_REDIS_SERVER', debian: 'redis-server', brew: 'redis' },
  chromium: { debian: 'chromium', brew: 'chromium' },
  setpriv: { linux: true, debian: 'util-linux' },
  prlimit: { linux: true, debian: 'util-linux' },
}

/** Everything `gantry run` needs. */
const RUN_PROGRAMS = ['ffmpeg', 'ffprobe', 'redis-server', 'setpriv', 'prlimit']
/** What the test suite needs beside it. */
const TEST_PROGRAMS = [...RUN_PROGRAMS, 'chromium']

class SetupError extends Error {}

/** Brings the checkout into working order, one process at a time. */
async function setUp({ programs = [], build = true } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Gantry needs Node 20.19 or later, this is ${process.versions.node}`)
  }
  const steps = [
    { needed: () => packagesAreMissing(), run: installPackages },
    { needed: () => missingPrograms(programs).length > 0, run: () => installPrograms(missingPrograms(programs)) },
    { needed: () => build && buildIsStale(), run: compile },
  ]
  if (!steps.some((step) => step.needed())) return
  const release = await takeLock()
  try {
    // Another process may have done it while this one waited for the lock.
    for (const step of steps) if (step.needed()) await step.run()
  } finally {
    release()
  }
}

function packagesAreMissing() {
  const lockFile = path.join(ROOT, 'package-lock.json')
  if (!fs.existsSync(lockFile)) return false
  return readText(path.join(ROOT, 'node_modules', '.gantry-stamp')) !== digest(fs.readFileSync(lockFile))
}

async function installPackages() {
  await timed('installing npm packages', () =>
    command('npm', ['ci', '--loglevel=error', '--include=dev', '--no-audit', '--no-fund'], { cwd: ROOT }),
  )
  const stamp = digest(fs.readFileSync(path.join(ROOT, 'package-lock.json')))
  fs.writeFileSync(path.join(ROOT, 'node_modules', '.gantry-stamp'), stamp)
}

/** A shipped image has no sources: what is in `dist` counts there. */
function buildIsStale() {
  if (!fs.existsSync(path.join(ROOT, 'tsconfig.build.json'))) return false
  return readText(path.join(ROOT, 'dist', '.gantry-stamp')) !== sourceDigest()
}

/** Builds beside `dist` and moves it in, so that a build that is cut off leaves the old one whole. */
async function compile() {
  const fresh = path.join(ROOT, `dist.${process.pid}.new`)
  const old = path.join(ROOT, `dist.${process.pid}.old`)
  const dist = path.join(ROOT, 'dist')
  const stamp = sourceDigest()
  try {
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    await timed('building', () =>
      command(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], { cwd: ROOT }),
    )
    fs.writeFileSync(path.join(fresh, '.gantry-stamp'), stamp)
    if (fs.existsSync(dist)) fs.renameSync(dist, old)
    fs.renameSync(fresh, dist)
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
    fs.rmSync(old, { recursive: true, force: true })
  }
}

/** Names, sizes and times of all sources: a few milliseconds, and any edit changes it. */
function sourceDigest() {
  const lines = []
  const look = (relative) => {
    const full = path.join(ROOT, relative)
    const found = fs.statSync(full, { throwIfNoEntry: false })
    if (found === undefined) return
    if (!found.isDirectory()) return void lines.push(`${relative} ${found.size} ${found.mtimeMs}`)
    for (const name of fs.readdirSync(full).sort()) look(path.join(relative, name))
  }
  SOURCES.forEach(look)
  return digest(lines.join('\n'))
}

function missingPrograms(names) {
  return names.filter((name) => {
    const { env, linux } = PROGRAMS[name]
    if (linux && process.platform !== 'linux') return false
    return !isOnPath((env && process.env[env]) || name)
  })
}

function isOnPath(program) {
  const candidates = program.includes(path.sep)
    ? [path.resolve(program)]
    : (process.env.PATH || '').split(path.delimiter).map((folder) => path.join(folder, program))
  return candidates.some((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK)
      return fs.statSync(file).isFile()
    } catch {
      return false
    }
  })
}

async function installPrograms(names) {
  const packages = (kind) => [...new Set(names.map((name) => PROGRAMS[name][kind]).filter(Boolean))]
  const lacking = `this machine lacks ${names.join(', ')}`
  if (process.platform === 'darwin') {
    if (!isOnPath('brew')) throw new SetupError(`${lacking}; install: brew install ${packages('brew').join(' ')}`)
    await timed(`installing ${packages('brew').join(', ')}`, () => command('brew', ['install', ...packages('brew')]))
  } else if (isOnPath('apt-get') && process.getuid?.() === 0) {
    await timed(`installing ${packages('debian').join(', ')}`, () => aptInstall(packages('debian')))
  } else if (isOnPath('apt-get')) {
    throw new SetupError(`${lacking}; install: sudo apt-get install -y ${packages('debian').join(' ')}`)
  } else {
    throw new SetupError(`${lacking}; install ${packages('debian').join(', ')} with this system's package manager`)
  }
  const left = missingPrograms(names)
  if (left.length > 0) throw new SetupError(`${left.join(', ')} is still missing after the installation`)
}

/** Debian starts a service when it installs redis-server; ours is a private child, so that is held off meanwhile. */
async function aptInstall(packages) {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !fs.existsSync(policy)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const wait = ['-o', 'DPkg::Lock::Timeout=120']
  if (ours) fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await command('apt-get', [...wait, '-qq', 'update'], { env })
    await command('apt-get', [...wait, '-qq', 'install', '-y', '--no-install-recommends', ...packages], { env })
  } finally {
    if (ours) fs.rmSync(policy, { force: true })
  }
}

/** One line before, one after; what the command prints is shown only when it fails. */
async function timed(what, work) {
  const started = Date.now()
  process.stderr.write(`gantry: ${what} ...\n`)
  await work()
  process.stderr.write(`gantry: ${what} took ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

let running = null
/** What is shown of a command that failed. */
const OUTPUT_LINES = 15

function command(program, argv, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    running = child
    const printed = []
    child.stdout.on('data', (chunk) => printed.push(chunk))
    child.stderr.on('data', (chunk) => printed.push(chunk))
    child.once('error', (error) => reject(new SetupError(`${program} did not start: ${error.message}`)))
    child.once('close', (code, signal) => {
      running = null
      if (code === 0) return resolve()
      const output = Buffer.concat(printed).toString('utf8').trim().split('\n').slice(-OUTPUT_LINES).join('\n')
      reject(new SetupError(`${program} ${argv.join(' ')} ended with ${signal || `code ${code}`}\n${output}`))
    })
  })
}

/** A folder is made by one process only; it names its owner, and a dead owner's is taken over. */
async function takeLock() {
  let told = false
  for (;;) {
    try {
      fs.mkdirSync(LOCK)
      fs.writeFileSync(path.join(LOCK, 'pid'), String(process.pid))
      return guardLock()
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const pid = Number(readText(path.join(LOCK, 'pid')))
    if (pid > 0 ? !isAlive(pid) : ageMs(LOCK) > 10_000) {
      removeDeadLock(pid)
      continue
    }
    if (!told) process.stderr.write(`gantry: another start (pid ${pid || '?'}) is setting up; waiting for it ...\n`)
    told = true
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS))
  }
}

/** Moved aside first: of several that find it dead one succeeds, and the pid inside tells whose it really was. */
function removeDeadLock(pid) {
  const aside = `${LOCK}.${process.pid}.${Date.now()}`
  try {
    fs.renameSync(LOCK, aside)
  } catch {
    return
  }
  const moved = Number(readText(path.join(aside, 'pid')))
  if (moved !== pid && moved > 0 && isAlive(moved) && !fs.existsSync(LOCK)) return void fs.renameSync(aside, LOCK)
  fs.rmSync(aside, { recursive: true, force: true })
}

/** Released at every end of this process that can be seen; a signal also ends the command that runs. */
function guardLock() {
  const free = () => fs.rmSync(LOCK, { recursive: true, force: true })
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal, index) => {
    const handler = () => {
      if (running) running.kill('SIGTERM')
      process.exit([130, 143, 129][index])
    }
    process.once(signal, handler)
    return () => process.off(signal, handler)
  })
  process.once('exit', free)
  return () => {
    for (const off of handlers) off()
    process.off('exit', free)
    free()
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function ageMs(file) {
  return Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function digest(content) {
  return createHash('sha256').update(content).digest('hex')
}

/** Runs an entry point's work after set-up; a set-up that fails is told in one line. */
function enter(options, work) {
  setUp(options)
    .then(work)
    .catch((error) => {
      process.stderr.write(`gantry: ${error instanceof SetupError ? error.message : error.stack}\n`)
      process.exit(1)
    })
}

module.exports = { ROOT, RUN_PROGRAMS, TEST_PROGRAMS, enter }
