import type { Place } from './source'

/** A part of an earlier run of the same asset, of the same numbers: its objects are copied within the store. */
export interface Reuse {
  run: number
  part: string
  /** Of that run. */
  output: Place
  state: Place
  /** Whether it counts whatever ffmpeg made it; else only when the worker's own did. */
  anyBuild: boolean
}
