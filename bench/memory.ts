/** Memory and scratch space of a short master and of one of three hours. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchContext } from './context'
import { runGantry } from './gantry-run'
import type { Measured } from './meter'
import type { ProcessKind } from './tree-figures'

export interface MemoryResult {
  kind: 'memory'
  masters: readonly MemoryOfMaster[]
}

export interface MemoryOfMaster extends Measured {
  seconds: number
  segments: number
  mp4Bytes: number
  peakRssBytes: Readonly<Record<ProcessKind, number>>
  scratch: ScratchPeak
}

/** Most bytes in temporary files at once. */
export interface ScratchPeak {
  pictures: number
  /** All else: picture and sound on their way to HLS and MP4 leave nothing on the disk. */
  media: number
}

export async function memoryCase(context: BenchContext): Promise<MemoryResult> {
  const masters: MemoryOfMaster[] = []
  for (const seconds of context.scale.memorySeconds) {
    context.tell(`memory, a master of ${seconds} s`)
    masters.push(await memoryOf(context, seconds))
  }
  return { kind: 'memory', masters }
}

async function memoryOf(context: BenchContext, seconds: number): Promise<MemoryOfMaster> {
  const master = await context.masters.makeLong(seconds)
  let scratch: ScratchPeak = { pictures: 0, media: 0 }
  const ladder = join(context.root, 'bench', 'one-small-rung.yaml')
  const run = await runGantry(context, {
    ...{ master, ladder, workers: 1 },
    onLook: (folder) => (scratch = higher(scratch, scratchIn(folder))),
  })
  await run.remove()
  const { wallSeconds, cpuSeconds, tree, asset } = run
  return {
    ...{ seconds, wallSeconds, cpuSeconds, scratch, peakRssBytes: tree.peakRssBytes },
    segments: [...asset.video, ...asset.audio].reduce((count, { segments }) => count + segments, 0),
    mp4Bytes: asset.mp4.reduce((bytes, mp4) => bytes + mp4.bytes, 0),
  }
}

function higher(a: ScratchPeak, b: ScratchPeak): ScratchPeak {
  return { pictures: Math.max(a.pictures, b.pictures), media: Math.max(a.media, b.media) }
}

function scratchIn(folder: string): ScratchPeak {
  const found: ScratchPeak = { pictures: 0, media: 0 }
  for (const file of filesIn(folder)) {
    const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    found[file.endsWith('.jpg') ? 'pictures' : 'media'] += bytes
  }
  return found
}

/** Without sockets. A folder that goes while it is looked at counts as gone. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    const within = entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => filesIn(join(folder, name)))
    return [...entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name)), ...within]
  } catch {
    return []
  }
}
