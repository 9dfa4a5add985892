'use strict'
/**
 * One set-up at a time in a checkout, by numbered tickets in a folder. A ticket is a file made with O_EXCL that names
 * its process; of the living the least number holds the lock. Whoever finds a greater number beside its new ticket
 * drew too slowly and draws again, so no two can both find themselves first. The ticket of a dead process is removed by
 * whoever meets it; numbers are not used twice, so that can hit no other.
 */
const fs = require('node:fs')
const path = require('node:path')
const { SetupError, goOn, onCommand } = require('./command.js')
const { identityOf, isAlive, place } = require('./process-identity.js')

const POLL_MS = 200
/** A ticket of another machine or container can only be judged by its age; so tickets are touched. */
const TOUCH_MS = 2_000
const SILENT_MS = 30_000

/** Waits its turn. @throws Stopped when a signal comes meanwhile. */
async function takeLock(folder) {
  const number = drawTicket(folder)
  const ticket = path.join(folder, String(number))
  const touch = setInterval(() => touchFile(ticket), TOUCH_MS)
  const leave = () => removeTicket(ticket)
  process.once('exit', leave)
  // The command outlives a killed set-up; the next one has to wait for it.
  onCommand((pid) => rewrite(ticket, ticketText(pid)))
  const release = () => {
    onCommand(null)
    clearInterval(touch)
    process.off('exit', leave)
    leave()
  }
  try {
    await turnOf(number, folder)
  } catch (error) {
    release()
    throw error
  }
  return { release }
}

async function turnOf(number, folder) {
  let told = false
  for (;;) {
    goOn()
    const before = livingTickets(folder).find((other) => other.number < number)
    if (before === undefined) return
    if (!told) process.stderr.write(`gantry: another start${before.says} is setting up; waiting for it ...\n`)
    told = true
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function drawTicket(folder) {
  for (;;) {
    goOn()
    makeFolder(folder)
    const number = Math.max(Date.now(), ...ticketNumbers(folder).map((taken) => taken + 1))
    const ticket = path.join(folder, String(number))
    try {
      fs.writeFileSync(ticket, ticketText(), { flag: 'wx' })
    } catch (error) {
      // Another drew this number, or the last one out removed the folder.
      if (error.code === 'EEXIST' || error.code === 'ENOENT') continue
      throw error
    }
    if (!livingTickets(folder).some((other) => other.number > number)) return number
    removeTicket(ticket)
  }
}

function ticketText(commandPid = null) {
  const processes = [identityOf(process.pid), ...(commandPid === null ? [] : [identityOf(commandPid)])]
  return JSON.stringify({ place: place(), processes })
}

/** Tickets whose process, or the command it left behind, still runs; others are cleared away. */
function livingTickets(folder) {
  return ticketNumbers(folder).flatMap((number) => {
    const file = path.join(folder, String(number))
    const ageMs = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    const ticket = readTicket(file)
    // Not written yet, or of another machine or container: its pids mean nothing here.
    const isForeign = ticket?.place !== place()
    if (isForeign ? ageMs < SILENT_MS : ticket.processes.some(isAlive)) {
      return [{ number, says: isForeign ? '' : ` (pid ${ticket.processes[0].pid})` }]
    }
    removeTicket(file)
    return []
  })
}

function ticketNumbers(folder) {
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b)
  } catch {
    return []
  }
}

function readTicket(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function removeTicket(file) {
  fs.rmSync(file, { force: true })
  try {
    fs.rmdirSync(path.dirname(file))
  } catch {
    // Others have tickets in it, or it is gone already.
  }
}

function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new SetupError(`${path.dirname(folder)} needs set-up but cannot be written to: ${error.message}`)
  }
}

function rewrite(file, text) {
  try {
    fs.writeFileSync(file, text, { flag: 'r+' })
  } catch {
    // Removed by a start elsewhere that took this process for dead; there is nobody to tell.
  }
}

function touchFile(file) {
  try {
    fs.utimesSync(file, new Date(), new Date())
  } catch {
    // As above.
  }
}

module.exports = { takeLock }
