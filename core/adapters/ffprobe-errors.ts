/** What ffprobe's error output means. Every pattern was seen in real output (ffmpeg 5.1.9); the test holds the lines. */
import type { FailureCode } from '../contract/failures'

export interface ProbeVerdict {
  code: FailureCode
  /** A sentence without its subject, which is the master. */
  why: string
}

const MAX_PIXELS_LINE = /exceeds specified max pixel count/

/** First match wins; a cause stands before what follows from it. */
const PATTERNS: readonly { pattern: RegExp; verdict: (match: RegExpExecArray) => ProbeVerdict }[] = [
  {
    pattern: /Number of streams exceeds max_streams parameter \((\d+)\)/,
    verdict: ([, most = '']) => ({ code: 'SOURCE_TOO_LARGE', why: `has more than ${most} tracks` }),
  },
  {
    pattern: MAX_PIXELS_LINE,
    verdict: () => ({ code: 'SOURCE_TOO_LARGE', why: 'has a picture with more pixels than allowed' }),
  },
  {
    // Subtitles inside AVI are opened as files of their own; no master as such gets here, its format is forced.
    pattern: /Format not on whitelist/,
    verdict: () => ({ code: 'SOURCE_CODEC_UNSUPPORTED', why: 'holds a file of another format' }),
  },
  {
    pattern: /moov atom not found/,
    verdict: () => ({ code: 'SOURCE_TRUNCATED', why: 'has no index (moov): the upload was probably cut off' }),
  },
  {
    pattern: /File ended prematurely|no 'data' tag found|atom truncated/,
    verdict: () => ({ code: 'SOURCE_TRUNCATED', why: 'ends before its tracks are described' }),
  },
  {
    pattern: /Server returned [45]XX|HTTP error [45]\d\d|Connection refused/,
    verdict: () => ({ code: 'STORE_UNAVAILABLE', why: 'could not be fetched through the gateway' }),
  },
  {
    pattern: /: Cannot allocate memory/,
    verdict: () => ({ code: 'FFMPEG_LIMIT', why: 'needs more memory to open than allowed' }),
  },
  {
    pattern: /: Invalid data found when processing input/,
    verdict: () => ({
      code: 'SOURCE_UNREADABLE',
      why: 'is damaged: its contents are not what its first bytes promise',
    }),
  },
  {
    // The gateway's own faults are known before this table is asked, so the file itself has ended.
    pattern: /: Input\/output error/,
    verdict: () => ({ code: 'SOURCE_TRUNCATED', why: 'ends before its tracks are described' }),
  },
  {
    pattern: /: End of file/,
    verdict: () => ({ code: 'SOURCE_NO_STREAMS', why: 'ends before any track begins' }),
  },
]

/** Why ffprobe failed, or null where nothing in its output is known. @param stderr All of it, as printed. */
export function classifyProbe(stderr: string): ProbeVerdict | null {
  const barred = barredTrack(stderr)
  if (barred !== null) return barred
  for (const { pattern, verdict } of PATTERNS) {
    const match = pattern.exec(stderr)
    if (match !== null) return verdict(match)
  }
  return null
}

/** Whether ffprobe met a picture over the limit on pixels; it need not fail then. */
export function saysPictureTooLarge(stderr: string): boolean {
  return MAX_PIXELS_LINE.test(stderr)
}

/** Windows Media with DRM: ffprobe only warns, and tells of tracks that nobody can decode. */
export function saysEncrypted(stderr: string): boolean {
  return /DRM protected stream detected/.test(stderr)
}

/** ffprobe gives up at the first track whose decoder it may not open, after it said which decoder that is. */
function barredTrack(stderr: string): ProbeVerdict | null {
  const track = /Could not open codec for input stream (\d{1,4})/.exec(stderr)
  const codec = /Codec \(([\w.-]{1,40})\) not on whitelist[^\n]*\n[^\n]*Could not open codec for input stream/.exec(
    stderr,
  )
  if (track === null || codec === null) return null
  const why = `has the codec '${codec[1] ?? ''}' in track ${track[1] ?? ''}, which is not on the list of allowed decoders`
  return { code: 'SOURCE_CODEC_UNSUPPORTED', why }
}
