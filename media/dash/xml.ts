/** Our own writer of XML: elements and attributes, nothing that needs a declaration. */
import { refused } from '../hls/text'

/** Attributes that are undefined are left out. */
export type XmlAttributes = Readonly<Record<string, string | undefined>>

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * Characters in an attribute or an element. Any language may stand in it.
 *
 * @throws QUEUE_INTERNAL for what XML cannot say even escaped: control characters, half a surrogate pair, U+FFFE and
 * U+FFFF. Source: XML 1.0 (Fifth Edition), 2.2. Line ends and tabs, which attributes lose (3.3.3), are refused, too.
 */
export function escaped(text: string): string {
  if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text)) throw refused('a text', 'text without control characters', text)
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/** An element around others, as lines; a text stands on the line of its element. */
export function element(name: string, attributes: XmlAttributes, content: readonly string[] | string = []): string[] {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(value)}"`],
  )
  const open = `<${name}${pairs.join('')}`
  if (typeof content === 'string') return [`${open}>${escaped(content)}</${name}>`]
  if (content.length === 0) return [`${open}/>`]
  return [`${open}>`, ...content.map((line) => `  ${line}`), `</${name}>`]
}
