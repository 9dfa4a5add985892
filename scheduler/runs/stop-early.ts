/** Ends what was played of a run that will not be published. Any number of times; a death in the middle leaves less to do. */
import type { Intent } from '../../core/contract/intent'
import { at, homeKeys, outputKeys, runOfEarly } from '../../core/contract/keys'
import { GROWING, MOST_GROWING_BYTES } from '../../core/contract/playlist-objects'
import type { ObjectAt } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { changesAllTheTime, readPinned, RECORD_TRIES, replaceObject } from '../../core/state/records'
import { endedPlaylist } from '../../media/hls/media-playlist'

/** The stable address first: nobody begins anew, and whoever plays comes to an end of what there is. */
export async function stopEarly(store: ObjectStore, { home, run, jobs }: Intent): Promise<void> {
  const pointer = at(home, homeKeys.early)
  const shown = await readPinned(store, pointer)
  if (shown !== null && runOfEarly(shown.body) === run) await store.remove(pointer)
  const renditions = jobs.flatMap((job) => {
    if (job.kind === 'video-piece') return job.rungs.map(({ id }) => outputKeys.earlyPlaylist('video', id))
    return job.kind === 'audio' ? [outputKeys.earlyPlaylist('audio', job.encode.id)] : []
  })
  for (const key of new Set(renditions)) await endPlaylist(store, at(home, `${homeKeys.run(run)}/${key}`))
}

async function endPlaylist(store: ObjectStore, where: ObjectAt): Promise<void> {
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const found = await readPinned(store, where, MOST_GROWING_BYTES)
    if (found === null) return
    const ended = endedPlaylist(found.body)
    if (ended === found.body || (await replaceObject(store, where, Buffer.from(ended), GROWING, found.etag))) return
  }
  throw changesAllTheTime(where)
}
