/** A player that asks for everything all the time: each poll takes the stable address and all that it names. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface AssetWatch {
  stop(): Promise<{ faults: string[]; generations: string[]; polls: number }>
}

const POLL_MS = 20

/** @param master Path of the multivariant playlist, which is there already. */
export function watchAsset(master: string): AssetWatch {
  const faults = new Set<string>()
  const generations: string[] = []
  let polls = 0
  const stopping = new AbortController()
  const poll = (): void => {
    polls += 1
    const named = uris(readFileSync(master, 'utf8'))
    const runs = new Set(named.map((uri) => uri.split('/')[0] ?? ''))
    const [run = 'none'] = runs
    if (runs.size !== 1) faults.add(`of several generations: ${[...runs].join()}`)
    if (generations.at(-1) !== run) generations.push(run)
    for (const uri of named) for (const missing of missingOf(join(dirname(master), uri))) faults.add(missing)
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      poll()
      await delay(POLL_MS)
    }
    poll()
  })()
  return {
    stop: async () => {
      stopping.abort()
      await running
      return { faults: [...faults], generations, polls }
    },
  }
}

/** Lines and attributes that name something. */
function uris(playlist: string): string[] {
  const lines = playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return [...lines, ...[...playlist.matchAll(/URI="([^"]+)"/g)].map(([, uri = '']) => uri)]
}

function missingOf(playlist: string): string[] {
  if (!existsSync(playlist)) return [`${playlist} is not there`]
  return uris(readFileSync(playlist, 'utf8'))
    .map((uri) => join(dirname(playlist), uri))
    .filter((path) => !existsSync(path))
    .map((path) => `${path} is not there`)
}
