/** Masters of the bench: made by script, kept in the cache of the tests, found again by what they are made of. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { footageFor, longWords, masterWords, type MasterForm } from './master-words'
import { runFfmpeg } from './programs'

export interface Masters {
  /** @returns Absolute path. */
  make(form: MasterForm): Promise<string>
  /** A small picture of any length: a part of it again and again, without encoding. */
  makeLong(seconds: number): Promise<string>
}

export interface MasterOptions {
  ffmpeg: string
  /** Real footage; a folder that is not there is replaced by made pictures. */
  mediaFolder: string
  cacheFolder: string
  env: Readonly<Record<string, string>>
  tell: (line: string) => void
  signal: AbortSignal
}

const LOOPED: MasterForm = { widthPx: 256, heightPx: 144, seconds: 20, maxBitrateBps: 300_000 }

export function createMasters(options: MasterOptions): Masters {
  const { mediaFolder, cacheFolder } = options
  const make = (form: MasterForm): Promise<string> => {
    const footage = footageFor(form.seconds, (file) => existsSync(join(mediaFolder, file)))
    const folder = existsSync(mediaFolder) ? mediaFolder : cacheFolder
    return cached(options, `${form.heightPx}p-${form.seconds}s`, masterWords(form, footage), folder)
  }
  return {
    make,
    makeLong: async (seconds) => {
      const words = longWords(basename(await make(LOOPED)), LOOPED.seconds, seconds)
      return cached(options, `long-${seconds}s`, words, cacheFolder)
    },
  }
}

/**
 * A master that is half made is never found: it gets its name when it is whole.
 *
 * @param folder That file names in `words` start from, so that a master is the same wherever the footage is.
 */
async function cached(
  { cacheFolder, ffmpeg, env, tell, signal }: MasterOptions,
  name: string,
  words: readonly string[],
  folder: string,
): Promise<string> {
  const digest = createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 10)
  const path = join(cacheFolder, `bench-${name}-${digest}.mp4`)
  if (existsSync(path)) return path
  tell(`making the master ${path}`)
  await mkdir(cacheFolder, { recursive: true })
  const partial = `${path}.${process.pid}.part`
  try {
    await runFfmpeg(ffmpeg, { argv: [...words, '-f', 'mp4', partial], folder, env, signal })
    await rename(partial, path)
    return path
  } finally {
    await rm(partial, { force: true })
  }
}
