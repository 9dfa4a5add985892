/** Text of others as it may stand in a message. */

const MAX_SHOWN = 60

/** In quotes, cut short, and without anything that could steer a terminal or fake a line of a log. */
export function quoted(text: string): string {
  return `'${clipped(text)}'`
}

/** The first 60 characters, printable. */
export function clipped(text: string): string {
  return printable(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text)
}

/** Control and format characters (bidirectional overrides among them) become `\\u....` escapes. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
