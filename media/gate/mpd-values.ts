/** Values of an MPD's attributes, read as far as they can be. Source: ISO/IEC 23009-1:2022, annex B. */
import type { Element } from '@xmldom/xmldom'
import { shown } from '../hls/read-lines'
import type { Report } from './findings'
import { childrenOf, lineOf } from './mpd-xml'
import { resolveUri } from './uris'

export interface MpdReading {
  /** Of the MPD. */
  path: string
  report: Report
}

export function tellOf({ path, report }: MpdReading, element: Element, message: string): void {
  report('dash-attribute', `${path}:${lineOf(element)}`, `${element.nodeName}: ${message}`)
}

export function requireAttributes(reading: MpdReading, element: Element, ...names: string[]): void {
  for (const name of names) if (!element.hasAttribute(name)) tellOf(reading, element, `it has no @${name}`)
}

/** Null where it is absent, or no such value, which is told. */
function matched(reading: MpdReading, element: Element, name: string, form: RegExp, must: string): string | null {
  const text = element.getAttribute(name)
  if (text === null || form.test(text)) return text
  tellOf(reading, element, `@${name} must be ${must}, it is ${shown(text)}`)
  return null
}

export function integerOf(reading: MpdReading, element: Element, name: string): number | null {
  const text = matched(reading, element, name, /^[0-9]{1,15}$/, 'a whole number')
  return text === null ? null : Number(text)
}

export function rateOf(reading: MpdReading, element: Element): number | null {
  const text = matched(reading, element, 'frameRate', /^[1-9][0-9]{0,8}(\/[1-9][0-9]{0,8})?$/, 'a rate like 30000/1001')
  const [num = 0, den = 1] = (text ?? '').split('/').map(Number)
  return text === null ? null : num / den
}

/** Days and shorter; months have no length. Source: XML Schema part 2, 3.2.6. */
const DURATION =
  /^P(?:([0-9]{1,6})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?$/

export function secondsOf(reading: MpdReading, element: Element, name: string): number | null {
  const text = matched(reading, element, name, DURATION, 'a duration like PT12.5S')
  if (text === null) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (DURATION.exec(text) ?? [])
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0))
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
}

/** Path that what stands below is relative to: each BaseURL is resolved by the one above it. */
export function basesOf(reading: MpdReading, from: string, elements: readonly Element[]): string {
  return elements.reduce((base, element) => {
    const [first] = childrenOf(element, 'BaseURL')
    const uri = first?.textContent ?? ''
    // A folder is a place for names, so any name may stand for those in it.
    return first === undefined ? base : (pathOf(reading, base, first, uri.endsWith('/') ? `${uri}-` : uri) ?? base)
  }, from)
}

export function pathOf({ path, report: tell }: MpdReading, from: string, element: Element, uri: string): string | null {
  const where = `${path}:${lineOf(element)}`
  const resolved = resolveUri(from, uri)
  if ('path' in resolved) return resolved.path
  if (resolved.fault === 'malformed') tell('dash-attribute', where, `${element.nodeName}: ${shown(uri)} is no address`)
  else
    tell(resolved.fault === 'absolute' ? 'uri-absolute' : 'uri-outside', where, `${shown(uri)} is not below the asset`)
  return null
}
