/** What is said about an asset as a whole: how far, how fast, how long still. */
import type { RenditionView } from './rendition-view'
import type { AssetView } from './run-view'

/** Sound is encoded many times faster than a picture, so it counts as this part of a video rendition. */
const AUDIO_WEIGHT = 0.05

/** 0 to 1; null where the length is not known. Below 1 until all renditions are done. */
export function assetFraction(asset: AssetView): number | null {
  if (asset.published || asset.stage === 'finishing') return 1
  const { renditions } = asset
  if (renditions.length === 0) return 0
  const hasVideo = renditions.some((rendition) => rendition.kind === 'video')
  let whole = 0
  let reached = 0
  for (const rendition of renditions) {
    const fraction = renditionFraction(rendition)
    if (fraction === null) return null
    const weight = hasVideo && rendition.kind === 'audio' ? AUDIO_WEIGHT : 1
    whole += weight
    reached += weight * fraction
  }
  return Math.min(reached / whole, 0.99)
}

/** 0 to 1; null where the length is not known. Below 1 until it is done. */
export function renditionFraction(rendition: RenditionView): number | null {
  if (rendition.done) return 1
  const { outSeconds, durationSeconds } = rendition
  if (durationSeconds === null || durationSeconds <= 0) return outSeconds > 0 || durationSeconds === null ? null : 0
  return Math.min(outSeconds / durationSeconds, 0.99)
}

/** That of the slowest video rendition, or of the sound where no picture is encoded; null before the first figure. */
export function assetSpeed(asset: AssetView): number | null {
  const running = asset.renditions.filter((rendition) => rendition.speed !== null)
  const video = running.filter((rendition) => rendition.kind === 'video')
  const speeds = (video.length > 0 ? video : running).map((rendition) => rendition.speed ?? 0)
  return speeds.length === 0 ? null : Math.min(...speeds)
}

/** Wall seconds at the present speed; null while that or the length is not known. */
export function renditionSecondsLeft(rendition: RenditionView): number | null {
  const { done, durationSeconds, outSeconds, speed } = rendition
  if (done || durationSeconds === null || speed === null || speed <= 0) return null
  return Math.max(0, durationSeconds - outSeconds) / speed
}

/** That of the rendition that takes longest; ones that have not begun are left out. */
export function assetSecondsLeft(asset: AssetView): number | null {
  const left = asset.renditions.map(renditionSecondsLeft).filter((seconds) => seconds !== null)
  return left.length === 0 ? null : Math.max(...left)
}

/** Encoded seconds of the rendition that is least far and has begun. */
export function assetOutSeconds(asset: AssetView): number {
  const begun = asset.renditions.filter((rendition) => rendition.pieces.length > 0)
  const video = begun.filter((rendition) => rendition.kind === 'video')
  const seconds = (video.length > 0 ? video : begun).map((rendition) => rendition.outSeconds)
  return seconds.length === 0 ? 0 : Math.min(...seconds)
}
