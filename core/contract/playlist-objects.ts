/** Playlists as objects of the store. */

/** Source: RFC 8216, 4. */
export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'

/** Of those that are played while they grow: they are asked for each few seconds. */
export const GROWING = { contentType: PLAYLIST_TYPE, caching: 'never' } as const

/** A day in segments of 2 s has 43,200 of them, with names of some 30 characters. */
export const MOST_GROWING_BYTES = 16 * 2 ** 20
