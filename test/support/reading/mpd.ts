/** An MPD by a parser that is not ours, with its times worked out as ISO/IEC 23009-1:2022, 5.3.9 has them. */
import { DOMParser, type Element } from '@xmldom/xmldom'
import { posix } from 'node:path'

export interface ReadRepresentation {
  id: string
  kind: string
  language: string | null
  labels: string[]
  roles: string[]
  /** Of the set and of itself: `bandwidth`, `codecs`, `width` and so on. */
  attributes: Readonly<Record<string, string>>
  /** Scheme's last part and value. */
  properties: string[]
  /** All names, relative to the MPD; of text the file itself. */
  init: string | null
  segments: { path: string; startSeconds: number; durationSeconds: number }[]
}

export interface ReadMpd {
  attributes: Readonly<Record<string, string>>
  durationSeconds: number
  representations: ReadRepresentation[]
}

/** @throws Where it is no well-formed XML. */
export function readMpdText(text: string): ReadMpd {
  const onError = (level: string, message: string): void => {
    throw new Error(`${level}: ${message}`)
  }
  const root = new DOMParser({ onError }).parseFromString(text, 'text/xml').documentElement
  if (root?.localName !== 'MPD') throw new Error('this is no MPD')
  const attributes = attributesOf(root)
  const representations = children(root, 'Period').flatMap((period) =>
    children(period, 'AdaptationSet').flatMap((set) =>
      children(set, 'Representation').map((one) => representationOf(set, one)),
    ),
  )
  return { attributes, durationSeconds: secondsOf(attributes['mediaPresentationDuration']), representations }
}

function representationOf(set: Element, one: Element): ReadRepresentation {
  const attributes = { ...attributesOf(set), ...attributesOf(one) }
  const base = children(one, 'BaseURL')[0]?.textContent ?? ''
  const [list] = children(one, 'SegmentList')
  const properties = ['EssentialProperty', 'SupplementalProperty', 'Accessibility', 'AudioChannelConfiguration']
  return {
    ...{ id: attributes['id'] ?? '', kind: attributes['contentType'] ?? '', language: attributes['lang'] ?? null },
    labels: children(set, 'Label').map(({ textContent }) => textContent ?? ''),
    roles: children(set, 'Role').map((role) => role.getAttribute('value') ?? ''),
    attributes,
    properties: [set, one].flatMap((element) => properties.flatMap((name) => children(element, name)).map(propertyOf)),
    ...(list === undefined ? { init: null, segments: [wholeOf(base)] } : listed(list, base)),
  }
}

function propertyOf(element: Element): string {
  return `${(element.getAttribute('schemeIdUri') ?? '').split(':').at(-1) ?? ''} ${element.getAttribute('value') ?? ''}`
}

function wholeOf(path: string): ReadRepresentation['segments'][number] {
  return { path, startSeconds: 0, durationSeconds: NaN }
}

function listed(list: Element, base: string): Pick<ReadRepresentation, 'init' | 'segments'> {
  const numberOf = (element: Element, name: string): number => Number(element.getAttribute(name) ?? NaN)
  const timescale = numberOf(list, 'timescale')
  const names = children(list, 'SegmentURL').map((url) => posix.join(base, url.getAttribute('media') ?? ''))
  let ticks = 0
  const times = children(list, 'SegmentTimeline').flatMap((timeline) =>
    children(timeline, 'S').flatMap((entry) => {
      ticks = entry.hasAttribute('t') ? numberOf(entry, 't') : ticks
      const duration = numberOf(entry, 'd')
      return Array.from({ length: Number(entry.getAttribute('r') ?? 0) + 1 }, () => {
        ticks += duration
        return { startTicks: ticks - duration, duration }
      })
    }),
  )
  if (times.length !== names.length) throw new Error(`${times.length} times for ${names.length} segments`)
  const offset = numberOf(list, 'presentationTimeOffset')
  return {
    init: posix.join(base, children(list, 'Initialization')[0]?.getAttribute('sourceURL') ?? ''),
    segments: times.map(({ startTicks, duration }, index) => ({
      path: names[index] ?? '',
      startSeconds: (startTicks - offset) / timescale,
      durationSeconds: duration / timescale,
    })),
  }
}

function children(parent: Element, name: string): Element[] {
  return Array.from(parent.childNodes).filter(
    (node): node is Element => node.nodeType === 1 && (node as Element).localName === name,
  )
}

function attributesOf(element: Element): Record<string, string> {
  return Object.fromEntries(Array.from(element.attributes).map(({ name, value }) => [name, value]))
}

function secondsOf(duration = ''): number {
  const [, seconds] = /^PT([0-9]+(?:\.[0-9]+)?)S$/.exec(duration) ?? []
  return Number(seconds ?? NaN)
}
