/** CODECS and RESOLUTION of the multivariant playlist against the init segments and the stream itself. */
import { readFileSync } from 'node:fs'
import { probeJson } from '../run-program'
import type { ReadVariant } from './playlists'

interface Shapes {
  streams: { codec_type: string; width?: number; height?: number; sample_aspect_ratio?: string }[]
}

/** Sizes are even: small ones are off by up to a pixel a side. */
const SHAPE_SLACK = 0.02
const AAC_LC = 'mp4a.40.2'

/** @param shape Width by height of the master as it is shown; null for a master without pictures. */
export async function judgeCodecs(variants: readonly ReadVariant[], shape: number | null): Promise<string[]> {
  const findings: string[] = []
  for (const variant of variants) {
    const { id, track, sound, codecs } = variant
    const { streams } = await probeJson<Shapes>(track.playlist, '-show_streams')
    const video = streams.find((stream) => stream.codec_type === 'video')
    if ((video === undefined) !== (shape === null)) findings.push(`${id}: pictures are ${video ? 'there' : 'missing'}`)
    const right = [...(video ? [avcCodecOf(track.init)] : []), ...(sound || !video ? [AAC_LC] : [])].join(',')
    if (codecs !== right) findings.push(`${id}: CODECS ${codecs}, it is ${right}`)
    if (video && shape !== null) findings.push(...judgeShape(variant, video, shape))
  }
  return findings
}

function judgeShape({ id, widthPx, heightPx }: ReadVariant, video: Shapes['streams'][number], shape: number): string[] {
  const { width = 0, height = 0, sample_aspect_ratio: pixels } = video
  const findings: string[] = []
  if (width !== widthPx || height !== heightPx) {
    findings.push(`${id}: RESOLUTION ${String(widthPx)}x${String(heightPx)}, it is ${width}x${height}`)
  }
  if (pixels !== undefined && pixels !== '1:1') findings.push(`${id}: pixels are not square`)
  if (Math.abs(width / height / shape - 1) > SHAPE_SLACK) {
    findings.push(`${id}: ${width}x${height} has not the shape of the master, ${shape.toFixed(3)}`)
  }
  return findings
}

/** Profile, constraints and level stand behind the version byte of the configuration. Source: ISO 14496-15, 5.3.3.1. */
function avcCodecOf(init: string): string {
  const bytes = readFileSync(init)
  const at = bytes.indexOf('avcC')
  return at < 0 ? 'no H.264' : `avc1.${bytes.toString('hex', at + 5, at + 8)}`
}
