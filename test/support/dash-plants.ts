/** Defects of a published MPD, each with the rule of the gate that has to find it. */
import { rmSync } from 'node:fs'
import type { RuleId } from '../../media/gate/rules'
import type { Copy } from './reading/plant'

export interface DashPlant {
  defect: string
  rule: RuleId
  plant: (copy: Copy) => void
}

const MPD = 'manifest.mpd'

function inMpd(from: string | RegExp, to: string | ((found: string, ...groups: string[]) => string)) {
  return (copy: Copy): void =>
    copy.edit(MPD, (text) => (typeof to === 'string' ? text.replace(from, to) : text.replace(from, to)))
}

const times =
  (factor: number) =>
  (_: string, bps: string): string =>
    ` bandwidth="${Math.round(Number(bps) * factor)}"`

const SOUND_SET = / *<AdaptationSet [^>]*contentType="audio"[^]*?<\/AdaptationSet>\n/

export const DASH_PLANTS: DashPlant[] = [
  { defect: 'an element that is not closed', rule: 'dash-xml', plant: inMpd('</Period>', '') },
  { defect: 'an attribute twice', rule: 'dash-xml', plant: inMpd(' id="1"', ' id="1" id="1"') },
  {
    defect: 'an entity that stands for a file',
    rule: 'dash-xml',
    plant: inMpd('<MPD', '<!DOCTYPE MPD [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<MPD'),
  },
  { defect: 'another namespace', rule: 'dash-xml', plant: inMpd('urn:mpeg:dash:schema:mpd:2011', 'urn:mpeg:other') },
  { defect: 'a bare &', rule: 'dash-xml', plant: inMpd('<BaseURL>', '<BaseURL>&') },
  { defect: 'no bandwidth', rule: 'dash-attribute', plant: inMpd(/ bandwidth="\d+"/, '') },
  { defect: 'no minBufferTime', rule: 'dash-attribute', plant: inMpd(/ minBufferTime="[^"]*"/, '') },
  { defect: 'a width that is no number', rule: 'dash-attribute', plant: inMpd(' width="', ' width="x') },
  { defect: 'one id twice', rule: 'dash-ids', plant: inMpd('"video-360p"', '"video-240p"') },
  { defect: 'no sound', rule: 'dash-renditions', plant: inMpd(SOUND_SET, '') },
  {
    defect: 'a rung less',
    rule: 'dash-renditions',
    plant: inMpd(/ *<Representation id="video-240p"[^]*?<\/Representation>\n/, ''),
  },
  { defect: 'segments that changed places', rule: 'dash-renditions', plant: inMpd('00001.m4s', '00002.m4s') },
  {
    defect: 'the init segment of the sound at a picture',
    rule: 'dash-renditions',
    plant: (copy) => {
      copy.edit(MPD, (text) => {
        const [first = '', , third = ''] = [...text.matchAll(/sourceURL="([^"]*)"/g)].map(([, name]) => name)
        return text.replace(first, `../../audio/audio/${third}`)
      })
    },
  },
  {
    defect: 'a duration that is too long',
    rule: 'dash-duration',
    plant: inMpd(/mediaPresentationDuration="[^"]*"/, 'mediaPresentationDuration="PT12S"'),
  },
  {
    defect: 'a maxSegmentDuration that is too short',
    rule: 'dash-longest',
    plant: inMpd(/maxSegmentDuration="[^"]*"/, 'maxSegmentDuration="PT2S"'),
  },
  {
    defect: 'no presentationTimeOffset in one rung',
    rule: 'dash-offset',
    plant: inMpd(/ presentationTimeOffset="\d+"/, ''),
  },
  {
    defect: 'sound that is offset by half a second',
    rule: 'dash-offset',
    plant: inMpd('presentationTimeOffset="480000"', 'presentationTimeOffset="504000"'),
  },
  {
    defect: 'a gap in a timeline',
    rule: 'dash-timeline',
    plant: inMpd(/<S d="(\d+)"\/>/, (_, ticks) => `<S t="99000000" d="${ticks}"/>`),
  },
  { defect: 'a time less than segments', rule: 'dash-timeline', plant: inMpd(/ *<S d="\d+"\/>\n/, '') },
  {
    defect: 'a segment that lasts a second longer',
    rule: 'dash-timeline',
    plant: inMpd(/(<S t="\d+" d=")(\d+)"/, (_, before, ticks) => `${before}${Number(ticks) + 10_240}"`),
  },
  {
    defect: 'a timeline that begins a second late',
    rule: 'dash-times',
    plant: inMpd(/<S t="480000|<S t="(\d+)/, (_, ticks) => `<S t="${Number(ticks) + 10_240}`),
  },
  {
    defect: 'rungs that part',
    rule: 'dash-alignment',
    plant: inMpd(/(<S t="\d+" d=")(\d+)"/, (_, before, ticks) => `${before}${Number(ticks) + 10_240}"`),
  },
  { defect: 'codecs of another level', rule: 'dash-codecs', plant: inMpd(/avc1\.\w{6}/, 'avc1.640034') },
  { defect: 'another height', rule: 'dash-picture', plant: inMpd(' height="240"', ' height="244"') },
  { defect: 'another frameRate', rule: 'dash-rate', plant: inMpd(' frameRate="10"', ' frameRate="25"') },
  {
    defect: 'PQ of a picture in SDR',
    rule: 'dash-colour',
    plant: inMpd(
      / *<Role/,
      '<EssentialProperty schemeIdUri="urn:mpeg:mpegB:cicp:TransferCharacteristics" value="16"/>\n<Role',
    ),
  },
  {
    defect: 'other channels',
    rule: 'dash-channels',
    plant: inMpd(/(ChannelConfiguration" value=")\d/, (_, before) => `${before}6`),
  },
  { defect: 'bandwidth halved', rule: 'dash-bandwidth-low', plant: inMpd(/ bandwidth="(\d+)"/, times(0.5)) },
  { defect: 'bandwidth doubled', rule: 'dash-bandwidth-high', plant: inMpd(/ bandwidth="(\d+)"/, times(2)) },
  {
    defect: 'a segment on another server',
    rule: 'uri-absolute',
    plant: inMpd(/media="[^"]*"/, 'media="http://127.0.0.1:1/a"'),
  },
  { defect: 'a folder out of the asset', rule: 'uri-outside', plant: inMpd('<BaseURL>', '<BaseURL>../../') },
  { defect: 'a segment that is not there', rule: 'object-missing', plant: inMpd(/media="[^"]*"/, 'media="gone.m4s"') },
  { defect: 'the MPD is gone', rule: 'object-missing', plant: (copy) => rmSync(copy.at(MPD)) },
  {
    defect: 'numbered segments',
    rule: 'dash-unread',
    plant: inMpd(/<SegmentList[^]*?<\/SegmentList>/, '<SegmentTemplate media="$Number$.m4s" duration="4"/>'),
  },
]
