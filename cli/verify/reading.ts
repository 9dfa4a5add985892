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
