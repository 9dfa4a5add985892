/** An MPD without playlists beside it: its Representations in their form, so that the same is read and measured of them. */
import type { AssetDescription } from './description'
import type { GateAsset, GateTrack } from './asset'
import type { GateMediaPlaylist, Named } from './media-playlist'
import type { GateMpd, GateRepresentation } from './mpd'

export function assetOfMpd(description: AssetDescription, mpd: GateMpd): GateAsset {
  const tracks = mpd.sets.flatMap(({ representations }) =>
    representations.flatMap((one): GateTrack[] => {
      const playlist = playlistOf(mpd, one)
      if (playlist === null) return []
      const role = one.kind === 'audio' ? 'audio' : one.kind === 'video' ? 'video' : 'captions'
      return [{ role, playlist, media: description.media.get(playlist.path) ?? null }]
    }),
  )
  return { description, multivariant: null, tracks, iFrames: [] }
}

/** Null where its segments are not known. Its path is that of the MPD with its id, which no object has. */
export function playlistOf({ path: mpd }: GateMpd, { id, list, line }: GateRepresentation): GateMediaPlaylist | null {
  if (list === null) return null
  const named = (path: string | null, at: number): Named => ({ line: at, uri: path ?? '', path, range: null })
  const init = list.init === null ? null : named(list.init, line)
  return {
    ...{ path: `${mpd}#${id}`, version: 7, targetSeconds: null, mediaSequence: 0, type: 'VOD' },
    ...{ isIFramesOnly: false, areIndependent: true, hasEnd: true, needs: new Map() },
    segments: list.segments.map(({ path, line: at, durationTicks }) => ({
      ...{ ...named(path, at), playlist: `${mpd}#${id}`, seconds: durationTicks / list.timescaleHz, init },
      ...{ isDiscontinuous: false, isEncrypted: false },
    })),
  }
}
