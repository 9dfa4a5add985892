/** A checkout with the real `bin/` and stand-ins for npm, the compiler and all programs, so that set-up takes no time. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ProgramResult } from './run-program'

const ROOT = join(__dirname, '..', '..')

export const TOY_PROGRAMS = [
  ...(['ffmpeg', 'ffprobe', 'redis-server', 'setpriv', 'prlimit'] as const),
  ...(['chromium', 'java', 'mvn', 'go'] as const),
] as const

/** Notes its words, waits while there is a file `hold`, fails when there is one named `broken`, installs the compiler. */
const NPM = `#!/bin/sh
PATH=/usr/bin:/bin
echo "npm $*" >>calls
echo "talk of npm"
while [ -e hold ]; do sleep 0.02; done
if [ -e broken ]; then echo "npm error E404" >&2; exit 1; fi
rm -rf node_modules
mkdir -p node_modules/typescript/bin node_modules/jest/bin
cp tools/tsc.js node_modules/typescript/bin/tsc
cp tools/jest.js node_modules/jest/bin/jest.js
`

/** Writes a command that shows the words it was started with and the source it was made of. */
const TSC = `
const fs = require('node:fs')
const outDir = process.argv[process.argv.indexOf('--outDir') + 1]
const source = fs.readFileSync('cli/main.ts', 'utf8')
fs.appendFileSync('calls', 'tsc\\n')
fs.mkdirSync(outDir + '/cli', { recursive: true })
fs.writeFileSync(outDir + '/cli/main.js', 'console.log(process.pid, JSON.stringify(process.argv.slice(2)), ' + JSON.stringify(source) + ')')
if (source === 'wrong') { console.log('cli/main.ts(1,1): error TS1005'); process.exit(2) }
`

/** Gives the counts of the file \`results.json\`, one entry a run. */
const JEST = `
const fs = require('node:fs')
const words = process.argv.slice(2)
fs.appendFileSync('calls', 'jest ' + words.filter((word) => !word.endsWith('.json')).join(' ') + '\\n')
fs.writeFileSync('browser-of-tests', process.env.GANTRY_TEST_CHROMIUM)
const [next, ...rest] = JSON.parse(fs.readFileSync('results.json', 'utf8'))
fs.writeFileSync('results.json', JSON.stringify(rest))
if (next.counts) fs.writeFileSync(words[words.indexOf('--outputFile') + 1], JSON.stringify(next.counts))
process.exit(next.code)
`

export interface ToyCheckout {
  path: (...parts: string[]) => string
  put: (file: string, text: string) => void
  remove: (file: string) => void
  /** Programs that were started, in order. */
  calls: () => string[]
  start: (words: readonly string[], env?: Readonly<Record<string, string>>) => Started
  dispose: () => void
}

export interface Started {
  child: ChildProcess
  stderr: () => string
  ended: Promise<ProgramResult>
}

export function createToyCheckout(): ToyCheckout {
  const root = mkdtempSync(join(tmpdir(), 'gantry-toy-'))
  const path = (...parts: string[]): string => join(root, ...parts)
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(path(file)), { recursive: true })
    writeFileSync(path(file), text)
    if (text.startsWith('#!')) chmodSync(path(file), 0o755)
  }
  cpSync(join(ROOT, 'bin'), path('bin'), { recursive: true })
  put('package.json', '{ "name": "toy" }')
  put('package-lock.json', '{ "name": "toy", "packages": { "node_modules/toy": { "version": "1.0.0" } } }')
  put('tsconfig.build.json', '{}')
  put('cli/main.ts', 'one')
  put('tools/npm', NPM)
  put('tools/tsc.js', TSC)
  put('tools/jest.js', JEST)
  for (const program of TOY_PROGRAMS) put(`tools/${program}`, '#!/bin/sh\n')
  return {
    path,
    put,
    remove: (file) => rmSync(path(file), { recursive: true }),
    calls: () => (existsSync(path('calls')) ? readFileSync(path('calls'), 'utf8').trim().split('\n') : []),
    start: (words, env = {}) => start(words, { cwd: root, env: { PATH: path('tools'), ...env } }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  }
}

function start(words: readonly string[], options: { cwd: string; env: Record<string, string> }): Started {
  const child = spawn(process.execPath, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<ProgramResult>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, stderr: () => stderr, ended }
}

/** Resolves when the process has said this on stderr. */
export function said({ child, stderr }: Started, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (stderr().includes(text)) resolve()
    }
    look()
    child.stderr?.on('data', look)
    child.once('close', () => reject(new Error(`ended without '${text}':\n${stderr()}`)))
  })
}
