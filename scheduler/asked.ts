/** From a request as it is written to what an asset is made by. Pure. */
import { GantryError } from '../core/contract/errors'
import { MAX_SIDECAR_BYTES, type MasterRequest, type Sidecar } from '../core/contract/request'
import type { ObjectAt } from '../core/contract/source'
import type { ObjectStat } from '../core/ports/object-store'
import { formatOf, type RequestDocument } from '../routes/request-schema'

/** @param captions The files that the document names, as they were found. */
export function masterRequest(document: RequestDocument, captions: readonly Sidecar[]): MasterRequest {
  const { clip, posterAtSeconds = null, force = null, source } = document
  return {
    clip: clip === undefined ? null : { inSeconds: clip.inSeconds, outSeconds: clip.outSeconds ?? null },
    ...{ posterAtSeconds, captions, force },
    versionId: source?.versionId ?? null,
  }
}

/** @throws API_REQUEST_INVALID for a file that is no text of captions by its size. */
export function sidecarOf(
  asked: RequestDocument['captions'][number],
  at: ObjectAt,
  { etag, bytes }: ObjectStat,
): Sidecar {
  checkCaptionsSize(at, bytes)
  // The form has no captions without a format whose name does not tell.
  const format = asked.format ?? formatOf(at.key) ?? 'srt'
  const { language = null, forced: isForced, sdh: isForDeaf } = asked
  return { ref: { ...at, etag }, bytes, format, language, isForced, isForDeaf }
}

/** @throws API_REQUEST_INVALID for a file that is no text of captions by its size. */
export function checkCaptionsSize(at: ObjectAt, bytes: number): void {
  if (bytes > 0 && bytes <= MAX_SIDECAR_BYTES) return
  const what = `the captions ${shownObject(at)} have ${bytes} bytes`
  throw new GantryError('API_REQUEST_INVALID', `${what}, they must have 1 to ${MAX_SIDECAR_BYTES}`)
}

export function shownObject({ bucket, key }: ObjectAt): string {
  return JSON.stringify(`${bucket}/${key}`)
}
