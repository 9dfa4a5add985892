/** A player that asks for everything all the time: each poll takes the stable address and all that it names. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface AssetWatch {
  stop(): Promise<{ faults: string[]; generations: string[]; polls: number }>
}

/** Where a player gets its objects from, by their paths. */
export interface Origin {
  /** Null: it is not there. */
  text(path: string): Promise<string | null>
  isThere(path: string): Promise<boolean>
}

const FILES: Origin = {
  text: (path) => readFile(path, 'utf8').catch(() => null),
  isThere: (path) => Promise.resolve(existsSync(path)),
}

/** A bucket that all may read, paths relative to it. @param base With no slash at its end. */
export function httpOrigin(base: string): Origin {
  return {
    text: async (path) => {
      const answer = await fetch(`${base}/${path}`)
      const body = await answer.text()
      return answer.ok ? body : null
    },
    isThere: async (path) => (await fetch(`${base}/${path}`, { method: 'HEAD' })).ok,
  }
}

const POLL_MS = 20

/** @param master Path of the multivariant playlist, which is there already. */
export function watchAsset(master: string, origin: Origin = FILES): AssetWatch {
  const faults = new Set<string>()
  const generations: string[] = []
  let polls = 0
  const stopping = new AbortController()
  const poll = async (): Promise<void> => {
    polls += 1
    const text = await origin.text(master)
    if (text === null) return void faults.add(`${master} is not there`)
    const named = uris(text)
    const runs = new Set(named.map((uri) => uri.split('/')[0] ?? ''))
    const [run = 'none'] = runs
    if (runs.size !== 1) faults.add(`of several generations: ${[...runs].join()}`)
    if (generations.at(-1) !== run) generations.push(run)
    for (const uri of named) {
      for (const missing of await missingOf(posix.join(posix.dirname(master), uri), origin)) faults.add(missing)
    }
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await poll()
      await delay(POLL_MS)
    }
    await poll()
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

async function missingOf(playlist: string, origin: Origin): Promise<string[]> {
  const text = await origin.text(playlist)
  if (text === null) return [`${playlist} is not there`]
  const paths = uris(text).map((uri) => posix.join(posix.dirname(playlist), uri))
  const there = await Promise.all(paths.map((path) => origin.isThere(path)))
  return paths.filter((_, index) => there[index] === false).map((path) => `${path} is not there`)
}
