/** Pure: the part of a master that is decoded. */
import type { SourceInput } from '../../core/contract/job'
import type { Clip } from '../../core/contract/request'
import type { Container } from '../../core/contract/source'

/** Containers with an index or of even bytes, where ffmpeg's input seek is exact; in others it may start a GOP late. */
const SEEKABLE: readonly Container[] = ['mp4', 'matroska', 'wav', 'flac']

export function isSeekable({ container }: SourceInput): boolean {
  return SEEKABLE.includes(container)
}

/** Words before the input. */
export function windowWords({ clip, container }: SourceInput): string[] {
  return clip !== null && SEEKABLE.includes(container) ? clipWords(clip) : []
}

/** Words before an output without filters, for the containers that cannot be sought. */
export function windowWordsAfter({ clip, container }: SourceInput): string[] {
  return clip !== null && !SEEKABLE.includes(container) ? clipWords(clip) : []
}

function clipWords({ inSeconds, outSeconds }: Clip): string[] {
  return [
    ...(inSeconds === 0 ? [] : ['-ss', inSeconds.toFixed(6)]),
    ...(outSeconds === null ? [] : ['-t', (outSeconds - inSeconds).toFixed(6)]),
  ]
}

/** Filters at the head of a track's chain, for the containers that cannot be sought: all before is decoded and dropped. */
export function windowFilters({ clip, container }: SourceInput, kind: 'video' | 'audio'): string[] {
  if (clip === null || SEEKABLE.includes(container)) return []
  const [trim, setTimes] = kind === 'video' ? ['trim', 'setpts'] : ['atrim', 'asetpts']
  const start = clip.inSeconds.toFixed(6)
  const end = clip.outSeconds === null ? '' : `:end=${clip.outSeconds.toFixed(6)}`
  return [`${trim}=start=${start}${end}`, `${setTimes}=PTS-${start}/TB`]
}
