/** A right that one process has at a time, for as long as it renews it. */
export interface Lease {
  /** @returns false when another has it by now. @throws QUEUE_UNAVAILABLE */
  renew(): Promise<boolean>
  /** Lets another have it at once. @throws QUEUE_UNAVAILABLE */
  letGo(): Promise<void>
}
