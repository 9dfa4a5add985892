/** All rules of the gate. `docs/verify.md` is held against this table by a test, in both directions. */
import type { Rule } from './rule'
import { DASH_RULES } from './rules-dash'
import { MEDIA_RULES } from './rules-media'
import { PLAYLIST_RULES } from './rules-playlists'

export const RULES = { ...PLAYLIST_RULES, ...MEDIA_RULES, ...DASH_RULES } as const satisfies Record<string, Rule>

export type RuleId = keyof typeof RULES
