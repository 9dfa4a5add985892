import type { SourceArrived, SourceFacts } from '../contract/source'

/** Looks at a master without decoding it. */
export interface MediaProbe {
  /**
   * @throws A SOURCE_ code when the master cannot become an asset; nothing it names was opened.
   * @throws STORE_UNAVAILABLE when the store did not answer.
   */
  probe(source: SourceArrived, signal: AbortSignal): Promise<SourceFacts>
}
