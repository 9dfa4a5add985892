/** Pure: stored text tracks to their playlists and to what players are told of them. */
import type { PlannedCaptions, PublishedCaptions } from '../core/contract/intent'
import { CAPTION_SEGMENT_SECONDS } from '../core/contract/job'
import { outputKeys } from '../core/contract/keys'
import type { StoredCaptions } from '../core/contract/markers'
import { writeMediaPlaylist, type PlaylistEntry } from '../media/hls/media-playlist'
import type { CaptionsRendition } from '../media/hls/multivariant'
import { languageTag, namesByLanguage } from './language-names'
import type { RunView } from './run-view'

export const CAPTIONS_GROUP = 'captions'

export interface CaptionsPublication {
  /** Keys relative to the run's output. */
  playlists: readonly { key: string; text: string }[]
  renditions: readonly CaptionsRendition[]
  published: readonly PublishedCaptions[]
  warnings: readonly string[]
}

interface Offered {
  planned: PlannedCaptions
  stored: StoredCaptions
}

/**
 * A track without a word is not offered, since a menu entry that shows nothing looks like a fault.
 *
 * @param folder Of the run, relative to the multivariant playlist.
 */
export function captionsPublication(view: RunView, folder: string): CaptionsPublication {
  const { playbackSeconds } = view.timeline
  const stored = view.captions.flatMap(({ tracks }) => tracks)
  const all = view.intent.captions.flatMap((planned): Offered[] => {
    const found = stored.find(({ id }) => id === planned.trackId)
    return found === undefined ? [] : [{ planned, stored: found }]
  })
  const offered = all.filter((track) => track.stored.cues > 0)
  const names = namesByLanguage(
    offered.map(({ planned }) => ({ ...planned, purpose: purposeOf(planned) })),
    'Subtitles',
  )
  return {
    playlists: offered.map((track) => playlistOf(track.stored, playbackSeconds)),
    renditions: offered.map(({ planned }, index) => renditionOf(planned, names[index] ?? planned.trackId, folder)),
    published: offered.map(({ planned, stored: { id, cues, file } }) => ({
      ...{ id, language: languageTag(planned.language), cues },
      playlist: `${folder}/${outputKeys.captionsPlaylist(id)}`,
      file: `${folder}/${file.key}`,
    })),
    warnings: all.flatMap((track) => warningsOf(track.stored, playbackSeconds)),
  }
}

function purposeOf({ isForced, isForDeaf }: PlannedCaptions): string | null {
  return isForced ? 'forced' : isForDeaf ? 'SDH' : null
}

/** As long as the picture: it ends where the picture ends, and where nothing is said any more there are empty segments. */
function playlistOf({ id, segments, none }: StoredCaptions, playbackSeconds: number): { key: string; text: string } {
  const key = outputKeys.captionsPlaylist(id)
  const prefix = key.slice(0, key.lastIndexOf('/') + 1)
  const count = Math.max(1, Math.ceil(playbackSeconds / CAPTION_SEGMENT_SECONDS - 1e-6))
  const entries = Array.from({ length: count }, (_, number): PlaylistEntry => {
    const leftSeconds = playbackSeconds - number * CAPTION_SEGMENT_SECONDS
    const uri = (segments[number] ?? none).key.slice(prefix.length)
    return { uri, durationSeconds: Math.min(CAPTION_SEGMENT_SECONDS, leftSeconds) }
  })
  return { key, text: writeMediaPlaylist({ init: null, segments: entries }) }
}

function renditionOf(planned: PlannedCaptions, name: string, folder: string): CaptionsRendition {
  const { trackId, isForced, isForDeaf } = planned
  const language = languageTag(planned.language)
  return {
    ...{ groupId: CAPTIONS_GROUP, name, isForced, isForDeaf },
    ...(language !== null && { language }),
    uri: `${folder}/${outputKeys.captionsPlaylist(trackId)}`,
  }
}

/** Text commonly stays for a moment after the last picture; more is text that nobody will see. */
const LATE_SECONDS = 5

function warningsOf({ id, cues, endSeconds }: StoredCaptions, playbackSeconds: number): string[] {
  if (cues === 0) return [`the text track ${id} has no words, so it is not offered`]
  const late = endSeconds - playbackSeconds
  return late > LATE_SECONDS ? [`the text track ${id} goes on ${late.toFixed(1)} s after the end, unseen`] : []
}
