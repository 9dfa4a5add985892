import { shortId } from '../core/contract/ids'

/** Room for the stem in a folder name: 255 bytes is the usual limit of a part, and people read these. */
const STEM_CHARS = 80

/**
 * The output folder of an asset: `{stem}-{id}`.
 *
 * The stem is user text, so only `[A-Za-z0-9._-]` of it stays (accents are taken off first); the id keeps two names
 * apart that look alike afterwards.
 *
 * @param key The master's key or path; its last part counts.
 */
export function outputName(key: string, assetId: string): string {
  const file = key.slice(key.lastIndexOf('/') + 1)
  const dot = file.lastIndexOf('.')
  const stem = (dot > 0 ? file.slice(0, dot) : file)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+/, '')
    .slice(0, STEM_CHARS)
    .replace(/[-.]+$/, '')
  return `${stem === '' ? 'asset' : stem}-${shortId(assetId)}`
}
