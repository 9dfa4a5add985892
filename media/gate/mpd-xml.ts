/** The XML of an MPD, read strictly: it is other people's text. */
import { DOMParser, type Element } from '@xmldom/xmldom'
import type { Report } from './findings'

/** Of a day in six renditions there is a tenth. */
export const MAX_MPD_BYTES = 32 * 2 ** 20
const MAX_TAGS = 1_000_000
const NAMESPACE = 'urn:mpeg:dash:schema:mpd:2011'

/** Null where it is no MPD. Source: XML 1.0 (Fifth Edition); ISO/IEC 23009-1:2022, 5.3.1. */
export function readMpdXml(path: string, text: string, report: Report): Element | null {
  const fault = faultOf(text)
  if (fault !== null) {
    report('dash-xml', path, fault)
    return null
  }
  const root = parsed(text)
  if (typeof root === 'string') {
    report('dash-xml', path, root)
    return null
  }
  if (root?.localName === 'MPD' && root.namespaceURI === NAMESPACE) return root
  report('dash-xml', path, `it must be an MPD in the namespace ${NAMESPACE}, it is ${root?.nodeName ?? 'empty'}`)
  return null
}

/** What the parser lets pass, or would take long over. A declaration of entities is never read. */
function faultOf(text: string): string | null {
  if (text.length > MAX_MPD_BYTES) return `it has more than ${MAX_MPD_BYTES} bytes`
  if (text.includes('<!DOCTYPE')) return 'it has a document type declaration, which no MPD needs'
  if (text.split('<').length > MAX_TAGS) return `it has more than ${MAX_TAGS} tags`
  if (/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]|\ufffd/u.test(text)) return 'it has characters that XML has not'
  if (/&(?!(?:amp|lt|gt|quot|apos|#[1-9][0-9]*|#x[0-9A-Fa-f]+);)/.test(text)) return 'it has an & that begins no entity'
  return null
}

/** The first complaint of any kind ends the reading. */
function parsed(text: string): Element | string | null {
  let told = ''
  const onError = (_level: string, message: string): void => {
    told = message
    throw new Error(message)
  }
  try {
    return new DOMParser({ onError }).parseFromString(text, 'text/xml').documentElement
  } catch (error) {
    return told === '' ? String(error) : told
  }
}

export function childrenOf(parent: Element, name: string): Element[] {
  const found: Element[] = []
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === node.ELEMENT_NODE && (node as Element).localName === name) found.push(node as Element)
  }
  return found
}

export function lineOf({ lineNumber }: Element): number {
  return lineNumber ?? 1
}
