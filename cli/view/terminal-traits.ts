/** What the place where output goes can show, from the environment. Pure. */

export interface TerminalTraits {
  /** Frames may be drawn in place; else one plain line per change. */
  interactive: boolean
  colour: boolean
  /** The encoding is UTF-8. */
  unicode: boolean
}

export interface TraitsInput {
  isTty: boolean
  platform: NodeJS.Platform
  env: Readonly<Record<string, string | undefined>>
}

/**
 * Sources: no-color.org (NO_COLOR counts when it is not empty), POSIX 8.2 (LC_ALL before LC_CTYPE before LANG).
 */
export function terminalTraits({ isTty, platform, env }: TraitsInput): TerminalTraits {
  // Logs of build servers are read later, even where they pretend to be a terminal.
  const interactive = isTty && env['TERM'] !== 'dumb' && !isSet(env['CI'])
  return { interactive, colour: wantsColour(interactive, env), unicode: isUtf8(platform, env) }
}

function wantsColour(interactive: boolean, env: TraitsInput['env']): boolean {
  if (isSet(env['NO_COLOR'])) return false
  const forced = env['FORCE_COLOR']
  if (isSet(forced)) return forced !== '0' && forced !== 'false'
  return interactive
}

function isUtf8(platform: NodeJS.Platform, env: TraitsInput['env']): boolean {
  // Node writes UTF-16 to a Windows console; only the old raster fonts lack the signs, and they are not in Terminal.
  if (platform === 'win32') return isSet(env['WT_SESSION']) || isSet(env['TERM_PROGRAM'])
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(isSet) ?? ''
  return /utf-?8/i.test(locale)
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
