/** Defects of playlists, each with what the judge has to say of it. */
import { cpSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { segmentOf, type Plant } from './plant'

const MASTER = 'master.m3u8'
const VIDEO = 'r1/video/240p/playlist.m3u8'

export const inPlaylists: Plant[] = [
  {
    defect: 'a deleted segment',
    plant: (copy) => rmSync(copy.at(segmentOf(copy, VIDEO, 1))),
    finding: /00001\.m4s is missing/,
  },
  {
    defect: 'a deleted media playlist',
    plant: (copy) => rmSync(copy.at(VIDEO)),
    finding: /playlist\.m3u8 is missing/,
  },
  {
    defect: 'a segment outside of the asset',
    plant: (copy) => {
      cpSync(copy.at(segmentOf(copy, VIDEO, 1)), join(dirname(copy.at('.')), 'stray.m4s'))
      copy.edit(VIDEO, (text) => text.replace(/^.*00001\.m4s$/m, '../../../../stray.m4s'))
    },
    finding: /stray\.m4s is outside of the asset/,
  },
  {
    defect: 'a media playlist outside of the asset',
    plant: (copy) => {
      cpSync(copy.at('r1'), join(dirname(copy.at('.')), 'stray'), { recursive: true })
      copy.edit(MASTER, (text) => text.replace('r1/video/240p', '../stray/video/240p'))
    },
    finding: /stray.* is outside of the asset/,
  },
  {
    defect: 'a link out of the asset',
    plant: (copy) => {
      const segment = copy.at(segmentOf(copy, VIDEO, 1))
      renameSync(segment, join(dirname(copy.at('.')), 'stray.m4s'))
      symlinkSync(join(dirname(copy.at('.')), 'stray.m4s'), segment)
    },
    finding: /00001\.m4s is outside of the asset/,
  },
  {
    defect: 'a playlist without an end',
    plant: (copy) => copy.edit(VIDEO, (text) => text.replace('#EXT-X-ENDLIST', '')),
    finding: /has no end/,
  },
  {
    defect: 'a target duration that is too short',
    plant: (copy) => copy.edit(VIDEO, (text) => text.replace('TARGETDURATION:4', 'TARGETDURATION:3')),
    finding: /EXTINF duration, when rounded to the nearest integer, MUST be/,
  },
  {
    defect: 'BANDWIDTH halved',
    plant: (copy) =>
      copy.edit(MASTER, (text) => text.replace(/:BANDWIDTH=(\d+)/, (_, bps) => halved('BANDWIDTH', bps))),
    finding: /360p: BANDWIDTH \d+, peak is/,
  },
  {
    defect: 'BANDWIDTH an eighth too high',
    plant: (copy) =>
      copy.edit(MASTER, (text) =>
        text.replace(/:BANDWIDTH=(\d+)/, (_, bps) => `:BANDWIDTH=${Math.ceil(Number(bps) * 1.125)}`),
      ),
    finding: /360p: BANDWIDTH \d+, peak is/,
  },
  {
    defect: 'AVERAGE-BANDWIDTH halved',
    plant: (copy) =>
      copy.edit(MASTER, (text) =>
        text.replace(/,AVERAGE-BANDWIDTH=(\d+)/, (_, bps) => halved('AVERAGE-BANDWIDTH', bps)),
      ),
    finding: /360p: AVERAGE-BANDWIDTH \d+, it is/,
  },
  {
    defect: 'a wrong RESOLUTION',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace('426x240', '428x240')),
    finding: /240p: RESOLUTION 428x240, it is 426x240/,
  },
  {
    defect: 'CODECS with another profile',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace('avc1.640015', 'avc1.4d4015')),
    finding: /240p: CODECS avc1\.4d4015/,
  },
  {
    defect: 'CODECS with another level',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace('avc1.640015', 'avc1.640029')),
    finding: /240p: CODECS avc1\.640029/,
  },
  {
    defect: 'CODECS that leave the sound out',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace('640015,mp4a.40.2', '640015')),
    finding: /240p: CODECS avc1\.640015/,
  },
]

function halved(name: string, bps: string): string {
  return `${name === 'BANDWIDTH' ? ':' : ','}${name}=${Math.round(Number(bps) / 2)}`
}
