import type { FailureCode } from '../../core/contract/failures'

/**
 * What ffmpeg's error output means. Each pattern was seen in real output (ffmpeg 5.1.9); the test holds the lines.
 * First match in any line wins: a cause stands before what follows from it, since ffmpeg goes on to print that.
 */
const PATTERNS: readonly { pattern: RegExp; code: FailureCode }[] = [
  { pattern: /no space left on device/i, code: 'STORE_FULL' },
  { pattern: /file size limit|file too large/i, code: 'FFMPEG_LIMIT' },
  { pattern: /cannot allocate memory|std::bad_alloc|malloc of size \d+ failed/i, code: 'FFMPEG_LIMIT' },
  { pattern: /not on whitelist/i, code: 'SOURCE_CODEC_UNSUPPORTED' },
  { pattern: /decoder \([^)]*\) not found/i, code: 'SOURCE_CODEC_UNSUPPORTED' },
  { pattern: /moov atom not found/i, code: 'SOURCE_TRUNCATED' },
  {
    pattern: /cannot determine format of input stream|output file #\d+ does not contain any stream/i,
    code: 'FFMPEG_NO_OUTPUT',
  },
  { pattern: /invalid data found when processing input/i, code: 'SOURCE_UNREADABLE' },
]

/** The code of a failed ffmpeg, from what it printed; FFMPEG_EXIT when nothing is known. */
export function classifyFailure(stderrTail: readonly string[]): FailureCode {
  const known = PATTERNS.find(({ pattern }) => stderrTail.some((line) => pattern.test(line)))
  return known?.code ?? 'FFMPEG_EXIT'
}

/** A line that reports damage in the master; with `-loglevel level+warning` each line carries its level. */
export function isDecodeWarning(line: string): boolean {
  return /\[(error|fatal)\]|corrupt decoded frame|concealing|damaged|decode_slice/i.test(line)
}

export type Damage = 'corrupt' | 'lost'

/** A line that stands for one picture or packet: ffmpeg says it once for each, whatever the decoder said before. */
export function damageOf(line: string): Damage | null {
  if (/corrupt decoded frame/.test(line)) return 'corrupt'
  return /Error while decoding stream|Error submitting packet to decoder/.test(line) ? 'lost' : null
}

/** A packet that the muxer gave another time than the master has, or one where the master has none. */
export function isRetimed(line: string): boolean {
  return /non.monoton|timestamps are unset|pts has no value|invalid DTS/i.test(line)
}
