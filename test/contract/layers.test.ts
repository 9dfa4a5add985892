/** Each rule of the layers, broken on purpose in a small tree of its own, is found by its name. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(__dirname, '..', '..')

/** Rule, then the file that breaks it and its text. */
const FAULTS: readonly [rule: string, file: string, text: string][] = [
  ['no-circular', 'media/a.ts', "import { b } from './b'\nexport const a = (): number => b()\n"],
  ['services-never-meet', 'worker/bad.ts', "import { x } from '../scheduler/x'\nexport const y = x\n"],
  ['services-never-meet', 'scheduler/bad.ts', "import type { W } from '../worker/x'\nexport type Y = W\n"],
  ['contract-imports-nothing', 'core/contract/bad.ts', "import { sep } from 'node:path'\nexport const y = sep\n"],
  ['contract-imports-nothing', 'core/contract/bad.ts', "import type { P } from '../ports/x'\nexport type Y = P\n"],
  ['ports-see-only-the-contract', 'core/ports/bad.ts', "import { sep } from 'node:path'\nexport const y = sep\n"],
  ['state-works-on-ports', 'core/state/bad.ts', "import { x } from '../adapters/x'\nexport const y = x\n"],
  ['ladders-are-pure', 'ladders/bad.ts', "import { readFileSync } from 'fs'\nexport const y = readFileSync\n"],
  ['media-is-pure', 'media/bad.ts', "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n"],
  ['sdks-only-in-adapters', 'scheduler/bad.ts', "import { Queue } from 'bullmq'\nexport const y = Queue\n"],
  ['sdks-only-in-adapters', 'worker/bad.ts', "import type { Redis } from 'ioredis'\nexport type Y = Redis\n"],
  [
    'processes-start-behind-two-doors',
    'worker/bad.ts',
    "import { spawn } from 'child_process'\nexport const y = spawn\n",
  ],
  ['processes-start-behind-two-doors', 'scheduler/bad.ts', "import f from 'fluent-ffmpeg'\nexport const y = f\n"],
  ['adapters-are-built-at-the-door', 'worker/bad.ts', "import { x } from '../core/adapters/x'\nexport const y = x\n"],
  ['core-knows-no-service', 'core/adapters/bad.ts', "import { x } from '../../scheduler/x'\nexport const y = x\n"],
  ['cli-leaves-workers-alone', 'cli/bad.ts', "import type { W } from '../worker/x'\nexport type Y = W\n"],
  ['no-test-in-production', 'scheduler/bad.ts', "import { x } from '../test/x'\nexport const y = x\n"],
  ['infra-stands-alone', 'infra/bad.ts', "import { x } from '../scheduler/x'\nexport const y = x\n"],
]

/** A right tree, small enough to be read in a moment. */
const RIGHT: Readonly<Record<string, string>> = {
  'core/contract/x.ts': 'export interface C {\n  v: 1\n}\n',
  'core/ports/x.ts':
    "import type { Readable } from 'node:stream'\nimport type { C } from '../contract/x'\nexport type P = C | Readable\n",
  'core/adapters/x.ts': "import { Queue } from 'bullmq'\nexport const x = Queue\n",
  'core/state/x.ts': "import type { P } from '../ports/x'\nexport type S = P\n",
  'core/service/x.ts': 'export const x = 1\n',
  'ladders/x.ts': "import { z } from 'zod'\nexport const x = z\n",
  'media/b.ts': "import { a } from './a'\nexport const b = (): number => a()\n",
  'media/a.ts': 'export const a = (): number => 1\n',
  'scheduler/x.ts': "import type { P } from '../core/ports/x'\nexport const x: P | null = null\n",
  'scheduler/main.ts': "import { x } from '../core/adapters/x'\nexport const y = x\n",
  'worker/x.ts': "import type { P } from '../core/ports/x'\nexport type W = P\n",
  'cli/x.ts': "import { x } from '../core/adapters/x'\nexport const y = x\n",
  'infra/x.ts': "import type { C } from '../core/contract/x'\nexport type Y = C\n",
  'test/x.ts': "import { x } from '../scheduler/x'\nexport { x }\n",
}

describe('layer rules', () => {
  let tree: string
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'gantry-layers-'))
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      cpSync(join(ROOT, name), join(tree, name))
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
    for (const [file, text] of Object.entries(RIGHT)) put(file, text)
  })
  afterEach(() => rmSync(tree, { recursive: true, force: true }))

  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
  const cruise = (): { status: number | null; output: string } => {
    const program = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
    const folders = ['core', 'ladders', 'media', 'scheduler', 'worker', 'cli', 'infra', 'test']
    const argv = [program, ...folders, '--config', '.dependency-cruiser.cjs', '--output-type', 'err']
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: tree, encoding: 'utf8' })
    return { status, output: stdout + stderr }
  }

  it('pass on a right tree', () => {
    expect(cruise()).toMatchObject({ status: 0 })
  })

  it.each(FAULTS)('find a break of %s in %s', (rule, file, text) => {
    put(file, text)
    const { status, output } = cruise()
    expect(status).not.toBe(0)
    expect(output).toContain(rule)
  })
})
