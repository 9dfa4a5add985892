'use strict'
/** Debian and Ubuntu packages, as root, without a question and without a service that starts by itself. */
const fs = require('node:fs')
const { SetupError, command } = require('./command.js')

const POLICY = '/usr/sbin/policy-rc.d'
const LISTS = '/var/lib/apt/lists'
/** Mirrors drop old versions of packages, so that old lists name files that are gone. */
const LISTS_MAX_AGE_MS = 24 * 3_600_000
/** Another apt on the machine is waited for: dpkg does that itself, the update of lists does not. */
const WAIT_SECONDS = 120
const RETRY_MS = 2_000

/** @throws SetupError with what apt said; when the lists could not be updated that too, since it is often the cause. */
async function aptInstall(packages) {
  const release = holdServicesOff()
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages)
  try {
    if (listsAreFresh() && (await install().then(() => true, ignoreFailure))) return
    const trouble = await update()
    await install().catch((error) => {
      if (!(error instanceof SetupError) || trouble === null) throw error
      throw new SetupError(`${error.message}\n${trouble.message}`)
    })
  } finally {
    release()
  }
}

function ignoreFailure(error) {
  if (!(error instanceof SetupError)) throw error
  return false
}

function apt(...words) {
  const options = ['-qq', '-o', `DPkg::Lock::Timeout=${WAIT_SECONDS}`, '-o', 'Dpkg::Use-Pty=0']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return command('apt-get', [...options, ...words], { env })
}

/**
 * One source that does not answer is no reason to give up: the installation tells whether it mattered.
 *
 * @returns what went wrong, or null.
 */
async function update() {
  const last = Date.now() + WAIT_SECONDS * 1_000
  for (;;) {
    try {
      await apt('update')
      return null
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      if (!/could not get lock|unable to lock/i.test(error.message) || Date.now() > last) return error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

function listsAreFresh() {
  try {
    const lists = fs.readdirSync(LISTS).filter((name) => /_(In)?Release$/.test(name))
    const ages = lists.map((name) => Date.now() - fs.statSync(`${LISTS}/${name}`).ctimeMs)
    return ages.length > 0 && Math.min(...ages) < LISTS_MAX_AGE_MS
  } catch {
    return false
  }
}

/**
 * Debian starts a service when it installs redis-server; ours is a private child, so that is forbidden meanwhile.
 * Source: Debian Policy 9.3.3.1 (invoke-rc.d asks policy-rc.d; 101 means forbidden). The file lapses with this process,
 * should it be killed before it can take it away.
 */
function holdServicesOff() {
  const text = `#!/bin/sh\n# Made by Gantry's set-up.\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`
  const isOurs = () => fs.readFileSync(POLICY, 'utf8').includes("# Made by Gantry's set-up.")
  if (fs.existsSync(POLICY) && !isOurs()) return () => undefined
  fs.writeFileSync(POLICY, text, { mode: 0o755 })
  return () => fs.rmSync(POLICY, { force: true })
}

module.exports = { aptInstall }
