import { open, readdir, realpath, stat } from 'node:fs/promises'
import type { InputFs } from './inputs'

/** The file system of this machine, as `expandInputs` looks at it. */
export function nodeInputFs(): InputFs {
  return { stat: (path) => stat(path), readdir: (path) => readdir(path), realpath: (path) => realpath(path), firstByte }
}

async function firstByte(path: string): Promise<number | null> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0)
    return bytesRead === 1 ? (buffer[0] ?? null) : null
  } finally {
    await file.close()
  }
}
