/** Reads what the gate is told of an MPD: its text, what it names, and its segments where there is no playlist of them. */
import { GantryError } from '../../core/contract/errors'
import { pathsOf } from '../../media/gate/check-dash'
import type { AssetDescription, PlaylistMedia } from '../../media/gate/description'
import { readMpd } from '../../media/gate/mpd'
import { playlistOf } from '../../media/gate/mpd-alone'
import { MAX_MPD_BYTES } from '../../media/gate/mpd-xml'
import { inTurns } from './in-turns'
import { readMedia } from './read-media'
import { headOf, textWithin, type Reading } from './reading'

/** Of an asset that may have none: a server may refuse to say so, and then none is read. */
export async function besideText(reading: Reading, path: string): Promise<string | null> {
  const found = await reading.source.head(path).catch(() => null)
  return found === null ? null : mpdText(reading, path)
}

function mpdText(reading: Reading, path: string): Promise<string | null> {
  return textWithin(reading, path, { mostBytes: MAX_MPD_BYTES, rule: 'dash-xml' })
}

/** Each object that it names is looked at; of those that a playlist names nothing is asked again. */
export async function lookAtNames(reading: Reading, path: string, text: string): Promise<void> {
  const mpd = readMpd(path, text, () => undefined)
  const names = new Set(mpd === null ? [] : pathsOf(mpd).map((one) => one.path))
  await inTurns([...names], async (name) => void (await headOf(reading, name)))
}

/** @throws STORE_NOT_FOUND where there is none. */
export async function readMpdAlone(
  reading: Reading,
): Promise<{ description: AssetDescription; findings: Reading['findings'] }> {
  const { master } = reading.source
  const text = await mpdText(reading, master)
  if (text === null && reading.findings.length === 0) {
    throw new GantryError('STORE_NOT_FOUND', `there is no MPD '${master}' at the place given`)
  }
  const mpd = text === null ? null : readMpd(master, text, () => undefined)
  const media = new Map<string, PlaylistMedia>()
  for (const one of mpd?.sets.flatMap(({ representations }) => representations) ?? []) {
    const playlist = mpd === null ? null : playlistOf(mpd, one)
    if (playlist !== null) media.set(playlist.path, await readMedia(reading, playlist, one.kind === 'text'))
  }
  if (text !== null) await lookAtNames(reading, master, text)
  return {
    description: {
      ...{ master, manifest: master, playlists: new Map(text === null ? [] : [[master, text]]), media },
      ...{ objects: reading.objects, recorded: new Map(), expected: null, iFrames: new Map() },
    },
    findings: reading.findings,
  }
}
