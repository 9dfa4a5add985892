/** A kind of master as data: its name, how it is made, and what must come of it. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../run-program'

export interface Variety {
  /** Also the name of its test. */
  file: string
  make: Recipe
  expected: Accepted
}

export interface RefusedVariety {
  file: string
  make: Recipe
  code: string
  /** Part of the message: the reason in the user's words. */
  says: RegExp
}

/** Makes the file `name` in `folder`. */
export type Recipe = (folder: string, name: string) => Promise<void>

/** Every value follows from how the master is made, or was read by another program; none is what Gantry printed. */
export interface Accepted {
  picture: ExpectedPicture | null
  sounds: readonly ExpectedSound[]
  /** Language and words of each text track that is offered. */
  captions?: readonly ExpectedCaptions[]
  /** Exactly these, in any order. */
  warnings?: readonly RegExp[]
}

export interface ExpectedPicture {
  /** Of the largest rung. */
  widthPx: number
  heightPx: number
  /** When each picture is shown, from the start of the asset. */
  times: readonly number[]
  /** Primaries, transfer characteristics, matrix. */
  colour?: string
  /** What its four quarters show, in reading order; by default those of the film of quarters. Null: other pictures. */
  quarters?: Quarters | null
  /** A film without the treatment that the master needs; the largest rung must be as near to it as this. */
  reference?: { film: string; leastDecibels: number }
}

/** Upright and in right colours; `hues` where tone mapping moves the brightness. */
export type Quarters = readonly [string, string, string, string] | 'hues'

export interface ExpectedSound {
  channels: number
  language?: string
  /** When its tone is heard, from the start of the asset. */
  from?: number
  to: number
  /** Pitch of each channel, where it is told apart. */
  hz?: readonly number[]
}

export interface ExpectedCaptions {
  language: string | null
  words: string
  isForced?: boolean
}

/** ffmpeg makes it; the name of the file comes last. @throws When ffmpeg fails. */
export function ffmpeg(...words: readonly string[]): Recipe {
  return async (folder, name) => {
    const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...words, name], folder)
    if (code !== 0) throw new Error(`${name} was not made: ${stderr}`)
  }
}

/** The first recipe's file, changed by its bytes. */
export function changed(make: Recipe, change: (bytes: Buffer) => Uint8Array): Recipe {
  return async (folder, name) => {
    await make(folder, name)
    const file = join(folder, name)
    await writeFile(file, change(await readFile(file)))
  }
}

/** The first recipe's file as input of ffmpeg; `before` stands before its `-i`. */
export function remade(make: Recipe, first: string, before: readonly string[], ...words: readonly string[]): Recipe {
  return async (folder, name) => {
    const source = `${name}.source-${first}`
    await make(folder, source)
    await ffmpeg(...before, '-i', source, ...words)(folder, `${name}.part${/\.\w+$/.exec(name)?.[0] ?? ''}`)
    await rename(join(folder, `${name}.part${/\.\w+$/.exec(name)?.[0] ?? ''}`), join(folder, name))
  }
}

/** Bytes as they are. */
export function bytes(body: string | Uint8Array): Recipe {
  return (folder, name) => writeFile(join(folder, name), body)
}

/** An even rate whose pictures all come late by this, but for the first, which is shown from the start. */
export function late(bySeconds: number, times: readonly number[]): number[] {
  return times.map((time, index) => (index === 0 ? 0 : time + bySeconds))
}

/** Times of so many pictures at an even rate. */
export function evenly(count: number, num: number, den = 1): number[] {
  return Array.from({ length: count }, (_, index) => (index * den) / num)
}
