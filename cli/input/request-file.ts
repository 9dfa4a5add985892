/** `--request FILE`: the document that the services take, read for masters of this machine. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { GantryError } from '../../core/contract/errors'
import { below } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { Ladder } from '../../ladders/schema'
import { DEFAULT_NAME } from '../../routes/name'
import { parseRequest } from '../../routes/parse-request'
import { formatOf, type RequestDocument } from '../../routes/request-schema'
import type { Lane } from '../../scheduler/admit'
import { masterRequest } from '../../scheduler/asked'
import { findLadder, type LadderChoice } from '../../scheduler/find-ladder'
import type { Target } from '../../scheduler/routing/target'
import type { RequestOptions } from './request'

/** What a command makes of each of its masters. */
export interface Asked {
  ladder: Ladder
  request: RequestOptions
  /** Below the output folder. */
  target: { prefix: string; template: string }
  lane: Lane
  /** What of a request is not for this machine, for people. */
  notes: readonly string[]
}

export interface AskedOptions {
  ladder: LadderChoice
  request: RequestOptions
  /** Absolute; null without one. */
  requestFile: string | null
}

/**
 * @throws API_USAGE for a file that cannot be read, API_REQUEST_INVALID with all that is wrong in it; LADDER_ codes.
 */
export async function readAsked(options: AskedOptions, builtInFolder: string): Promise<Asked> {
  const { requestFile } = options
  if (requestFile === null) {
    const ladder = await findLadder(options.ladder, builtInFolder)
    return {
      ladder,
      request: options.request,
      target: { prefix: '', template: DEFAULT_NAME },
      lane: 'normal',
      notes: [],
    }
  }
  const document = parseRequest(await textOf(requestFile), requestFile)
  const { ladder, lane = 'normal' } = document
  const choice = ladder === undefined ? options.ladder : typeof ladder === 'string' ? { name: ladder } : null
  return {
    ladder: choice === null ? (ladder as Ladder) : await findLadder(choice, builtInFolder),
    request: requestOf(document, path.dirname(requestFile)),
    target: targetOf(document.destination),
    lane,
    notes: notesOn(document),
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new GantryError('API_USAGE', `the request '${file}' cannot be read (${reason})`, { file }, { cause })
  }
}

/** @param folder Of the request, which its paths start from. */
function requestOf(document: RequestDocument, folder: string): RequestOptions {
  const { clip, posterAtSeconds, force } = masterRequest(document, [])
  const captions = document.captions.map(({ key, format, language = null, forced, sdh }) => ({
    file: path.resolve(folder, key),
    // The form has no captions without a format whose name does not tell.
    format: format ?? formatOf(key) ?? 'srt',
    ...{ language, isForced: forced, isForDeaf: sdh },
  }))
  return { clip, posterAtSeconds, force, captions }
}

function targetOf(destination: RequestDocument['destination']): Asked['target'] {
  if (destination === undefined || typeof destination === 'string') return { prefix: '', template: DEFAULT_NAME }
  return { prefix: destination.prefix, template: destination.name }
}

/** Within the output folder, whatever bucket a request names. */
export function localTarget({ target }: Asked, output: Place): Target {
  const place = target.prefix === '' ? output : below(output, target.prefix)
  return { place, template: target.template }
}

function notesOn({ source, destination, captions }: RequestDocument): string[] {
  const services = 'is for the services and left out'
  return [
    ...(source === undefined ? [] : [`source ${services}: the inputs are the masters`]),
    ...(typeof destination === 'string' ? [`destination '${destination}' ${services}`] : []),
    ...(typeof destination === 'object'
      ? [`destination: only prefix and name are used here, the rest ${services}`]
      : []),
    ...(captions.some(({ bucket }) => bucket !== undefined) ? [`the bucket of captions ${services}`] : []),
  ].map((note) => `request: ${note}`)
}
