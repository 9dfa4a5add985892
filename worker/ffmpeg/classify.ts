import type { FailureCode } from '../../core/contract/errors'

/**
 * What a line of ffmpeg's error output means. Each pattern was seen in real output (ffmpeg 5.1.9); the test holds the
 * lines. First match wins; the last lines of the output are looked at first, since ffmpeg prints its reason at the end.
 */
const PATTERNS: readonly { pattern: RegExp; code: FailureCode }[] = [
  { pattern: /no space left on device/i, code: 'STORE_FULL' },
  { pattern: /file size limit|file too large/i, code: 'FFMPEG_LIMIT' },
  { pattern: /cannot allocate memory|std::bad_alloc|malloc of size \d+ failed/i, code: 'FFMPEG_LIMIT' },
  { pattern: /(codec|format) \([^)]*\) not on whitelist|not on whitelist/i, code: 'SOURCE_CODEC_UNSUPPORTED' },
  { pattern: /decoder \S+ not found|no decoder for/i, code: 'SOURCE_CODEC_UNSUPPORTED' },
  { pattern: /moov atom not found/i, code: 'SOURCE_TRUNCATED' },
  { pattern: /output file is empty|output file #\d+ does not contain any stream/i, code: 'FFMPEG_NO_OUTPUT' },
  { pattern: /invalid data found when processing input/i, code: 'SOURCE_UNREADABLE' },
]

/** The code of a failed ffmpeg, from what it printed; FFMPEG_EXIT when nothing is known. */
export function classifyFailure(stderrTail: readonly string[]): FailureCode {
  for (const line of [...stderrTail].reverse()) {
    const known = PATTERNS.find(({ pattern }) => pattern.test(line))
    if (known !== undefined) return known.code
  }
  return 'FFMPEG_EXIT'
}

/** A line that reports damage in the master; with `-loglevel level+warning` each line carries its level. */
export function isDecodeWarning(line: string): boolean {
  return /\[(error|fatal)\]|corrupt decoded frame|concealing|damaged|decode_slice/i.test(line)
}
