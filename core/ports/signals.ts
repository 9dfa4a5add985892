/**
 * Short words between processes of the fleet: hints to look now at what a sweep would find a little later. They may get
 * lost, so nothing depends on them but time.
 *
 * Implementation: Redis (`core/adapters/redis-signals.ts`).
 */
export interface Signals {
  /** Never throws: a hint that cannot be given is none. */
  tell(topic: SignalTopic, text: string): void
  hear(topic: SignalTopic, listener: (text: string) => void): void
  close(): Promise<void>
}

/** `run-closed` with `<assetId>.<run>`: work on it is in vain. `asset-changed` with an asset id: look at it. */
export type SignalTopic = 'run-closed' | 'asset-changed'
