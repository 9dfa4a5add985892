/** Each rule of the layers, broken on purpose in a small tree, is found by its name; the right tree passes. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(__dirname, '..', '..')

/** A right tree, small enough to be read in a moment. */
const RIGHT: Readonly<Record<string, string>> = {
  'core/contract/x.ts': 'export interface C {\n  v: 1\n}\nexport const c = 1\n',
  'core/ports/x.ts':
    "import type { Readable } from 'node:stream'\nimport type { C } from '../contract/x'\nexport type P = C | Readable\n",
  'core/adapters/x.ts':
    "import { spawn } from 'node:child_process'\nimport { Queue } from 'bullmq'\nexport const x = [Queue, spawn]\n",
  'core/state/x.ts': "import type { P } from '../ports/x'\nexport type S = P\n",
  'core/service/x.ts': 'export const x = 1\n',
  'language/x.ts': "import { parse } from 'yaml'\nimport { z } from 'zod'\nexport const x = [z, parse]\n",
  'ladders/x.ts': "import { x as l } from '../language/x'\nimport { z } from 'zod'\nexport const x = [z, l]\n",
  'routes/x.ts': "import { x as l } from '../ladders/x'\nexport const x = l\n",
  'media/x.ts': "import { c } from '../core/contract/x'\nexport const x = c\n",
  'scheduler/x.ts': "import type { P } from '../core/ports/x'\nexport const x: P | null = null\n",
  'scheduler/main.ts': "import { x } from '../core/adapters/x'\nexport const y = x\n",
  'worker/x.ts': "import type { P } from '../core/ports/x'\nexport type W = P\nexport const w = 1\n",
  'worker/main.ts': "import { x } from '../core/adapters/x'\nexport const y = x\n",
  'worker/ffmpeg/x.ts': "import ffmpeg from 'fluent-ffmpeg'\nexport const y = ffmpeg\n",
  'cli/x.ts':
    "import { x } from '../core/adapters/x'\nimport { x as s } from '../scheduler/x'\nexport const y = [x, s]\n",
  'bench/programs.ts': "import { spawn } from 'node:child_process'\nexport const y = spawn\n",
  'bench/x.ts':
    "import { y } from '../cli/x'\nimport { w } from '../worker/x'\nimport './programs'\nexport const z = [y, w]\n",
  'infra/x.ts': "import type { C } from '../core/contract/x'\nexport type Y = C\n",
  'test/x.ts':
    "import { parse } from 'hls-parser'\nimport { w } from '../worker/x'\nimport '../cli/x'\nimport '../bench/x'\nexport const x = [parse, w]\n",
}

/** Rule, the folder of the file that breaks it, and its text. */
const FAULTS: readonly [rule: string, folder: string, text: string][] = [
  ['services-never-meet', 'worker', "import { x } from '../scheduler/x'\nexport const y = x\n"],
  ['services-never-meet', 'worker/ffmpeg', "export const y = async () => import('../../scheduler/x')\n"],
  ['services-never-meet', 'scheduler', "import type { W } from '../worker/x'\nexport type Y = W\n"],
  ['services-never-meet', 'scheduler', "export type Y = import('../worker/x').W\n"],
  ['contract-imports-nothing', 'core/contract', "import { sep } from 'node:path'\nexport const y = sep\n"],
  ['contract-imports-nothing', 'core/contract', "import { sep } from 'path'\nexport const y = sep\n"],
  ['contract-imports-nothing', 'core/contract', "import { z } from 'zod'\nexport const y = z\n"],
  ['contract-imports-nothing', 'core/contract', "import type { P } from '../ports/x'\nexport type Y = P\n"],
  ['ports-see-only-the-contract', 'core/ports', "import { sep } from 'node:path'\nexport const y = sep\n"],
  ['ports-see-only-the-contract', 'core/ports', "import type { Queue } from 'bullmq'\nexport type Y = Queue\n"],
  ['ports-see-only-the-contract', 'core/ports', "export { x } from '../service/x'\n"],
  ['state-works-on-ports', 'core/state', "import { x } from '../adapters/x'\nexport const y = x\n"],
  ['state-works-on-ports', 'core/state', "import { x } from '../service/x'\nexport const y = x\n"],
  ['language-is-pure', 'language', "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n"],
  ['language-is-pure', 'language', "import { x } from '../ladders/x'\nexport const y = x\n"],
  ['ladders-are-pure', 'ladders', "import { parse } from 'yaml'\nexport const y = parse\n"],
  ['ladders-are-pure', 'ladders', "import { readFileSync } from 'fs'\nexport const y = readFileSync\n"],
  ['ladders-are-pure', 'ladders', "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n"],
  ['ladders-are-pure', 'ladders', "import { x } from '../media/x'\nexport const y = x\n"],
  ['routes-are-pure', 'routes', "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n"],
  ['routes-are-pure', 'routes', "import { x } from '../core/service/x'\nexport const y = x\n"],
  ['media-is-pure', 'media', "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n"],
  ['media-is-pure', 'media', "import type { z } from 'zod'\nexport type Y = z.ZodType\n"],
  ['sdks-only-in-adapters', 'scheduler', "import { Queue } from 'bullmq'\nexport const y = Queue\n"],
  ['sdks-only-in-adapters', 'worker', "import type { Redis } from 'ioredis'\nexport type Y = Redis\n"],
  ['sdks-only-in-adapters', 'core/service', "import { Kafka } from 'kafkajs'\nexport const y = Kafka\n"],
  ['sdks-only-in-adapters', 'cli', "import { S3Client } from '@aws-sdk/client-s3'\nexport const y = S3Client\n"],
  ['processes-start-behind-two-doors', 'worker', "import { spawn } from 'child_process'\nexport const y = spawn\n"],
  ['processes-start-behind-two-doors', 'cli', "import { spawn } from 'node:child_process'\nexport const y = spawn\n"],
  ['processes-start-behind-two-doors', 'core/service', "export const y = async () => import('node:child_process')\n"],
  ['processes-start-behind-two-doors', 'scheduler', "import f from 'fluent-ffmpeg'\nexport const y = f\n"],
  [
    'processes-start-behind-two-doors',
    'worker',
    "import type { FfmpegCommand } from 'fluent-ffmpeg'\nexport type Y = FfmpegCommand\n",
  ],
  ['adapters-are-built-at-the-door', 'worker', "import { x } from '../core/adapters/x'\nexport const y = x\n"],
  ['adapters-are-built-at-the-door', 'core/service', "import { x } from '../adapters/x'\nexport const y = x\n"],
  [
    'adapters-are-built-at-the-door',
    'scheduler/api',
    "import type { x } from '../../core/adapters/x'\nexport type Y = typeof x\n",
  ],
  ['core-knows-no-service', 'core/adapters', "import { x } from '../../scheduler/x'\nexport const y = x\n"],
  ['core-knows-no-service', 'core/service', "import type { W } from '../../worker/x'\nexport type Y = W\n"],
  ['the-command-is-on-top', 'scheduler', "import { y } from '../cli/x'\nexport const z = y\n"],
  ['the-command-is-on-top', 'worker', "import type { y } from '../cli/x'\nexport type Z = typeof y\n"],
  ['cli-leaves-workers-alone', 'cli', "import type { W } from '../worker/x'\nexport type Y = W\n"],
  ['no-test-in-production', 'scheduler', "import { x } from '../test/x'\nexport const y = x\n"],
  ['no-dev-package-in-production', 'media', "import { parse } from 'hls-parser'\nexport const y = parse\n"],
  ['no-unknown-module', 'scheduler', "import { x } from './not-there'\nexport const y = x\n"],
  ['infra-stands-alone', 'infra', "import { x } from '../scheduler/x'\nexport const y = x\n"],
  ['infra-stands-alone', 'infra', "import type { P } from '../core/ports/x'\nexport type Y = P\n"],
  ['processes-start-behind-two-doors', 'bench', "import { spawn } from 'node:child_process'\nexport const y = spawn\n"],
  ['adapters-are-built-at-the-door', 'bench', "import { x } from '../core/adapters/x'\nexport const y = x\n"],
  ['nothing-needs-bench', 'cli', "import { z } from '../bench/x'\nexport const y = z\n"],
  ['nothing-needs-bench', 'core/service', "import type { z } from '../../bench/x'\nexport type Y = typeof z\n"],
  ['nothing-needs-infra', 'cli', "import type { Y } from '../infra/x'\nexport type Z = Y\n"],
]

/** Two files each, since that is what this rule is about. */
const CIRCLES: readonly [folder: string, isType: boolean][] = [
  ['media', false],
  ['core/contract', true],
]

interface Cruise {
  status: number | null
  /** `<rule> <file>` */
  violations: readonly string[]
}

let tree: string

function put(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
}

function cruise(): Cruise {
  const program = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const folders = [
    'core',
    'language',
    'ladders',
    'routes',
    'media',
    'scheduler',
    'worker',
    'cli',
    'bench',
    'infra',
    'test',
  ]
  const argv = [program, ...folders, '--config', '.dependency-cruiser.cjs']
  // The report for people gives the exit code, the JSON one always gives 0.
  const { status } = spawnSync(process.execPath, [...argv, '--output-type', 'err'], { cwd: tree })
  const options = { cwd: tree, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 } as const
  const { stdout } = spawnSync(process.execPath, [...argv, '--output-type', 'json'], options)
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } }
  return { status, violations: summary.violations.map(({ from, rule }) => `${rule.name} ${from}`) }
}

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'gantry-layers-'))
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(ROOT, name), join(tree, name))
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  put(RIGHT)
})
afterEach(() => rmSync(tree, { recursive: true, force: true }))

describe('layer rules', () => {
  it('pass on a right tree', () => {
    expect(cruise()).toEqual({ status: 0, violations: [] })
  })

  it('find every planted break, by its rule and its file, and nothing in the right files', () => {
    const planted = FAULTS.map(([rule, folder, text], index) => ({ rule, file: `${folder}/bad-${index}.ts`, text }))
    put(Object.fromEntries(planted.map(({ file, text }) => [file, text])))
    const { status, violations } = cruise()
    expect(planted.map(({ rule, file }) => `${rule} ${file}`).filter((one) => !violations.includes(one))).toEqual([])
    expect(violations.filter((one) => !/\/bad-\d+\.ts$/.test(one))).toEqual([])
    expect(status).not.toBe(0)
  })

  it.each(CIRCLES)('find a circle in %s, of types only: %s', (folder, isType) => {
    const word = isType ? 'import type' : 'import'
    put({
      [`${folder}/a.ts`]: `${word} { b } from './b'\nexport const a = 1\nexport type A = typeof b\n`,
      [`${folder}/b.ts`]: `${word} { a } from './a'\nexport const b = 2\nexport type B = typeof a\n`,
    })
    const { status, violations } = cruise()
    expect(status).not.toBe(0)
    expect(violations).toContain(`no-circular ${folder}/a.ts`)
  })

  it('have no rule that is not broken above', () => {
    const config = readFileSync(join(ROOT, '.dependency-cruiser.cjs'), 'utf8')
    const rules = [...config.matchAll(/name: '([^']+)'/g)].map(([, name]) => name)
    expect([...rules].sort()).toEqual([...new Set(['no-circular', ...FAULTS.map(([rule]) => rule)])].sort())
  })
})
