/** The synthetic film with everything done but its publication: neither MP4s nor pictures are planned. */
import { pino } from 'pino'
import type { Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, runKeys } from '../../core/contract/keys'
import type { JoinMarker } from '../../core/contract/markers'
import { writeRecord } from '../../core/state/records'
import { readIntent, writeMarker } from '../../core/state/run-records'
import type { KindOfStore } from './store-kinds'
import { SHORT_FILM, storeFilm } from './synthetic-film'

export const FILM_AT = '2026-01-01T00:00:00.000Z'

/** What a publisher has beside the store. */
export const QUIET = {
  log: pino({ enabled: false }),
  workerId: 'w',
  now: () => new Date(FILM_AT),
  tellChanged: () => undefined,
}

export async function unpublishedFilm({ store, bucket }: KindOfStore) {
  const film = await storeFilm(store, bucket, SHORT_FILM)
  const { state } = film.job
  const planned = await readIntent(store, state)
  if (planned === null) throw new Error('the film has no plan')
  const intent: Intent = {
    ...planned,
    jobs: planned.jobs.filter(({ kind }) => kind !== 'mp4' && kind !== 'thumbnails'),
  }
  await writeRecord(store, at(state, runKeys.intent), intent)
  await writeMarker<JoinMarker>(store, state, {
    ...{ v: 1, kind: 'join', part: 'join', attempt: 'a', workerId: 'w', at: FILM_AT },
    ...{ playbackSeconds: 12, renditions: [], warnings: [] },
  })
  const job = intent.jobs.find((one): one is PublishJob => one.kind === 'publish')
  if (job === undefined) throw new Error('the plan has no publication')
  return { film, intent, job }
}
