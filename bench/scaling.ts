/** Two workers with one encoder thread each beside one such worker. */
import type { BenchContext } from './context'
import { runGantry } from './gantry-run'
import type { MasterForm } from './master-words'
import type { Measured } from './meter'

export interface ScalingResult {
  kind: 'scaling'
  seconds: number
  pieces: number
  rounds: readonly { one: Measured; two: Measured }[]
}

export async function scalingCase(context: BenchContext, form: MasterForm): Promise<ScalingResult> {
  const { rounds, scale, tell } = context
  const master = await context.masters.make({ ...form, seconds: scale.scalingSeconds })
  const pieceSeconds = Math.max(1, Math.round(scale.scalingSeconds / scale.scalingPieces))
  const settings = { GANTRY_ENCODER_THREADS: '1', GANTRY_PIECE_SECONDS: String(pieceSeconds) }
  let pieces = 0
  const run = async (workers: number): Promise<Measured> => {
    const { wallSeconds, cpuSeconds, encodes, remove } = await runGantry(context, { master, workers, settings })
    await remove()
    pieces = encodes.filter(({ part }) => part.startsWith('video')).length
    return { wallSeconds, cpuSeconds }
  }
  const done: { one: Measured; two: Measured }[] = []
  for (let round = 0; round < rounds; round += 1) {
    tell(`scaling, round ${round + 1} of ${rounds}`)
    if (round % 2 === 0) {
      const one = await run(1)
      done.push({ one, two: await run(2) })
    } else {
      const two = await run(2)
      done.push({ one: await run(1), two })
    }
  }
  return { kind: 'scaling', seconds: scale.scalingSeconds, pieces, rounds: done }
}
