/** The Range header of HTTP as the gateway reads it. Source: RFC 9110, 14.1 and 14.2. */
import type { ByteRange } from '../ports/object-store'

/**
 * What a request asks for.
 *
 * One range only: `a-b`, `a-` or `-n`. Anything that is no such range, several ranges among it, is `whole`, as RFC 9110
 * has a server ignore what it does not understand.
 *
 * @param bytes Length of the resource.
 */
export function requestedRange(header: string | undefined, bytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '')
  if (match === null) return 'whole'
  const [first = '', last = ''] = match.slice(1)
  if (first === '' && last === '') return 'whole'
  if (first === '') {
    const count = Math.min(Number(last), bytes)
    return count === 0 ? 'unsatisfiable' : { start: bytes - count, end: bytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= bytes ? 'unsatisfiable' : { start, end }
}
