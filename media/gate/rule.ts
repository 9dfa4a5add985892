/** What a rule is; the tables of rules are beside this file. */

/**
 * `error`: a player fails or shows something wrong, or the playlist says what the media is not. `warning`: it plays, but
 * worse than it could, or a specification is not kept. `note`: good to know.
 */
export type Severity = 'error' | 'warning' | 'note'

export interface Rule {
  severity: Severity
  /** Document and section, or `Gantry` for what no specification asks. */
  source: string
  /** What must hold, as a sentence without its period. */
  meaning: string
}
