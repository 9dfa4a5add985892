import path from 'node:path'

/** Endings of the containers that Gantry opens. They choose files in folders; what a file is, its bytes decide. */
const MEDIA_ENDINGS: ReadonlySet<string> = new Set(
  [
    'mp4 m4v m4a m4b mov qt 3gp 3g2 f4v',
    'mkv mka webm',
    'ts m2ts m2t mts mpg mpeg mpe m2p mpv vob ps',
    'avi divx mxf flv asf wmv wma',
    'ogg ogv oga ogx opus spx wav mp3 flac aac adts',
  ]
    .join(' ')
    .split(' ')
    .map((ending) => `.${ending}`),
)

const PARTIAL_ENDINGS = ['.part', '.partial', '.crdownload', '.download', '.tmp', '.temp', '.filepart', '~']

/** Folders that Gantry itself writes. */
const OWN_FOLDERS: ReadonlySet<string> = new Set(['gantry-out', '.gantry'])

export function hasMediaName(file: string): boolean {
  return MEDIA_ENDINGS.has(path.extname(file).toLowerCase())
}

/** `.ts` is MPEG-TS and TypeScript alike; each packet of the former begins with 0x47 (ISO/IEC 13818-1, 2.4.3.2). */
export function isDoubtfulName(file: string): boolean {
  return path.extname(file).toLowerCase() === '.ts'
}

export const TS_SYNC_BYTE = 0x47

/** Hidden by the custom of Unix, which also covers `._name.mov`, the shadow files of macOS. */
export function isHiddenName(name: string): boolean {
  return name.startsWith('.')
}

/** A name that browsers and copying tools give to a file that is still being written. */
export function isPartialName(name: string): boolean {
  const lower = name.toLowerCase()
  return PARTIAL_ENDINGS.some((ending) => lower.endsWith(ending))
}

export function isOwnFolder(name: string): boolean {
  return OWN_FOLDERS.has(name)
}
