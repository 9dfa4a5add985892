/** When the tone of a sound is heard and how high it is, from its decoded samples. */
import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

const RATE_HZ = 48_000
/** Half of the quietest tone there is in the varieties. */
const HEARD = 0.02 * 32_768
/** What an encoder smears around a tone. */
const SETTLED_SECONDS = 0.1

export interface HeardTone {
  fromSeconds: number
  toSeconds: number
  /** Of each channel; 0 where nothing is heard. */
  hz: number[]
}

/** Of the sound with this number; null when nothing is heard. */
export async function hearTones(file: string, index: number, channels: number): Promise<HeardTone | null> {
  const samples = await decode(file, index)
  const isHeard = (at: number): boolean => Math.abs(samples[at] ?? 0) > HEARD
  const heard = samples.findIndex((_, at) => isHeard(at))
  const last = samples.findLastIndex((_, at) => isHeard(at))
  if (heard < 0) return null
  const [fromSeconds, toSeconds] = [heard, last].map((at) => Math.floor(at / channels) / RATE_HZ) as [number, number]
  return { fromSeconds, toSeconds, hz: Array.from({ length: channels }, (_, one) => pitch(samples, one, channels)) }
}

async function decode(file: string, index: number): Promise<Int16Array> {
  const words = ['-v', 'error', '-nostdin', '-i', file, '-map', `0:a:${index}`]
  const child = spawn('ffmpeg', [...words, '-ar', String(RATE_HZ), '-f', 's16le', '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const bytes = await buffer(child.stdout)
  return new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2))
}

/** Rising passes through zero a second, where the tone is steady. */
function pitch(samples: Int16Array, channel: number, channels: number): number {
  const own = samples.filter((_, at) => at % channels === channel)
  const start = own.findIndex((sample) => Math.abs(sample) > HEARD)
  const end = own.findLastIndex((sample) => Math.abs(sample) > HEARD) - SETTLED_SECONDS * RATE_HZ
  const steady = own.subarray(Math.max(0, start + SETTLED_SECONDS * RATE_HZ), Math.max(0, end))
  const rises = steady.reduce((count, sample, at) => count + Number((steady[at - 1] ?? 0) < 0 && sample >= 0), 0)
  return steady.length === 0 ? 0 : (rises * RATE_HZ) / steady.length
}
