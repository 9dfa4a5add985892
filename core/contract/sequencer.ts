/**
 * Order of two events of one key: negative when `a` came before `b`, 0 when they are of the same change.
 *
 * Sequencers are hexadecimal numbers of different lengths: the shorter is filled up with zeros on its left, then they are
 * compared as text. Those of different keys say nothing about each other.
 * Source: Amazon S3 user guide, "Event message structure".
 */
export function compareSequencers(a: string, b: string): number {
  const length = Math.max(a.length, b.length)
  const [x, y] = [a, b].map((sequencer) => sequencer.toLowerCase().padStart(length, '0')) as [string, string]
  return x === y ? 0 : x < y ? -1 : 1
}
