/** Where everything is: the one place that knows the layout of the state and of the output. */
import type { ObjectAt, Place } from './source'

export function at(place: Place, key: string): ObjectAt {
  return { bucket: place.bucket, key: place.prefix === '' ? key : `${place.prefix}/${key}` }
}

export function below(place: Place, path: string): Place {
  return { bucket: place.bucket, prefix: at(place, path).key }
}

/** Whether an object lies below a place, by whole parts of its key: `films` does not hold `films2/a.mp4`. */
export function isBelow({ bucket, prefix }: Place, object: ObjectAt): boolean {
  if (bucket !== object.bucket) return false
  return prefix === '' || object.key.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}

/** Keys in the state, relative to the state's place. */
export const stateKeys = {
  openPrefix: 'open/',
  /** @param hash Of the master's place and the line of assets. */
  source: (hash: string): string => `sources/${hash}.json`,
  intake: (hash: string): string => `intake/${hash}.json`,
  intakePrefix: 'intake/',
  rejectedMessage: (name: string): string => `rejected/${name}`,
  machinesPrefix: 'fleet/machines/',
  /** @param hash Of what makes machines alike. */
  machine: (hash: string): string => `fleet/machines/${hash}.json`,
  /** Another form of it gets another name: schedulers of two versions may run at once. */
  learned: 'fleet/learned.json',
  open: (assetId: string): string => `open/${assetId}`,
  closedPrefix: 'closed/',
  /** In order of time, so that whoever looks for old ones reads no young ones: 13 digits last until the year 2286. */
  closed: (atMs: number, assetId: string, run: number): string =>
    `closed/${String(atMs).padStart(13, '0')}.${assetId}.${run}`,
  assetsPrefix: 'assets/',
  run: (assetId: string, run: number): string => `assets/${assetId}/runs/${run}`,
  runsPrefix: (assetId: string): string => `assets/${assetId}/runs/`,
} as const

/** Keys of one run, relative to `<state>/assets/<assetId>/runs/<n>`. */
export const runKeys = {
  intent: 'intent.json',
  final: 'final.json',
  report: 'report.json',
  /** What the fleet's speeds learned from the run. */
  learned: 'learned.json',
  /** Copies of the master's pictures, one folder for each attempt; gone when the run is closed. */
  copyPrefix: 'remux/',
  copyMedia: (attempt: string): string => `remux/${attempt}/media.bin`,
  copyIndex: (attempt: string): string => `remux/${attempt}/index.mp4`,
  donePrefix: 'done/',
  done: (part: string): string => `done/${part}.json`,
  failedPrefix: 'failed/',
  failed: (part: string): string => `failed/${part}.json`,
  /** The sound that an attempt has encoded so far, where it is played early. */
  early: (part: string): string => `early/${part}.json`,
  event: (type: string): string => `events/${type}.json`,
  eventSent: (type: string): string => `events/${type}.sent`,
} as const

/** Keys an asset's users see, relative to `<output>/<name>`. */
export const homeKeys = {
  master: 'master.m3u8',
  asset: 'asset.json',
  /** Of the run that is being encoded, or that was last encoded this way. */
  early: 'early.m3u8',
  manifest: 'manifest.mpd',
  run: (run: number): string => `r${run}`,
} as const

/** What players open of a published run. */
export function addressesOf({ asset }: { asset: { manifest?: string } }): string[] {
  return [homeKeys.master, ...(asset.manifest === undefined ? [] : [homeKeys.manifest])]
}

/** Keys of one run's objects, relative to `<output>/<name>/r<n>`. */
export const outputKeys = {
  /** With the slash at its end: what its playlists name is relative to it. */
  trackFolder: (kind: 'video' | 'audio', id: string): string => `${kind}/${id}/`,
  trackPlaylist: (kind: 'video' | 'audio', id: string): string => `${kind}/${id}/playlist.m3u8`,
  earlyPlaylist: (kind: 'video' | 'audio', id: string): string => `${kind}/${id}/early.m3u8`,
  iFramePlaylist: (rungId: string): string => `video/${rungId}/iframes.m3u8`,
  /** Named by its content: pieces of one run must agree, and a wrong one cannot overwrite a right one. */
  init: (kind: 'video' | 'audio', id: string, sha256: string): string =>
    `${kind}/${id}/init-${sha256.slice(0, 12)}.mp4`,
  segment: (kind: 'video' | 'audio', id: string, attemptFolder: string, number: number): string =>
    `${kind}/${id}/${attemptFolder}/${String(number).padStart(5, '0')}.m4s`,
  /** Beside the segments that it describes; no player asks for it. */
  tables: (kind: 'video' | 'audio', id: string, attemptFolder: string, number: number): string =>
    `${kind}/${id}/${attemptFolder}/tables-${String(number).padStart(3, '0')}.bin`,
  captionsPlaylist: (id: string): string => `captions/${id}/playlist.m3u8`,
  captionsFile: (id: string): string => `captions/${id}/captions.vtt`,
  captionsSegment: (id: string, number: number): string => `captions/${id}/${String(number).padStart(5, '0')}.vtt`,
  /** Stands for every segment in which nothing is said. */
  noCaptions: (id: string): string => `captions/${id}/none.vtt`,
  mp4: (rungId: string | null): string => `mp4/${rungId ?? 'audio'}.mp4`,
  poster: 'thumbs/poster.jpg',
  image: (number: number): string => `thumbs/${String(number).padStart(5, '0')}.jpg`,
  sprite: (number: number): string => `thumbs/sprite-${String(number).padStart(5, '0')}.jpg`,
  cues: 'thumbs/sprites.vtt',
} as const

/** The run that a text of `early.m3u8` is of; 0 for what is none of ours. */
export function runOfEarly(text: string): number {
  return Number(/^r([1-9]\d*)\//m.exec(text)?.[1] ?? 0)
}
