/** What the options of a command ask of each master: read from words, then found on the disk. */
import path from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { Clip, MasterRequest, Sidecar } from '../../core/contract/request'
import type { ObjectStore } from '../../core/ports/object-store'
import { checkCaptionsSize } from '../../scheduler/asked'
import { findMaster } from './find-master'

export interface RequestOptions {
  clip: Clip | null
  posterAtSeconds: number | null
  captions: readonly CaptionsOption[]
  force: string | null
}

export interface CaptionsOption {
  /** As typed. */
  file: string
  format: Sidecar['format']
  language: string | null
  isForced: boolean
  isForDeaf: boolean
}

/** `90`, `1:30`, `0:01:30.5`; null for anything else. */
function seconds(text: string): number | null {
  const match = /^(?:(?:(\d{1,4}):)?([0-5]?\d):)?(\d{1,7}(?:\.\d{1,6})?)$/.exec(text)
  if (match === null) return null
  const [hours = '0', minutes = '0', rest = '0'] = match.slice(1).map((part: string | undefined) => part ?? '0')
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest)
}

/** @throws InvalidArgumentError with what is allowed. */
export function parseClip(given: string): Clip {
  const [from, to, ...more] = given.split('-')
  const inSeconds = from === '' ? 0 : seconds(from ?? '')
  const outSeconds = to === '' ? null : seconds(to ?? '')
  const isRead = more.length === 0 && to !== undefined && inSeconds !== null && (to === '' || outSeconds !== null)
  if (!isRead || (outSeconds !== null && outSeconds <= inSeconds)) {
    throw new InvalidArgumentError('it must be IN-OUT, like 5-12.5, 1:30-2:00 or 90- (to the end), with OUT after IN')
  }
  return { inSeconds, outSeconds }
}

/** @throws InvalidArgumentError with what is allowed. */
export function parsePosterTime(given: string): number {
  const at = seconds(given)
  if (at === null) throw new InvalidArgumentError('it must be a time, like 12.5 or 1:30')
  return at
}

/** Collects `[LANGUAGE=]FILE` from each time the option is given. @throws InvalidArgumentError with what is allowed. */
export function collectCaptions(given: string, before: readonly CaptionsOption[] = []): CaptionsOption[] {
  const [, language = null, file = ''] = /^(?:([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)=)?(.*)$/s.exec(given) ?? []
  const ending = path.extname(file).toLowerCase()
  if (ending !== '.srt' && ending !== '.vtt') {
    throw new InvalidArgumentError(
      'it must be a file that ends in .srt or .vtt, before it may stand its language: en=film.srt',
    )
  }
  const format = ending === '.srt' ? 'srt' : 'webvtt'
  return [...before, { file, format, language, isForced: false, isForDeaf: false }]
}

/** @throws SOURCE_NOT_FOUND, SOURCE_DENIED, API_REQUEST_INVALID (its size) for a file of captions. */
export async function findRequest(options: RequestOptions, store: ObjectStore, cwd: string): Promise<MasterRequest> {
  const captions = await Promise.all(
    options.captions.map(async ({ file, ...how }): Promise<Sidecar> => {
      const { bytes, ...ref } = await findMaster(store, path.resolve(cwd, file))
      checkCaptionsSize(ref, bytes)
      return { ref, bytes, ...how }
    }),
  )
  const { clip, posterAtSeconds, force } = options
  return { clip, posterAtSeconds, captions, force, versionId: null }
}
