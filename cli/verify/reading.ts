/** What is known so far of an asset that is being read. */
import { GantryError } from '../../core/contract/errors'
import type { FoundObject } from '../../media/gate/description'
import type { Finding } from '../../media/gate/findings'
import type { AssetSource } from './asset-source'
import type { DeepLook } from './deep-look'

export interface Reading {
  source: AssetSource
  signal: AbortSignal
  /** Null where only tables are read. */
  deep: DeepLook | null
  objects: Map<string, FoundObject | null>
  /** What cannot be said by the description. */
  findings: Pick<Finding, 'rule' | 'where' | 'message'>[]
}

/** Each object is looked at once. A link out of the asset, or a name no object can have, is told and not followed. */
export async function headOf(reading: Reading, path: string): Promise<FoundObject | null> {
  const before = reading.objects.get(path)
  if (before !== undefined) return before
  reading.signal.throwIfAborted()
  try {
    const found = await reading.source.head(path)
    reading.objects.set(path, found === null ? null : { bytes: found.bytes })
    return found
  } catch (thrown) {
    if (!(thrown instanceof GantryError) || thrown.code !== 'STORE_KEY_INVALID') throw thrown
    reading.findings.push({ rule: 'uri-outside', where: path, message: thrown.message })
    reading.objects.set(path, null)
    return null
  }
}

/**
 * A text of the asset; null for what is not there or too large.
 *
 * @param limit The most that is read, and the rule that a longer one breaks.
 */
export async function textWithin(
  reading: Reading,
  path: string,
  { mostBytes, rule }: { mostBytes: number; rule: Finding['rule'] },
): Promise<string | null> {
  const found = await headOf(reading, path)
  if (found === null) return null
  if (found.bytes > mostBytes) {
    const message = `it has ${found.bytes} bytes, at most ${mostBytes} are read`
    reading.findings.push({ rule, where: path, message })
    return null
  }
  const bytes = await reading.source.read(path, null, mostBytes)
  return bytes?.toString('utf8') ?? null
}
