/** Masters of a soak: small ones of every shape, each file another one, so that none is an asset that exists. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mastersFolder } from '../masters'
import { runProgram } from '../run-program'
import type { SeededRandom } from '../seeded-random'
import type { Shape } from './plan'

const REAL = join(mastersFolder(), 'rooftops-360p30-17s.mp4')
const SHORTEST_SECONDS = 2
const LONGEST_SECONDS = 8
const QUICK = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  'yuv420p',
  '-c:a',
  'aac',
  '-movflags',
  '+faststart',
]

export interface SoakMasters {
  make(shape: Shape): Promise<{ bytes: Buffer; extension: string }>
}

export function soakMasters(folder: string, random: SeededRandom): SoakMasters {
  let count = 0
  const encode = async (argv: readonly string[]): Promise<Buffer> => {
    const file = join(folder, `master-${(count += 1)}.mp4`)
    // A name in the file makes its bytes, and so its etag, different from all others.
    const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', ...argv, '-metadata', `title=${count}`, file])
    if (code !== 0) throw new Error(stderr)
    return readFile(file)
  }
  return {
    make: async (shape) => {
      const seconds = random.integer(SHORTEST_SECONDS, LONGEST_SECONDS)
      if (shape === 'no media') return { bytes: Buffer.from(`no media at all ${(count += 1)}\n`), extension: 'mp4' }
      const bytes = await encode(wordsOf(shape, seconds, random.integer(0, 8)))
      return { bytes: shape === 'not encodable' ? withoutPictures(bytes) : bytes, extension: 'mp4' }
    },
  }
}

function wordsOf(shape: Exclude<Shape, 'no media'>, seconds: number, startSeconds: number): string[] {
  const made = (size: string): string[] => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`]
  const tone = ['-f', 'lavfi', '-i', `sine=f=440:d=${seconds}`]
  switch (shape) {
    case 'real':
      return ['-ss', String(startSeconds), '-t', String(seconds), '-i', REAL, '-c', 'copy']
    case 'portrait':
      return [...made('180x320'), ...tone, ...QUICK]
    case 'silent':
      return [...made('320x180'), ...QUICK]
    case 'sound':
    case 'not encodable':
      return [...made('320x180'), ...tone, ...QUICK]
  }
}

/** The index is whole, so the master is taken; of what it points at nothing is left. */
function withoutPictures(bytes: Buffer): Buffer {
  const media = bytes.indexOf('mdat')
  return Buffer.concat([bytes.subarray(0, media + 4), Buffer.alloc(bytes.length - media - 4, 0xff)])
}
