/** Ends what was played of a run that will not be published. Any number of times; a death in the middle leaves less to do. */
import type { Intent } from '../../core/contract/intent'
import { at, homeKeys, outputKeys } from '../../core/contract/keys'
import { GantryError } from '../../core/contract/errors'
import type { ObjectAt } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readPinned, RECORD_TRIES } from '../../core/state/records'
import { endedPlaylist } from '../../media/hls/media-playlist'

/** The stable address first: nobody begins anew, and whoever plays comes to an end of what there is. */
export async function stopEarly(store: ObjectStore, { home, run, jobs }: Intent): Promise<void> {
  const pointer = at(home, homeKeys.early)
  const shown = await readPinned(store, pointer)
  if (shown !== null && new RegExp(`^${homeKeys.run(run)}/`, 'm').test(shown.body)) await store.remove(pointer)
  const renditions = jobs.flatMap((job) => {
    if (job.kind === 'video-piece') return job.rungs.map(({ id }) => outputKeys.earlyPlaylist('video', id))
    return job.kind === 'audio' ? [outputKeys.earlyPlaylist('audio', job.encode.id)] : []
  })
  for (const key of new Set(renditions)) await endPlaylist(store, at(home, `${homeKeys.run(run)}/${key}`))
}

async function endPlaylist(store: ObjectStore, where: ObjectAt): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const found = await readPinned(store, where)
    const ended = found === null ? null : endedPlaylist(found.body)
    if (found === null || ended === null || ended === found.body) return
    try {
      const condition = { etag: found.etag }
      const contentType = 'application/vnd.apple.mpegurl'
      await store.write(where, Buffer.from(ended), { contentType, caching: 'never', condition })
      return
    } catch (error) {
      const isLost = error instanceof GantryError && error.code === 'STORE_CONFLICT'
      if (!isLost || tries === RECORD_TRIES) throw error
    }
  }
}
