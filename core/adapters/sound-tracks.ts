/** Pure: which of a master's sound tracks are carried over. */
import type { AudioFacts } from '../contract/source'
import type { ProbedStream } from './ffprobe-json'

/** 11 days. A header full of ones says 49 days in milliseconds. */
const UNBELIEVABLE_SECONDS = 1_000_000

/** A duration as a header gives it, where it can be meant. */
export function believable(seconds: number | null): number | null {
  return seconds !== null && seconds > 0 && seconds < UNBELIEVABLE_SECONDS ? seconds : null
}

/**
 * The main sound and the others that viewers can choose: the best track of each language (the default one, then the one
 * with most channels). A master of single channels, as cameras and MXF have them, is taken in pairs instead: tracks 1
 * and 2 are left and right, 3 and 4 the next sound, and an odd one stands alone.
 *
 * @param tracks Those that can be decoded, in the container's order.
 * @param main Null where there is none.
 */
export function chooseSounds(tracks: readonly ProbedStream[], main: ProbedStream | null): AudioFacts[] {
  if (main === null) return []
  if (areSingleChannels(tracks)) return inPairs(tracks)
  const languages = new Map<string | null, ProbedStream>()
  for (const track of [main, ...tracks]) {
    const best = languages.get(track.language)
    if (best === undefined || (best !== main && isBetter(track, best))) languages.set(track.language, track)
  }
  // A track that says nothing of its language, beside others that do, is most likely one of theirs.
  if (main.language !== null) languages.delete(null)
  return [...languages.values()].map((track) => audioFacts(track, null))
}

function isBetter(one: ProbedStream, other: ProbedStream): boolean {
  return Number(one.isDefault) - Number(other.isDefault) > 0 || one.channels > other.channels
}

function areSingleChannels(tracks: readonly ProbedStream[]): boolean {
  const [first] = tracks
  if (first === undefined || tracks.length < 2) return false
  return tracks.every(
    ({ channels, language, codec, sampleRateHz }) =>
      channels === 1 && language === first.language && codec === first.codec && sampleRateHz === first.sampleRateHz,
  )
}

function inPairs(tracks: readonly ProbedStream[]): AudioFacts[] {
  return tracks.flatMap((track, index) =>
    index % 2 === 0 ? [audioFacts(track, tracks[index + 1]?.index ?? null)] : [],
  )
}

function audioFacts(stream: ProbedStream, pairedWith: number | null): AudioFacts {
  return {
    streamIndex: stream.index,
    codec: stream.codec,
    channels: stream.channels,
    pairedWith,
    sampleRateHz: stream.sampleRateHz,
    language: stream.language,
    durationSeconds: believable(stream.durationSeconds),
  }
}
