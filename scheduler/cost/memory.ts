/**
 * How much address space one ffmpeg takes, which is what its limit counts.
 *
 * Peaks measured on 2026-11-25 with ffmpeg 5.1.9 on 2 cores, threads left to the encoders: one H.264 rung of 1080p from a
 * master of that size 842 MiB, five to 1080p 1331 MiB, six to 2160p 2276 MiB; HEVC of 10 bits 1322 MiB at 1080p and 2851
 * MiB at 2160p; AV1 2787 and 4258 MiB. The lines below are within 5 % of all of them; resident memory is 25 to 75 % of it.
 */
import type { VideoEncode } from '../../core/contract/job'

const MIB = 2 ** 20
/** The program itself, the decoder and the filters. */
const PROCESS_BYTES = 560 * MIB
const RUNG_BYTES: Readonly<Record<VideoEncode['codec'], { own: number; perMegapixel: number }>> = {
  h264: { own: 80 * MIB, perMegapixel: 100 * MIB },
  hevc: { own: 252 * MIB, perMegapixel: 246 * MIB },
  av1: { own: 1_737 * MIB, perMegapixel: 236 * MIB },
}

export function addressSpaceBytes(rungs: readonly VideoEncode[]): number {
  return rungs.reduce((sum, { codec, widthPx, heightPx }) => {
    const { own, perMegapixel } = RUNG_BYTES[codec]
    return sum + own + (perMegapixel * widthPx * heightPx) / 1e6
  }, PROCESS_BYTES)
}

/** A master with many references or an odd codec takes more than those that were measured. */
const USABLE_SHARE = 0.8

/**
 * The rungs in one group, or in two of about the same need where one process would not have room for all of them. Two
 * decode the master twice, so never more.
 */
export function rungGroups(rungs: readonly VideoEncode[], slotMemoryBytes: number): VideoEncode[][] {
  if (rungs.length < 2 || addressSpaceBytes(rungs) <= USABLE_SHARE * slotMemoryBytes) return [[...rungs]]
  const groups: [VideoEncode[], VideoEncode[]] = [[], []]
  const needy = [...rungs].sort((a, b) => addressSpaceBytes([b]) - addressSpaceBytes([a]))
  for (const rung of needy) {
    const [one, other] = groups
    const goesFirst = addressSpaceBytes(one) <= addressSpaceBytes(other)
    ;(goesFirst ? one : other).push(rung)
  }
  return groups.map((group) => rungs.filter((rung) => group.includes(rung)))
}
