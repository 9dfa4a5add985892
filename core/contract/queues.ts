import type { JobKind } from './ids'

export type QueueName = 'encode' | 'finish'

/** Jobs that read the master, or what was copied of it. */
const READING_KINDS: readonly JobKind[] = ['remux', 'video-piece', 'audio', 'captions']

/** Slots that encode are not blocked by the short jobs at the end, and the other way round. */
export function queueOf(kind: JobKind): QueueName {
  return READING_KINDS.includes(kind) ? 'encode' : 'finish'
}
