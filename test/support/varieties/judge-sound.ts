/** Sounds of an MP4: how many, in which languages and forms, from when to when, how high. */
import type { ReadSound } from '../reading/by-mediabunny'
import { hearTones } from '../reading/tones'
import type { ExpectedSound } from './variety'

/** An AAC frame has 21 ms, and its tone swells and fades. */
const TONE_SLACK_SECONDS = 0.03
const PITCH_SLACK = 0.03

export async function judgeSounds(
  mp4: string,
  read: readonly ReadSound[],
  expected: readonly ExpectedSound[],
): Promise<string[]> {
  if (read.length !== expected.length) return [`MP4: ${read.length} sounds, not ${expected.length}`]
  const findings: string[] = []
  for (const [index, wanted] of expected.entries()) {
    const { channels = 0, language = '', sampleRateHz = 0, endSeconds = 0 } = read[index] ?? {}
    const form = `${channels} channels, ${language}`
    const right = `${wanted.channels} channels, ${wanted.language ?? 'und'}`
    if (form !== right) findings.push(`sound ${index}: ${form}, not ${right}`)
    if (![44_100, 48_000].includes(sampleRateHz)) findings.push(`sound ${index}: ${sampleRateHz} Hz`)
    if (endSeconds < wanted.to - TONE_SLACK_SECONDS) findings.push(`sound ${index}: ends at ${endSeconds}`)
    findings.push(...(await judgeTone(mp4, index, wanted)))
  }
  return findings
}

async function judgeTone(mp4: string, index: number, { channels, from = 0, to, hz }: ExpectedSound): Promise<string[]> {
  const heard = await hearTones(mp4, index, channels)
  if (heard === null) return [`sound ${index}: nothing is heard`]
  const findings: string[] = []
  const { fromSeconds, toSeconds } = heard
  if (Math.abs(fromSeconds - from) > TONE_SLACK_SECONDS || Math.abs(toSeconds - to) > TONE_SLACK_SECONDS) {
    findings.push(
      `sound ${index}: heard from ${fromSeconds.toFixed(3)} to ${toSeconds.toFixed(3)}, not ${from} to ${to}`,
    )
  }
  const isOff = hz?.some((pitch, channel) => Math.abs((heard.hz[channel] ?? 0) / pitch - 1) > PITCH_SLACK) ?? false
  if (isOff) findings.push(`sound ${index}: ${heard.hz.map(Math.round).join(' and ')} Hz, not ${String(hz)}`)
  return findings
}
