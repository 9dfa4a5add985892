/** Loudness by the meter inside ffmpeg's `loudnorm` (libebur128), which is another one than the product's `ebur128`. */
import { runProgram } from '../run-program'

/** @returns Integrated, in LUFS; -Infinity for what has none. @throws When there is no sound. */
export async function loudnessLufs(file: string, before = 'anull'): Promise<number> {
  const filter = `${before},loudnorm=print_format=json`
  const words = ['-hide_banner', '-nostats', '-nostdin', '-i', file, '-map', '0:a:0', '-af', filter, '-f', 'null', '-']
  const { stderr } = await runProgram('ffmpeg', words)
  const found = /"input_i" : "(-?inf|-?[\d.]+)"/.exec(stderr)?.[1]
  if (found === undefined) throw new Error(`no loudness of ${file}: ${stderr}`)
  return found === '-inf' ? -Infinity : Number(found)
}

/** By how many samples the second sound is later than the first, at most `reach`: where they agree best. */
export function lagSamples(one: Float32Array, other: Float32Array, reach: number): number {
  const agreement = (lag: number): number => {
    let [both, first, second] = [0, 0, 0]
    for (let index = reach; index < Math.min(one.length, other.length) - reach; index += 1) {
      const [a, b] = [one[index] ?? 0, other[index + lag] ?? 0]
      both += a * b
      first += a * a
      second += b * b
    }
    return both / Math.sqrt(first * second)
  }
  const lags = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach)
  const agreements = lags.map(agreement)
  return lags[agreements.indexOf(Math.max(...agreements))] ?? NaN
}
