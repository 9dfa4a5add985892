/** The folder of an asset below its destination: a template of the operator's, filled with what a user may have named. */
import { shortId } from '../core/contract/ids'

export const DEFAULT_NAME = '{stem}-{id}'

/** What a template may be filled with; each at most once. */
export const PLACEHOLDERS = ['stem', 'id', 'assetId', 'folder', 'bucket'] as const

type Placeholder = (typeof PLACEHOLDERS)[number]

/** Room for the stem in a folder name: 255 bytes is the usual limit of a part, and people read these. */
const STEM_CHARS = 80
/** The last folders of the master's key that fit; with the longest prefix and the deepest object, S3's 1,024 bytes hold. */
const FOLDER_CHARS = 200
const FOLDER_PART_CHARS = 80
export const TEMPLATE_CHARS = 120

const WORD = '[A-Za-z0-9._-]'
const TEMPLATE_PART = new RegExp(`^(?:[A-Za-z0-9_]|\\{[A-Za-z]+\\})(?:${WORD}|\\{[A-Za-z]+\\})*$`)

/**
 * What is wrong with a template, to be read after "must ..."; null where nothing is.
 *
 * It must hold the id: names that look alike after they are made safe, a stem under two endings, and a clip beside its
 * whole are told apart by nothing else, and of two assets in one folder one would be lost.
 */
export function templateFault(template: string): string | null {
  if (template.length > TEMPLATE_CHARS) return `have at most ${TEMPLATE_CHARS} characters`
  const parts = template.split('/')
  if (!parts.every((part) => TEMPLATE_PART.test(part))) {
    return 'be of letters, digits, ._- and placeholders, with / between parts that begin with no dot or hyphen'
  }
  const used = [...template.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name]) => name)
  const unknown = used.find((name) => !PLACEHOLDERS.some((known) => known === name))
  if (unknown !== undefined) return `have no placeholders but ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`
  if (new Set(used).size < used.length) return 'have each placeholder at most once'
  if (used.includes('folder') && !parts.includes('{folder}'))
    return 'have {folder} as a part of its own, between slashes'
  return used.includes('id') || used.includes('assetId') ? null : 'have {id} or {assetId}, which keeps assets apart'
}

/**
 * The folder's name, of one part or more.
 *
 * Of what a user has named only `[A-Za-z0-9._-]` stays (accents are taken off first).
 *
 * @param source The master; a path counts as a key.
 * @param template One that `templateFault` has nothing against.
 */
export function outputName(
  source: { bucket: string; key: string },
  assetId: string,
  template: string = DEFAULT_NAME,
): string {
  const slash = source.key.lastIndexOf('/')
  const values: Readonly<Record<Placeholder, string>> = {
    stem: orElse(safeWord(stemOf(source.key.slice(slash + 1)), STEM_CHARS), 'asset'),
    id: shortId(assetId),
    assetId,
    folder: safeFolder(source.key.slice(0, Math.max(0, slash))),
    bucket: orElse(safeWord(source.bucket, STEM_CHARS), 'bucket'),
  }
  const filled = template.replace(/\{([A-Za-z]+)\}/g, (_, name: Placeholder) => values[name])
  // A master at the top of its bucket is in no folder.
  return filled
    .split('/')
    .filter((part) => part !== '')
    .join('/')
}

function stemOf(file: string): string {
  const dot = file.lastIndexOf('.')
  return dot > 0 ? file.slice(0, dot) : file
}

function safeFolder(path: string): string {
  const parts = path.split('/').flatMap((part) => orElse(safeWord(part, FOLDER_PART_CHARS), null) ?? [])
  let kept = parts
  while (kept.join('/').length > FOLDER_CHARS) kept = kept.slice(1)
  return kept.join('/')
}

function safeWord(text: string, maxChars: number): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+/, '')
    .slice(0, maxChars)
    .replace(/[-.]+$/, '')
}

function orElse<T>(word: string, other: T): string | T {
  return word === '' ? other : word
}
