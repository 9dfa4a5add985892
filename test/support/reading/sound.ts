/** The sound rendition is as long as the master's sound, and has no hole. */
import { soundSpan } from './decoding'
import { soundTracks, type ReadVariant } from './playlists'
import { segmentTimings } from './timing'

/** AAC encoders prime with one frame and fill the last one up: at 44.1 kHz at most 47 ms, and a gap filter of 2 frames. */
const SOUND_SLACK_SECONDS = 0.06
const PRIMING_SECONDS = 1_024 / 48_000
const EXTINF_SLACK_SECONDS = 0.001

/** @param masterEndSeconds Where the decoded sound of the master ends; null when it has none. */
export async function judgeSound(variants: readonly ReadVariant[], masterEndSeconds: number | null): Promise<string[]> {
  const tracks = soundTracks(variants)
  if (masterEndSeconds === null) return tracks.length === 0 ? [] : ['there is sound, the master has none']
  const [track] = tracks
  if (track === undefined || tracks.length > 1) return [`${tracks.length} sound renditions, one is expected`]
  const span = await soundSpan(track.playlist)
  if (span === null) return ['the sound cannot be decoded']

  const findings: string[] = []
  // Both, for a hole changes only what is decoded, and sound that is told to come later only the span.
  for (const length of [span.decodedSeconds, span.endSeconds - span.startSeconds]) {
    if (Math.abs(length - PRIMING_SECONDS - masterEndSeconds) <= SOUND_SLACK_SECONDS) continue
    const measured = (length - PRIMING_SECONDS).toFixed(3)
    findings.push(`the sound lasts ${measured} s, the master's ends at ${masterEndSeconds.toFixed(3)} s`)
    break
  }
  const timings = await segmentTimings(track)
  timings.forEach(({ startSeconds }, index) => {
    const next = timings[index + 1]?.startSeconds
    const written = track.segments[index]?.durationSeconds ?? 0
    if (next !== undefined && Math.abs(next - startSeconds - written) > EXTINF_SLACK_SECONDS) {
      findings.push(`audio: segment ${index} lasts ${(next - startSeconds).toFixed(3)} s, EXTINF says ${written}`)
    }
  })
  return findings
}
