/** A folder of hostile files made by the test, and a probe over it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ProbeLimits } from '../../core/adapters/ffprobe'
import { GantryError } from '../../core/contract/errors'
import type { ObjectStore } from '../../core/ports/object-store'
import { GIB, launcher, LIMITS } from './launching'
import { openProbing, type Probing } from './probing'

export interface Hostile extends Probing {
  folder: string
  put(name: string, body: string | Uint8Array): Promise<string>
  /** Makes a file with ffmpeg; `words` name the input and the codecs. */
  make(name: string, words: readonly string[]): Promise<string>
  /** The code of the refusal, or `accepted`. */
  code(name: string, limits?: Partial<ProbeLimits>): Promise<string>
}

export async function openHostile(): Promise<Hostile> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-hostile-'))
  const probing = await openProbing(folder)
  return {
    ...probing,
    folder,
    put: async (name, body) => {
      await writeFile(join(folder, name), body)
      return name
    },
    make: async (name, words) => {
      const argv = ['-v', 'error', '-y', ...words, name]
      const limits = { ...LIMITS, memoryBytes: 16 * GIB }
      const child = launcher.launch({ program: 'ffmpeg', argv, folder, limits, pipes: 0 })
      const [errors, exit] = await Promise.all([text(child.stderr), child.exited, text(child.stdout)])
      if (exit.code !== 0) throw new Error(`the test's own file was not made: ${errors}`)
      return name
    },
    code: async (name, limits = {}) => {
      try {
        await probing.probe(name, limits)
        return 'accepted'
      } catch (thrown) {
        return thrown instanceof GantryError ? thrown.code : `not a GantryError: ${String(thrown)}`
      }
    },
    close: async () => {
      await probing.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** ffmpeg's words for a moving test picture of one second. */
export const picture = (size: string): string[] => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=5:d=1`]

/** The first read, of the head, goes through; then `behave` gives the stream. */
export function afterHead(behave: () => Promise<Readable>): (store: ObjectStore) => ObjectStore {
  return (store) => {
    let reads = 0
    return {
      ...store,
      read: (ref, range) => {
        reads += 1
        return reads === 1 ? store.read(ref, range) : behave()
      },
    }
  }
}

/** A stream that never gives a byte. */
export const silence = (): Promise<Readable> => Promise.resolve(new Readable({ read: () => undefined }))
