/**
 * Makes a run public: lets the gate judge all of it, then media playlists, the final record, the public facts, and last
 * of all the multivariant playlist at its stable address (make-public.ts). A crash anywhere leaves garbage at worst.
 */
import type { FinalRecord, Intent, PublishedRecord } from '../core/contract/intent'
import type { PublishJob } from '../core/contract/job'
import { at, homeKeys, runKeys } from '../core/contract/keys'
import type { Mp4Marker, PublishMarker, StoredObject, ThumbnailsMarker } from '../core/contract/markers'
import { PLAYLIST_TYPE } from '../core/contract/playlist-objects'
import type { ObjectStore } from '../core/ports/object-store'
import { claimEvent } from '../core/state/outbox'
import { writeRecordOnce } from '../core/state/records'
import { readMarker, writeMarker } from '../core/state/run-records'
import type { Finding } from '../media/gate/findings'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { endEarly } from './early-shown'
import { passGate } from './gate'
import { readKeyframes } from './keyframes'
import { show } from './make-public'
import { withOwnCost, type OwnCost } from './own-cpu'
import { publicationOf, type Extras, type StoredMp4 } from './publication'
import { viewRun, type RunView } from './run-view'

type PublishContext = Pick<WorkerContext, 'store' | 'log' | 'workerId' | 'now' | 'tellChanged'>

/** Runs again whenever something of the publication is missing, so no step trusts that it is the first. */
export async function handlePublish(context: PublishContext, job: PublishJob, signal: AbortSignal): Promise<void> {
  const { store } = context
  const view = await viewRun(store, job)
  const { intent } = view
  const extras = { ...(await readExtras(store, job, intent)), ...(await iFramesOf(store, job, view, signal)) }
  const made = publicationOf(view, extras)
  const output = { view, made, objects: objectsOf(view, extras), keyframes: extras.keyframes }
  const gate = await withOwnCost(() => passGate(store, job, output))
  signal.throwIfAborted()

  for (const { key, text } of made.playlists) {
    await store.write(at(job.output, key), Buffer.from(text), {
      contentType: PLAYLIST_TYPE,
      caching: 'immutable',
      signal,
    })
  }
  const now = context.now().toISOString()
  const { assetId, run } = job
  const record: PublishedRecord = {
    ...{ v: 1, status: 'published', assetId, run, at: now },
    ...{ multivariant: made.multivariant, ...(made.mpd !== null && { mpd: made.mpd }), asset: made.asset },
  }
  const final = (await writeRecordOnce<FinalRecord>(store, at(job.state, runKeys.final), record)).record
  if (final.status !== 'published') return
  await writeReport(context, job, { view, extras, gate })
  if (!(await show(store, job, intent, final, signal))) return
  await endEarly(context, job, view, signal)
  await claimEvent(store, job.state, 'asset.published', final, {
    master: store.locate(at(intent.home, homeKeys.master)),
    ...(final.mpd !== undefined && { manifest: store.locate(at(intent.home, homeKeys.manifest)) }),
    durationSeconds: final.asset.durationSeconds,
    renditions: [...final.asset.video, ...final.asset.audio].map((rendition) => rendition.id),
    warnings: final.asset.warnings,
  })
  const base = markerBase(job, attemptName(), context.workerId, context.now())
  await writeMarker<PublishMarker>(store, job.state, base)
}

async function readExtras(store: ObjectStore, job: PublishJob, intent: Intent): Promise<Extras> {
  const extras: { mp4s: StoredMp4[]; thumbnails: ThumbnailsMarker | null } = { mp4s: [], thumbnails: null }
  for (const { kind, part } of intent.jobs) {
    if (kind === 'mp4') {
      const marker = await readMarker<Mp4Marker>(store, job.state, part)
      if (marker !== null && marker.object !== null) extras.mp4s.push({ ...marker, object: marker.object })
    }
    if (kind === 'thumbnails') extras.thumbnails = await readMarker<ThumbnailsMarker>(store, job.state, part)
  }
  return extras
}

async function iFramesOf(
  store: ObjectStore,
  job: PublishJob,
  { intent, timeline }: RunView,
  signal: AbortSignal,
): Promise<Pick<Extras, 'keyframes'>> {
  if (intent.packaging?.iFrames !== true) return {}
  return { keyframes: await readKeyframes(store, job.output, timeline.tracks, signal) }
}

function objectsOf(view: RunView, { mp4s, thumbnails }: Extras): StoredObject[] {
  const media = view.timeline.tracks.flatMap((track) => [...track.pieces.map((piece) => piece.init), ...track.segments])
  const pictures =
    thumbnails === null ? [] : [thumbnails.poster, thumbnails.cues, ...thumbnails.images, ...thumbnails.sprites]
  const texts = view.captions.flatMap(({ tracks }) =>
    tracks.flatMap(({ file, segments, none }) => [...new Set([file, ...segments, none])]),
  )
  return [...media, ...texts, ...mp4s.map((mp4) => mp4.object), ...pictures]
}

/** Private, for whoever asks what happened: facts, reasons, argument lists, figures. */
async function writeReport(
  context: PublishContext,
  job: PublishJob,
  { view, extras, gate }: { view: RunView; extras: Extras; gate: OwnCost & { value: readonly Finding[] } },
): Promise<void> {
  const { facts, decisions, ladder, source } = view.intent
  const encodes = [...(view.copy === null ? [] : [view.copy]), ...view.pieces, ...view.sounds, ...view.captions]
  await writeRecordOnce(context.store, at(job.state, runKeys.report), {
    v: 1,
    assetId: job.assetId,
    run: job.run,
    source,
    facts,
    ladder,
    decisions,
    warnings: view.timeline.warnings,
    findings: gate.value,
    gate: { wallSeconds: gate.wallSeconds, cpuSeconds: gate.cpuSeconds },
    ...(view.copy !== null && view.copy.reason !== null && { notCopied: view.copy.reason }),
    encodes: encodes.map(({ part, workerId, attempt, receipt }) => ({ part, workerId, attempt, ...receipt })),
    mp4: extras.mp4s.map(({ part, workerId, object }) => ({ part, workerId, ...object })),
  })
}
