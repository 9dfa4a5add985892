'use strict'
/** Programs that are not npm packages: found, or installed where that can be done without asking. */
const fs = require('node:fs')
const path = require('node:path')
const { aptInstall } = require('./apt.js')
const { SetupError, command, timed } = require('./command.js')

/** Program, its other names, the variable that names another one, and the packages that have it. */
const PROGRAMS = {
  ffmpeg: { env: 'GANTRY_FFMPEG', debian: 'ffmpeg', brew: 'ffmpeg' },
  ffprobe: { env: 'GANTRY_FFPROBE', debian: 'ffmpeg', brew: 'ffmpeg' },
  'redis-server': { env: 'GANTRY_REDIS_SERVER', debian: 'redis-server', brew: 'redis' },
  chromium: {
    env: 'GANTRY_TEST_CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    files: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debian: 'chromium',
    brew: 'chromium',
  },
  // Kafka and an SQS server run on Java and come by Maven; the S3 server is built with Go.
  java: { debian: 'default-jre-headless', brew: 'openjdk' },
  mvn: { debian: 'maven', brew: 'maven' },
  go: { debian: 'golang-go', brew: 'go' },
  setpriv: { linuxOnly: true, debian: 'util-linux' },
  prlimit: { linuxOnly: true, debian: 'util-linux' },
}

/** @throws SetupError when a variable names a program that is not there: installing another would not help. */
function missingPrograms(names) {
  return names.filter((name) => {
    if (PROGRAMS[name].linuxOnly && process.platform !== 'linux') return false
    return findProgram(name) === null
  })
}

/** The program's path, or null. @throws SetupError as above. */
function findProgram(name) {
  const { env, names = [name], files = [] } = PROGRAMS[name]
  const chosen = env === undefined ? undefined : process.env[env]
  if (!chosen) return [...names.flatMap(placesOf), ...files].find(isProgram) ?? null
  const found = placesOf(chosen).find(isProgram)
  if (found === undefined) throw new SetupError(`${env} is '${chosen}', which is not a program that can be started`)
  return found
}

function placesOf(name) {
  if (name.includes('/')) return [path.resolve(name)]
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => path.join(folder, name))
}

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

const onPath = (name) => placesOf(name).some(isProgram)

/** @throws SetupError with what is still missing, or why the installation failed. */
async function installPrograms(names) {
  const { packages, install } = installerOf(names)
  try {
    await timed(`installing ${packages.join(', ')}`, install)
  } catch (error) {
    throw error instanceof SetupError ? new SetupError(`${error.message}${elsewhere(names)}`) : error
  }
  const left = missingPrograms(names)
  if (left.length > 0) throw new SetupError(`${left.join(', ')} is still missing after the installation`)
}

/** How they are installed here. @throws SetupError with the line for the user where that is left to the user. */
function installerOf(names) {
  const packages = (kind) => [...new Set(names.map((name) => PROGRAMS[name][kind]).filter(Boolean))]
  const [debian, brew] = [packages('debian'), packages('brew')]
  const refuse = (line) => new SetupError(`this machine lacks ${names.join(', ')}; ${line}${elsewhere(names)}`)
  if (process.platform === 'darwin') {
    if (!onPath('brew')) throw refuse(`with Homebrew: brew install ${brew.join(' ')}`)
    return { packages: brew, install: () => command('brew', ['install', ...brew]) }
  }
  if (!onPath('apt-get')) throw refuse(`install ${debian.join(', ')} with this system's package manager`)
  if (process.getuid?.() !== 0) throw refuse(`install: sudo apt-get install -y ${debian.join(' ')}`)
  return { packages: debian, install: () => aptInstall(debian) }
}

function elsewhere(names) {
  const variables = names.map((name) => PROGRAMS[name].env).filter(Boolean)
  return variables.length === 0 ? '' : `\nOr name programs that are installed elsewhere in ${variables.join(', ')}`
}

module.exports = { findProgram, installPrograms, installerOf, missingPrograms }
