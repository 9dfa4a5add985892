/** Two workers, each in the middle of a piece that takes longer than a fault lasts. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mastersFolder } from '../masters'
import { processesUnder } from '../product'
import { runProgram } from '../run-program'
import type { ServiceProcess, Services } from '../services'

const FILM = join(mastersFolder(), 'butterfly-720p30-aac.mp4')
/** Of the film, without its last part. */
const LOOP_SECONDS = 7.5

export interface LongMaster {
  file: string
  env: Readonly<Record<string, string>>
}

/** A master of two pieces, with one rung that takes about 2.4 s of a core for each second. */
export async function longMaster(folder: string, pieceSeconds: number): Promise<LongMaster> {
  await mkdir(folder, { recursive: true })
  const [file, ladder] = [join(folder, 'long.mp4'), join(folder, 'slow.yaml')]
  const loops = String(Math.ceil((2 * pieceSeconds) / LOOP_SECONDS))
  const words = ['-v', 'error', '-stream_loop', loops, '-i', FILM, '-c', 'copy', '-t', String(2 * pieceSeconds), file]
  const made = await runProgram('ffmpeg', words)
  if (made.code !== 0) throw new Error(made.stderr)
  await writeFile(
    ladder,
    `name: slow
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: 720p, shortSidePx: 720, preset: medium, maxBitrateBps: 3_000_000 }
mp4: false
`,
  )
  return { file, env: { GANTRY_LADDER: ladder, GANTRY_PIECE_SECONDS: String(pieceSeconds) } }
}

/** Resolves with the asset and the processes of both pieces, when both are being encoded. */
export async function bothEncode(
  { first, put }: Pick<Services, 'put'> & { first: ServiceProcess },
  workers: readonly ServiceProcess[],
  { key, file }: { key: string; file: string },
): Promise<{ assetId: string; pids: number[] }> {
  await put(key, file)
  const assetId = String((await first.line({ msg: 'master taken', key }))['assetId'])
  await Promise.all(workers.map((worker) => worker.line({ msg: 'job started', kind: 'video-piece', assetId })))
  for (;;) {
    const pids = encodersOf(workers)
    if (pids.length === workers.length) return { assetId, pids }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Processes of ffmpeg that make pictures. */
export function encodersOf(workers: readonly ServiceProcess[]): number[] {
  return workers
    .flatMap(({ pid }) => processesUnder(pid))
    .filter(({ command }) => /^\S*ffmpeg .*libx264/.test(command))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b)
}
