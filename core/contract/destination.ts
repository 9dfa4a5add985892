import type { Place } from './source'

/**
 * Where an asset goes when that is not the output of the settings, and how its objects are written: resolved, so that
 * a worker asks nobody, and a change of the routes does not touch work in flight. Nothing in it is a secret.
 */
export interface Destination {
  /** Assets go below it, each into a folder of its own. */
  place: Place
  /** To take on for all requests there; null: as whom the service itself is. */
  role: Role | null
  /** Null: as the bucket encrypts by itself. */
  kmsKey: string | null
  /** Of every object, those of the settings and of the retention included. */
  tags: Readonly<Record<string, string>>
  /** Where players find `place`, a CDN for example; null: at the store. */
  publicUrl: string | null
}

export interface Role {
  arn: string
  /** What its owner has agreed on. */
  externalId?: string
}

/** Names where outputs go, in ids: the same master sent to two places is two assets. */
export function destinationIdOf(output: Place): string {
  return `${output.bucket}/${output.prefix}`
}
