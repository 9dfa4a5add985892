/** Pure: which renditions of a run are played while it is encoded, and what players are told of them. */
import type { Intent } from '../core/contract/intent'
import type { AudioJob, VideoEncode, VideoPieceJob } from '../core/contract/job'
import { homeKeys, outputKeys } from '../core/contract/keys'
import { toNumber } from '../core/contract/rational'
import { plannedTargetSeconds } from './early-growth'
import { multivariantText, type OfferedTrack } from './publication-variants'

export interface EarlyPlan {
  rungs: readonly VideoEncode[]
  /** Jobs of each slice in order; more than one where its rungs are encoded in groups. */
  slices: readonly (readonly VideoPieceJob[])[]
  sounds: readonly AudioJob[]
  targetSeconds: number
}

/** Rungs that may be left out in the end are not offered: a playlist that is being played cannot be taken away. */
export function earlyPlanOf({ jobs }: Pick<Intent, 'jobs'>): EarlyPlan {
  const pieces = jobs.filter((job) => job.kind === 'video-piece')
  const sounds = jobs.filter((job) => job.kind === 'audio')
  const slices = new Map<number, VideoPieceJob[]>()
  for (const piece of pieces) slices.set(piece.slice.index, [...(slices.get(piece.slice.index) ?? []), piece])
  const first = slices.get(0) ?? []
  const lengths = [
    ...first.map(({ grid }) => plannedTargetSeconds(grid)),
    ...sounds.map(({ segmentSeconds }) => Math.round(toNumber(segmentSeconds))),
  ]
  return {
    rungs: first.flatMap(({ rungs }) => rungs).filter(({ isRequired }) => isRequired),
    slices: [...slices.values()],
    sounds,
    targetSeconds: Math.max(1, ...lengths),
  }
}

/** Codec of each rendition that has something to play. */
export type EarlyCodecs = ReadonlyMap<string, string>

/**
 * The text of `early.m3u8`. Nothing is measured yet, so BANDWIDTH is what the encoders keep to: the cap of a rung and what its
 * buffer may add to a segment. Texts are not offered.
 */
export function earlyMultivariant(intent: Intent, { rungs, sounds }: EarlyPlan, codecs: EarlyCodecs): string {
  const playlist = (kind: 'video' | 'audio', id: string): string =>
    `${homeKeys.run(intent.run)}/${outputKeys.earlyPlaylist(kind, id)}`
  const video = rungs.flatMap((rung): OfferedTrack[] => {
    const { id, range, widthPx, heightPx } = rung
    const codec = codecs.get(id)
    const fps = intent.variants.find(({ rungId }) => rungId === id)?.fps
    if (codec === undefined || fps === undefined) return []
    const peakBps = rung.maxBitrateBps + Math.ceil(rung.bufferBits / segmentSecondsOf(intent, id))
    return [{ range, published: { id, playlist: playlist('video', id), codec, peakBps, widthPx, heightPx, fps } }]
  })
  const audio = sounds.flatMap(({ encode: { id, bitrateBps } }): OfferedTrack[] => {
    const codec = codecs.get(id)
    const peakBps = Math.ceil(bitrateBps * SOUND_PEAK)
    return codec === undefined
      ? []
      : [{ range: 'sdr', published: { id, playlist: playlist('audio', id), codec, peakBps } }]
  })
  return multivariantText(intent, video, audio, [])
}

/** Headers of fragments and the unevenness of AAC; a segment of sound is a few seconds long. */
const SOUND_PEAK = 1.2

function segmentSecondsOf({ jobs }: Intent, rungId: string): number {
  const piece = jobs.find((job) => job.kind === 'video-piece' && job.rungs.some(({ id }) => id === rungId))
  if (piece?.kind !== 'video-piece') return 1
  const { grid } = piece
  return (grid.gopFrames * grid.gopsPerSegment) / toNumber(grid.fps)
}
