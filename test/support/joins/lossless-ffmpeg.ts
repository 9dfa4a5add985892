/** An ffmpeg whose H.264 keeps every sample: what is decoded from its output is what the filters gave it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Rate and profile words are taken for those of lossless x264; all else is passed on, so pieces are cut, filtered and
 * timed by the product's own words.
 *
 * @returns Path of the program, made in `folder`.
 */
export function losslessFfmpeg(folder: string): string {
  const path = join(folder, 'lossless-ffmpeg')
  writeFileSync(path, SCRIPT, { mode: 0o755 })
  return path
}

const SCRIPT = `#!/usr/bin/env node
const { spawn } = require('node:child_process')
const words = []
const given = process.argv.slice(2)
for (let at = 0; at < given.length; at += 1) {
  const [word, value] = given.slice(at, at + 2)
  if (word === '-crf') words.push('-qp', '0')
  else if (word === '-profile:v') words.push(word, 'high444')
  else if (word === '-maxrate' || word === '-bufsize') undefined
  else { words.push(word); continue }
  at += 1
}
const child = spawn('ffmpeg', words, { stdio: [0, 1, 2, 3, 4, 5, 6] })
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => (signal ? process.kill(process.pid, 'SIGKILL') : process.exit(code)))
`
