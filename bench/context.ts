import type { BenchOptions } from './arguments'
import type { Masters } from './masters'
import type { PlanSettings } from '../cli/plan/dry-run'

/** What every case works with; built once in `main.ts`. */
export interface BenchContext extends Pick<BenchOptions, 'rounds' | 'scale'> {
  /** The package's folder. */
  root: string
  /** Of this bench; emptied by whoever puts something there. */
  folder: string
  /** Of every program, complete. */
  env: Readonly<Record<string, string>>
  settings: PlanSettings
  masters: Masters
  /** Progress, a line each. */
  tell: (line: string) => void
  signal: AbortSignal
}
