/** What a URI in a playlist means: a path below the asset, or something that it may not name. */

export type Resolved = { path: string } | { fault: 'outside' | 'absolute' | 'malformed' }

/** Whatever a file system or an object store could take for more than a name. */
const ODD = /[\\/\p{Cc}]/u

/**
 * Queries and fragments are left out: they are no part of a name in a folder or a bucket.
 *
 * @param from Path of the playlist that the URI stands in.
 */
export function resolveUri(from: string, uri: string): Resolved {
  if (/^[a-z][a-z0-9+.-]*:/i.test(uri) || uri.startsWith('//')) return { fault: 'absolute' }
  if (uri.startsWith('/')) return { fault: 'outside' }
  const parts = decoded(uri.replace(/[?#].*$/s, ''))
  if (parts === null || parts.at(-1) === '' || parts.length === 0) return { fault: 'malformed' }
  const path = from.split('/').slice(0, -1)
  for (const part of parts) {
    if (part === '..') {
      if (path.pop() === undefined) return { fault: 'outside' }
    } else if (part !== '.') {
      if (part === '' || ODD.test(part)) return { fault: 'malformed' }
      path.push(part)
    }
  }
  return path.length === 0 ? { fault: 'malformed' } : { path: path.join('/') }
}

function decoded(path: string): string[] | null {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return null
  }
}
