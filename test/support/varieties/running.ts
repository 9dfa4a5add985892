/** Makes masters, and gives them all to one call of the command. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { eventsOf, runProduct, type ProductResult } from '../product'
import type { Recipe } from './variety'

export interface VarietiesRun {
  folder: string
  result: ProductResult
  /** File name to `master.m3u8`. */
  published: Map<string, string>
  /** File name to why it failed. */
  failed: Map<string, { code: string; message: string }>
  remove(): void
}

/** ffmpegs at once; each has few pictures to make. */
const MAKERS = 2

export async function makeMasters(folder: string, all: readonly { file: string; make: Recipe }[]): Promise<void> {
  const waiting = [...all]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next.make(folder, next.file)
  }
  await Promise.all(Array.from({ length: MAKERS }, work))
}

export async function runVarieties(
  all: readonly { file: string; make: Recipe }[],
  ...words: readonly string[]
): Promise<VarietiesRun> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-varieties-'))
  await makeMasters(folder, all)
  const files = all.map(({ file }) => join(folder, file))
  const result = await runProduct(...files, '--out', join(folder, 'out'), ...words)
  const names = new Map(all.map(({ file }) => [file, file]))
  const accepted = eventsOf(result.events, 'asset.accepted')
  const nameOf = (assetId: string): string => {
    const key = accepted.find((event) => event.assetId === assetId)?.data.source.key ?? ''
    return names.get(basename(key)) ?? key
  }
  return {
    folder,
    result,
    published: new Map(
      eventsOf(result.events, 'asset.published').map((event) => [nameOf(event.assetId), event.data.master]),
    ),
    failed: new Map(
      eventsOf(result.events, 'asset.failed').map(({ data }) => [
        basename(data.source.key),
        { code: data.code, message: data.message },
      ]),
    ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
