/** An MPD as the rules see it: what Gantry writes, and a note for other forms. Source: ISO/IEC 23009-1:2022, 5.3. */
import type { Element } from '@xmldom/xmldom'
import type { Report } from './findings'
import { basesOf, integerOf, pathOf, rateOf, requireAttributes, secondsOf, tellOf, type MpdReading } from './mpd-values'
import { childrenOf, lineOf, readMpdXml } from './mpd-xml'

export interface GateMpd {
  path: string
  durationSeconds: number | null
  longestSeconds: number | null
  bufferSeconds: number | null
  sets: readonly GateSet[]
}

export interface GateSet {
  line: number
  isAligned: boolean
  representations: readonly GateRepresentation[]
}

export interface GateRepresentation {
  line: number
  id: string
  kind: 'video' | 'audio' | 'text' | 'other'
  bandwidthBps: number | null
  codecs: string | null
  widthPx: number | null
  heightPx: number | null
  frameRate: number | null
  range: 'SDR' | 'PQ' | 'HLG'
  channels: number | null
  /** Null for text, and for forms that are not read. */
  list: GateList | null
  /** Of what is one file. */
  file: string | null
}

export interface GateList {
  timescaleHz: number
  offsetTicks: number
  /** Null where it may not be named. */
  init: string | null
  segments: readonly GateListed[]
}

export interface GateListed {
  line: number
  path: string | null
  startTicks: number
  durationTicks: number
}

/** Null where it is no MPD, or one of a form that is not read, which is told. */
export function readMpd(path: string, text: string, report: Report): GateMpd | null {
  const root = readMpdXml(path, text, report)
  if (root === null) return null
  const reading = { path, report }
  const periods = childrenOf(root, 'Period')
  const [period] = periods
  if (root.getAttribute('type') === 'dynamic' || periods.length > 1 || period?.hasAttribute('xlink:href') === true) {
    report('dash-unread', path, 'it is live, has several Periods or has one elsewhere')
    return null
  }
  requireAttributes(reading, root, 'profiles', 'minBufferTime', 'mediaPresentationDuration')
  if (period === undefined) report('dash-attribute', path, 'it has no Period')
  const base = basesOf(reading, path, [root, ...(period === undefined ? [] : [period])])
  return {
    path,
    durationSeconds: secondsOf(reading, root, 'mediaPresentationDuration'),
    longestSeconds: secondsOf(reading, root, 'maxSegmentDuration'),
    bufferSeconds: secondsOf(reading, root, 'minBufferTime'),
    sets: period === undefined ? [] : childrenOf(period, 'AdaptationSet').map((set) => readSet(reading, set, base)),
  }
}

function readSet(reading: MpdReading, set: Element, base: string): GateSet {
  const own = basesOf(reading, base, [set])
  return {
    line: lineOf(set),
    isAligned: set.getAttribute('segmentAlignment') === 'true',
    representations: childrenOf(set, 'Representation').map((one) => readRepresentation(reading, set, one, own)),
  }
}

function readRepresentation(reading: MpdReading, set: Element, one: Element, base: string): GateRepresentation {
  requireAttributes(reading, one, 'id', 'bandwidth')
  /** What a set says holds for all in it. */
  const holder = (name: string): Element => (one.hasAttribute(name) ? one : set)
  const kind = kindOf(holder('mimeType').getAttribute('mimeType') ?? '')
  if (kind === null) tellOf(reading, one, 'it has no mimeType of picture, sound or text')
  const own = basesOf(reading, base, [one])
  const names = ['SegmentTemplate', 'SegmentList', 'SegmentBase']
  const forms = [set, one].flatMap((element) => names.flatMap((name) => childrenOf(element, name)))
  const isFile = kind === 'text' && forms.length === 0 && childrenOf(one, 'BaseURL').length > 0
  return {
    ...{ line: lineOf(one), id: one.getAttribute('id') ?? '', kind: kind ?? 'other' },
    bandwidthBps: integerOf(reading, one, 'bandwidth'),
    codecs: holder('codecs').getAttribute('codecs'),
    widthPx: integerOf(reading, holder('width'), 'width'),
    heightPx: integerOf(reading, holder('height'), 'height'),
    frameRate: rateOf(reading, holder('frameRate')),
    range: rangeOf([set, one]),
    channels: channelsOf([set, one]),
    list: isFile ? null : readList(reading, one, forms, own),
    file: isFile && own !== base ? own : null,
  }
}

function kindOf(mimeType: string): 'video' | 'audio' | 'text' | 'other' | null {
  const [type = ''] = mimeType.split('/')
  if (type === 'video' || type === 'audio' || type === 'text') return type
  return type === 'application' || type === 'image' ? 'other' : null
}

function readList(reading: MpdReading, one: Element, forms: readonly Element[], base: string): GateList | null {
  const [list] = forms
  const [timeline] = list === undefined ? [] : childrenOf(list, 'SegmentTimeline')
  if (list?.localName !== 'SegmentList' || forms.length > 1 || list.parentNode !== one || timeline === undefined) {
    const what = 'its addresses are no SegmentList with a SegmentTimeline of its own'
    reading.report('dash-unread', `${reading.path}:${lineOf(one)}`, what)
    return null
  }
  const [init] = childrenOf(list, 'Initialization')
  if (init === undefined) tellOf(reading, list, 'it has no Initialization')
  const urls = childrenOf(list, 'SegmentURL')
  const times = timesOf(reading, timeline, urls.length)
  if (times.length !== urls.length) {
    const figures = `${times.length} times for ${urls.length} segments`
    reading.report('dash-timeline', `${reading.path}:${lineOf(list)}`, figures)
  }
  const named = (element: Element, name: string): string | null =>
    pathOf(reading, base, element, element.getAttribute(name) ?? '')
  return {
    timescaleHz: Math.max(1, integerOf(reading, list, 'timescale') ?? 1),
    offsetTicks: integerOf(reading, list, 'presentationTimeOffset') ?? 0,
    init: init === undefined ? null : named(init, 'sourceURL'),
    segments: urls.slice(0, times.length).map((url, index) => ({
      line: lineOf(url),
      path: named(url, 'media'),
      ...(times[index] ?? { startTicks: 0, durationTicks: 0 }),
    })),
  }
}

/** @param most No more are of use; a hostile @r could stand for a billion. */
function timesOf(
  reading: MpdReading,
  timeline: Element,
  most: number,
): { startTicks: number; durationTicks: number }[] {
  const times: { startTicks: number; durationTicks: number }[] = []
  let next: number | null = null
  for (const entry of childrenOf(timeline, 'S')) {
    requireAttributes(reading, entry, 'd')
    const given = integerOf(reading, entry, 't')
    const durationTicks = integerOf(reading, entry, 'd') ?? 0
    if (durationTicks === 0) tellOf(reading, entry, '@d must be at least 1')
    if (next !== null && given !== null && given !== next) {
      const what = `a segment begins at ${given}, the one before it ends at ${next}`
      reading.report('dash-timeline', `${reading.path}:${lineOf(entry)}`, what)
    }
    let startTicks: number = given ?? next ?? 0
    const repeats = integerOf(reading, entry, 'r') ?? 0
    for (let count = 0; count <= repeats && times.length <= most; count += 1) {
      times.push({ startTicks, durationTicks })
      startTicks += durationTicks
    }
    next = startTicks
  }
  return times
}

/** Only what CICP numbers; anything else is of no range that is known here. */
function rangeOf(elements: readonly Element[]): GateRepresentation['range'] {
  const values = elements.flatMap((element) =>
    ['EssentialProperty', 'SupplementalProperty'].flatMap((name) =>
      childrenOf(element, name)
        .filter((one) => one.getAttribute('schemeIdUri') === 'urn:mpeg:mpegB:cicp:TransferCharacteristics')
        .map((one) => one.getAttribute('value')),
    ),
  )
  return values.includes('16') ? 'PQ' : values.includes('18') ? 'HLG' : 'SDR'
}

/** Source: ISO/IEC 23091-3, table 10, for layouts that are ordinary; null for all others. */
const CHANNELS: Readonly<Record<string, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 12: 8 }

function channelsOf(elements: readonly Element[]): number | null {
  const [found] = elements
    .flatMap((element) => childrenOf(element, 'AudioChannelConfiguration'))
    .filter((one) => one.getAttribute('schemeIdUri') === 'urn:mpeg:mpegB:cicp:ChannelConfiguration')
  return found === undefined ? null : (CHANNELS[found.getAttribute('value') ?? ''] ?? null)
}
