/** Events of one run of the command, made short. */
import type { AnyEvent, EventData, EventType, GantryEvent } from '../../core/contract/event'
import { newRunView, reduceRun, type RunView } from '../../cli/view/run-view'

/** When the run of the command began. */
export const BEGAN_MS = Date.parse('2026-01-01T00:00:00.000Z')

export function assetId(letter: string): string {
  return letter.repeat(20)
}

/** @param second Of the run, for `at`. */
export function event<T extends EventType>(
  type: T,
  letter: string,
  data: EventData[T],
  more: { second?: number; run?: number; part?: string } = {},
): AnyEvent {
  const { second = 0, run = 1, part } = more
  const id = assetId(letter)
  const made: GantryEvent<T> = {
    v: 1,
    id: `${id}:${run}:${type}`,
    type,
    at: new Date(BEGAN_MS + second * 1000).toISOString(),
    assetId: id,
    run,
    ...(part === undefined ? {} : { jobId: `${id}.${run}.video-piece.${part}` }),
    data,
  }
  return made as AnyEvent
}

export function accepted(letter: string, key = `/masters/${letter}.mp4`, run = 1): AnyEvent {
  return event('asset.accepted', letter, { source: { bucket: 'file', key, bytes: 1000 }, name: letter }, { run })
}

export function planned(
  letter: string,
  durationSeconds: number | null,
  ids: readonly string[] = ['360p', '720p', 'audio'],
  dropped: Readonly<Record<string, string>> = {},
): AnyEvent {
  const renditions = ids.map((id) => ({
    id,
    kind: id === 'audio' ? ('audio' as const) : ('video' as const),
    label: id,
  }))
  const decisions = [
    ...ids.filter((id) => id !== 'audio').map((id) => ({ id, kept: true, reason: 'fits' })),
    ...Object.entries(dropped).map(([id, reason]) => ({ id, kept: false, reason })),
  ]
  return event('asset.planned', letter, { durationSeconds, renditions, decisions, jobs: 4 })
}

export interface ProgressFacts {
  second?: number
  part?: string
  speed?: number | null
  durationSeconds?: number | null
  run?: number
}

export function progress(letter: string, rendition: string, outSeconds: number, facts: ProgressFacts = {}): AnyEvent {
  const { speed = 2, durationSeconds = 100, part = 'video-0000', second = 1, run = 1 } = facts
  const kind = rendition === 'audio' ? ('audio' as const) : ('video' as const)
  return event(
    'rendition.progress',
    letter,
    { rendition, kind, outSeconds, durationSeconds, speed },
    { second, part, run },
  )
}

export function renditionDone(letter: string, rendition: string, part = 'video-0000'): AnyEvent {
  const kind = rendition === 'audio' ? ('audio' as const) : ('video' as const)
  return event('rendition.done', letter, { rendition, kind, segments: 25, bytes: 9, samples: 9 }, { second: 9, part })
}

export function published(
  letter: string,
  more: { second?: number; warnings?: string[]; master?: string; manifest?: string } = {},
): AnyEvent {
  const { second = 50, warnings = [], master = `/out/${letter}/master.m3u8`, manifest } = more
  const dash = manifest === undefined ? {} : { manifest }
  return event(
    'asset.published',
    letter,
    { master, ...dash, durationSeconds: 100, renditions: ['360p', '720p', 'audio'], warnings },
    { second },
  )
}

export function failed(
  letter: string,
  message = 'the file is damaged',
  more: Pick<EventData['asset.failed'], 'findings'> = {},
): AnyEvent {
  return event('asset.failed', letter, {
    code: 'SOURCE_UNREADABLE',
    message,
    remedy: 'export the file again',
    source: { bucket: 'file', key: `/masters/${letter}.mp4` },
    ...more,
  })
}

/** The view after the events, each a second after the one before. */
export function viewOf(...events: readonly AnyEvent[]): RunView {
  return events.reduce((view, one, index) => reduceRun(view, one, BEGAN_MS + index * 1000), newRunView(BEGAN_MS))
}

/** The clock of the screen, some seconds after the command began. */
export const at = (second: number): number => BEGAN_MS + second * 1000
