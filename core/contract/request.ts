/** What somebody asks of one master beside its ladder and its destination. */
import type { ObjectRef } from './source'

/** A part of the master, on its own timeline; the asset's timeline begins at `inSeconds`. */
export interface Clip {
  inSeconds: number
  /** Above `inSeconds`; null: to the end. */
  outSeconds: number | null
}

/** The text of the longest films has some 200 kB. */
export const MAX_SIDECAR_BYTES = 16 * 2 ** 20

/** Captions that lie beside the master, timed to the whole of it. */
export interface Sidecar {
  ref: ObjectRef
  bytes: number
  format: 'srt' | 'webvtt'
  /** BCP 47 or ISO 639; null where nobody says. */
  language: string | null
  isForced: boolean
  isForDeaf: boolean
}

export interface MasterRequest {
  clip: Clip | null
  /** On the asset's timeline; null: as the ladder says. */
  posterAtSeconds: number | null
  captions: readonly Sidecar[]
  /** A word for which a finished asset is made anew once; null: nobody asks for that. */
  force: string | null
  /** Asked for by its version, whatever lies under the key by now; null: what is there. */
  versionId: string | null
}

export const NO_REQUEST: MasterRequest = {
  clip: null,
  posterAtSeconds: null,
  captions: [],
  force: null,
  versionId: null,
}
