/** A published asset as files that any reader can open: each rendition of it in one piece. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { eventsOf, runProduct } from '../product'
import { readVariants, runFolderOf, soundTracks, type ReadTrack } from '../reading/playlists'

export interface AssetFiles {
  /** By rung id. */
  videos: ReadonlyMap<string, string>
  /** By track id. */
  sounds: ReadonlyMap<string, string>
  mp4(rungId: string): string
  warnings: readonly string[]
}

/**
 * Runs the product once over all masters.
 *
 * @param out For the assets, and for the joined renditions beside them.
 * @returns By the master's file name.
 * @throws When one is not published.
 */
export async function publishAll(
  files: readonly string[],
  out: string,
  ...words: string[]
): Promise<ReadonlyMap<string, AssetFiles>> {
  const { events, stderr } = await runProduct(...files, '--out', out, ...words)
  const published = new Map<string, AssetFiles>()
  for (const { assetId, data } of eventsOf(events, 'asset.published')) {
    const accepted = eventsOf(events, 'asset.accepted').find((event) => event.assetId === assetId)
    const name = basename(accepted?.data.source.key ?? '')
    published.set(name, { ...joinedFiles(data.master, join(out, 'joined', name)), warnings: data.warnings })
  }
  const missing = files.map((file) => basename(file)).filter((name) => !published.has(name))
  if (missing.length > 0) throw new Error(`not published: ${missing.join(', ')}\n${stderr}`)
  return published
}

function joinedFiles(masterPath: string, folder: string): Omit<AssetFiles, 'warnings'> {
  mkdirSync(folder, { recursive: true })
  const variants = readVariants(masterPath)
  const joined = (kind: string, track: ReadTrack): [string, string] => {
    const id = basename(dirname(track.playlist))
    const file = join(folder, `${kind}-${id}.mp4`)
    writeFileSync(
      file,
      Buffer.concat([track.init, ...track.segments.map((one) => one.file)].map((path) => readFileSync(path))),
    )
    return [id, file]
  }
  const pictures = variants.filter(({ widthPx }) => widthPx !== null)
  return {
    videos: new Map(pictures.map(({ track }) => joined('video', track))),
    sounds: new Map(soundTracks(variants).map((track) => joined('audio', track))),
    mp4: (rungId) => join(runFolderOf(masterPath), 'mp4', `${rungId}.mp4`),
  }
}
