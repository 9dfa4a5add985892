/** `gantry run` as a user starts it, measured from outside. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GantryError } from '../core/contract/errors'
import type { AssetFacts } from '../core/contract/intent'
import type { EncodeReceipt } from '../core/contract/markers'
import type { BenchContext } from './context'
import { measure, type Measured } from './meter'
import { runProgram } from './programs'
import type { TreeFigures } from './tree-figures'
import { watchTree } from './tree-watch'

export interface GantryRun extends Measured {
  tree: TreeFigures
  asset: AssetFacts
  encodes: readonly EncodeOfRun[]
  sourceBytes: number
  /** Of the worker, while the gate judged what it would publish. */
  gateCpuSeconds: number
  /** Absolute; what `asset` names is below it. */
  home: string
  remove: () => Promise<void>
}

export type EncodeOfRun = Pick<EncodeReceipt, 'cpuSeconds' | 'bytesRead'> & { part: string }

export interface GantryWords {
  /** Absolute. */
  master: string
  workers: number
  /** A file; without one the default ladder. */
  ladder?: string
  settings?: Readonly<Record<string, string>>
  /** Called ten times a second, with the folder that the run has for its temporary files. */
  onLook?: (temporaryFolder: string) => void
}

/** @throws QUEUE_INTERNAL with what the command said, when it fails. */
export async function runGantry(context: BenchContext, words: GantryWords): Promise<GantryRun> {
  const { root, env, signal } = context
  const folder = await mkdtemp(join(context.folder, 'run-'))
  const [out, temporary] = [join(folder, 'out'), join(folder, 't')]
  await mkdir(temporary)
  const ladder = words.ladder === undefined ? [] : ['--ladder', words.ladder]
  const options = ['--out', out, '--workers', String(words.workers), ...ladder]
  let stopWatch: () => TreeFigures = () => {
    throw new GantryError('QUEUE_INTERNAL', 'gantry run did not start')
  }
  const { value: tree, ...measured } = await measure(async () => {
    await runProgram(process.execPath, {
      argv: [join(root, 'bin', 'gantry.js'), 'run', words.master, ...options],
      ...{ folder, signal, env: { ...env, ...words.settings, TMPDIR: temporary } },
      onStart: (pid) => {
        const watch = watchTree(pid, () => words.onLook?.(temporary))
        stopWatch = () => watch.stop()
      },
    }).catch((error: unknown) => {
      stopWatch()
      throw error
    })
    return stopWatch()
  })
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  return { ...measured, tree, ...(await readRun(out)), remove }
}

interface RunReport {
  encodes: EncodeOfRun[]
  source: { bytes: number }
  gate: { cpuSeconds: number }
}

/** The one asset of an output folder, with what its report says of the encodes. */
async function readRun(
  out: string,
): Promise<Pick<GantryRun, 'asset' | 'encodes' | 'sourceBytes' | 'gateCpuSeconds' | 'home'>> {
  const home = join(out, await onlyEntry(out, '.gantry'))
  const assets = join(out, '.gantry', 'assets')
  const report = join(assets, await onlyEntry(assets), 'runs', '1', 'report.json')
  const { encodes, source, gate } = await json<RunReport>(report)
  const asset = await json<AssetFacts>(join(home, 'asset.json'))
  return { asset, encodes, sourceBytes: source.bytes, gateCpuSeconds: gate.cpuSeconds, home }
}

async function onlyEntry(folder: string, ...except: string[]): Promise<string> {
  const [name, ...others] = (await readdir(folder)).filter((one) => !except.includes(one))
  if (name !== undefined && others.length === 0) return name
  throw new GantryError('QUEUE_INTERNAL', `one asset was expected in '${folder}'`)
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}
