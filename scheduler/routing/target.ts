import type { Destination } from '../../core/contract/destination'
import type { Place } from '../../core/contract/source'

/** Where the assets of a submission go, and how their folders are named. */
export interface Target {
  place: Place
  /** See routes/name.ts. */
  template: string
  /** Where `place` is not the output of the settings. */
  destination?: Destination
}
