const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A word as a person can paste it after a prompt. On Windows in double quotes, elsewhere in single ones; with
 * characters that a terminal would act on, as `$'...'` with escapes, which bash, zsh and ksh read.
 */
export function shellQuote(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /^[\w@+=:,./\\-]+$/.test(word) ? word : `"${word.replace(CONTROLS, '?')}"`
  if (PLAIN.test(word)) return word
  if (!CONTROL.test(word)) return `'${word.replaceAll("'", "'\\''")}'`
  const escaped = word.replace(/[\\']/g, '\\$&').replace(CONTROLS, byteEscapes)
  return `$'${escaped}'`
}

/** In bytes of UTF-8, since `\u` is not read alike by all shells. */
function byteEscapes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
