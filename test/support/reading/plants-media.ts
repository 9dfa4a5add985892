/** Defects of segments, MP4s and pictures, each with what the judge has to say of it. */
import { cpSync, renameSync, rmSync } from 'node:fs'
import { runFfmpeg, segmentOf, withoutSegment, type Copy, type Plant } from './plant'

const MASTER = 'master.m3u8'
const VIDEO = 'r1/video/240p/playlist.m3u8'
const SOUND = 'r1/audio/audio/playlist.m3u8'
const CUES = 'r1/thumbs/sprites.vtt'
const MP4 = 'r1/mp4/240p.mp4'

export const inSegments: Plant[] = [
  {
    defect: 'two segments that changed places',
    plant: (copy) => {
      const [first, second] = [0, 1].map((index) => copy.at(segmentOf(copy, VIDEO, index)))
      renameSync(first ?? '', `${first}.was`)
      renameSync(second ?? '', first ?? '')
      renameSync(`${first}.was`, second ?? '')
    },
    finding: /240p: segment 0 is off the grid/,
  },
  {
    defect: 'a segment of another rung',
    plant: (copy) =>
      cpSync(copy.at(segmentOf(copy, 'r1/video/360p/playlist.m3u8', 1)), copy.at(segmentOf(copy, VIDEO, 1))),
    finding: /240p: decoder says/,
  },
  {
    defect: 'a truncated segment',
    plant: (copy) => copy.patch(segmentOf(copy, VIDEO, 1), (bytes) => bytes.subarray(0, bytes.length / 2)),
    finding: /240p: decodes to \d+ pictures, the master to 90/,
  },
  {
    defect: 'a segment whose pictures are overwritten',
    plant: (copy) =>
      copy.patch(segmentOf(copy, VIDEO, 1), (bytes) =>
        bytes.fill(0x55, bytes.indexOf('mdat') + 200, bytes.length - 50),
      ),
    finding: /240p: decoder says/,
  },
  {
    defect: 'a segment that starts a picture late',
    plant: (copy) => copy.patch(segmentOf(copy, VIDEO, 1), (bytes) => later(bytes, 1_000)),
    finding: /240p: segment 1 is off the grid/,
  },
  {
    defect: 'a segment that is no keyframe by its container',
    plant: (copy) => copy.patch(segmentOf(copy, VIDEO, 1), withoutSync),
    finding: /240p: segment 1 does not start with a keyframe/,
  },
  {
    defect: 'a segment that is no keyframe by its stream',
    plant: (copy) => copy.patch(segmentOf(copy, VIDEO, 1), withoutIdr),
    finding: /240p: segment 1 does not start with a keyframe/,
  },
  {
    defect: 'a wrong EXTINF',
    plant: (copy) => copy.edit(VIDEO, (text) => text.replace('EXTINF:4.000000', 'EXTINF:3.990000')),
    finding: /240p: segment 0 lasts 4 s, EXTINF says 3\.99/,
  },
  {
    defect: 'a wrong EXTINF of the last segment',
    plant: (copy) => copy.edit(VIDEO, (text) => text.replace('EXTINF:1.000000', 'EXTINF:1.400000')),
    finding: /240p: the last picture is shown for 0\.5\d* s by EXTINF/,
  },
  {
    defect: 'a last segment that only one rung lacks',
    plant: (copy) => copy.edit(VIDEO, (text) => withoutSegment(text, 2)),
    finding: /240p: 80 pictures, the master decodes to 90/,
  },
]

/** Adds to the 64-bit base time of every track fragment. Source: ISO 14496-12, 8.8.12. */
export function later(bytes: Buffer, ticks: number): Buffer {
  for (let at = bytes.indexOf('tfdt'); at >= 0; at = bytes.indexOf('tfdt', at + 4)) {
    if (bytes[at + 4] !== 1) throw new Error('the base time is not of version 1')
    bytes.writeBigUInt64BE(bytes.readBigUInt64BE(at + 8) + BigInt(ticks), at + 8)
  }
  return bytes
}

/** Marks the first sample as dependent in the container. Source: ISO 14496-12, 8.8.3.1. */
export function withoutSync(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from([2, 0, 0, 0]), bytes.indexOf('trun'))
  if (at < 0 || at > bytes.indexOf('mdat')) throw new Error('no flags of a keyframe')
  bytes.writeUInt32BE(0x01_01_00_00, at)
  return bytes
}

/** Makes its IDR slices plain ones, and leaves the container as it is. Source: ITU-T H.264, table 7-1. */
export function withoutIdr(bytes: Buffer): Buffer {
  for (let at = bytes.indexOf('mdat') + 4; at + 5 < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    if (bytes.readUInt8(at + 4) % 32 === 5) bytes.writeUInt8(bytes.readUInt8(at + 4) - 4, at + 4)
  }
  return bytes
}

export const inSound: Plant[] = [
  {
    defect: 'sound that ends early',
    plant: (copy) => copy.edit(SOUND, (text) => withoutSegment(text, 2)),
    finding: /sound lasts 8\.\d+ s, the master's ends at 9\.\d+ s/,
  },
  {
    defect: 'sound with a hole in the middle',
    plant: (copy) => copy.edit(SOUND, (text) => withoutSegment(text, 1)),
    finding: /audio: segment 0 lasts 8\.192 s, EXTINF says 4\.096/,
  },
  {
    defect: 'sound that is not offered',
    plant: (copy) => copy.edit(MASTER, (text) => text.replace(/#EXT-X-MEDIA.*\n/, '').replaceAll(',AUDIO="audio"', '')),
    finding: /0 sound renditions/,
  },
  {
    defect: 'a cut sound segment',
    plant: (copy) => copy.patch(segmentOf(copy, SOUND, 1), (bytes) => bytes.subarray(0, bytes.length / 2)),
    finding: /the sound lasts 6\.\d+ s, the master's ends at 9\.\d+ s/,
  },
]

export const inMp4s: Plant[] = [
  {
    defect: 'an MP4 with moov last',
    plant: async (copy) => {
      await runFfmpeg('-i', copy.at(MP4), '-c', 'copy', copy.at('slow.mp4'))
      renameSync(copy.at('slow.mp4'), copy.at(MP4))
    },
    finding: /240p\.mp4: moov is not first/,
  },
  {
    defect: 'an MP4 without sound',
    plant: (copy) => again(copy, '-an'),
    finding: /240p\.mp4: sound is missing/,
  },
  {
    defect: 'an MP4 that ends early',
    plant: (copy) => again(copy, '-t', '5'),
    finding: /240p\.mp4: \d+ pictures, the master decodes to 90/,
  },
  {
    defect: 'an MP4 whose sound comes late',
    plant: (copy) => again(copy, '-itsoffset', '0.3', '-i', copy.at(MP4), '-map', '0:v', '-map', '1:a'),
    finding: /240p\.mp4: picture and sound start 0\.\d+ s apart/,
  },
  {
    defect: 'a missing MP4',
    plant: (copy) => rmSync(copy.at(MP4)),
    finding: /240p: there is no MP4/,
  },
]

/** Writes the MP4 again, moov first, with other words. */
async function again(copy: Copy, ...words: string[]): Promise<void> {
  await runFfmpeg('-i', copy.at(MP4), ...words, '-c', 'copy', '-movflags', 'faststart', copy.at('again.mp4'))
  renameSync(copy.at('again.mp4'), copy.at(MP4))
}

export const inPictures: Plant[] = [
  {
    defect: 'a cue outside of its sheet',
    plant: (copy) => copy.edit(CUES, (text) => text.replace('xywh=640,0', 'xywh=6400,0')),
    finding: /cue 4 lies outside of its sheet/,
  },
  {
    defect: 'cues with a hole',
    plant: (copy) => copy.edit(CUES, (text) => text.replace(/00:00:02\.000 -->.*\n.*\n\n/, '')),
    finding: /cue 1 starts at 4, the one before ends at 2/,
  },
  {
    defect: 'cues that end early',
    plant: (copy) => copy.edit(CUES, (text) => text.replace(/\n\n00:00:08\.000[\s\S]*/, '\n')),
    finding: /cues end at 8 s of 9 s/,
  },
  {
    defect: 'a deleted sheet',
    plant: (copy) => rmSync(copy.at('r1/thumbs/sprite-00000.jpg')),
    finding: /cue 0 names a missing sheet/,
  },
  {
    defect: 'a deleted poster',
    plant: (copy) => rmSync(copy.at('r1/thumbs/poster.jpg')),
    finding: /there is no poster/,
  },
  {
    defect: 'a poster of another shape',
    plant: (copy) =>
      runFfmpeg('-f', 'lavfi', '-i', 'color=s=480x360', '-frames:v', '1', copy.at('r1/thumbs/poster.jpg')),
    finding: /poster\.jpg: shape 480x360/,
  },
  {
    defect: 'a cut poster',
    plant: (copy) => copy.patch('r1/thumbs/poster.jpg', (bytes) => bytes.subarray(0, bytes.length / 2)),
    finding: /poster\.jpg: decoder says/,
  },
  {
    defect: 'a cut sheet',
    plant: (copy) => copy.patch('r1/thumbs/sprite-00000.jpg', (bytes) => bytes.subarray(0, bytes.length / 2)),
    finding: /sprite-00000\.jpg: decoder says/,
  },
]
