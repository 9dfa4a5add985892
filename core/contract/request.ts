/** What somebody asks of one master beside its ladder and its destination. */
import type { ObjectRef } from './source'

/** A part of the master, on its own timeline; the asset's timeline begins at `inSeconds`. */
export interface Clip {
  inSeconds: number
  /** Above `inSeconds`; null: to the end. */
  outSeconds: number | null
}

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
}

export const NO_REQUEST: MasterRequest = { clip: null, posterAtSeconds: null, captions: [] }
