/** Films in containers without an index, whose pictures are copied before they are cut: each by a name that says why. */
import { X264, type Film } from './films'

const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
const MPEG2 = ['-c:v', 'mpeg2video', '-b:v', '3M', '-g', '15', '-bf', '2']
const INTERLACED = ['-vf', 'interlace=scan=tff', '-flags', '+ildct+ilme', '-top', '1', ...MPEG2]
const MP2 = ['-c:a', 'mp2']
const FRAGMENTED = ['-movflags', 'frag_keyframe']

export const FILMS_WITHOUT_INDEX: readonly Film[] = [
  { file: 'b-frames.ts', rate: '25', words: [...X264, '-g', '60', '-bf', '3'] },
  {
    file: '29.97-open-gop.ts',
    rate: '30000/1001',
    words: [...X264, '-g', '60', '-x264-params', 'open-gop=1:bframes=3'],
  },
  { file: '23.976.ts', rate: '24000/1001', words: [...X264, '-g', '96'] },
  { file: 'interlaced.ts', rate: '50', words: INTERLACED, sound: MP2 },
  { file: 'interlaced.mpg', rate: '50', words: [...INTERLACED, '-f', 'vob'], sound: MP2 },
  { file: 'mpeg1.mpg', rate: '25', words: ['-c:v', 'mpeg1video', '-b:v', '2M', '-bf', '2'], sound: MP2 },
  { file: 'hevc.ts', rate: '25', words: [...HEVC, '-x265-params', 'log-level=error:keyint=50:open-gop=1'] },
  {
    // The decoder finds no keyframe for over a second, and then pictures that need those before.
    ...{ file: 'before-the-middle.ts', rate: '30000/1001' },
    words: [...X264, '-g', '60', '-x264-params', 'open-gop=1:bframes=3'],
    copy: { file: 'begins-in-the-middle.ts', seek: ['-ss', '1.1'], words: ['-copyinkf'] },
  },
  {
    // A clock of 33 bits at 90 kHz begins anew after 95443.7 s.
    ...{ file: 'before-the-wrap.ts', rate: '25', words: [...X264, '-g', '60', '-bf', '3'] },
    copy: { file: 'wraps.ts', words: ['-output_ts_offset', '95440', '-mpegts_copyts', '1'] },
  },
  {
    // The sound begins first.
    ...{ file: 'before-the-late-picture.mkv', rate: '25', words: [...X264, '-g', '50'] },
    copy: { file: 'late-picture.ts', words: ['-bsf:v', 'setts=pts=PTS+0.7/TB:dts=DTS+0.7/TB'] },
  },
  {
    // A careless muxer: pictures out of order have the times at which they are decoded.
    ...{ file: 'before-the-wrong-times.mkv', rate: '25', words: [...X264, '-g', '50'] },
    copy: { file: 'wrong-times.ts', words: ['-bsf:v', 'setts=ts=DTS'] },
  },
  { file: 'intra-refresh.ts', rate: '25', words: [...X264, '-x264-params', 'intra-refresh=1:keyint=40'] },
  { file: 'fragmented.mp4', rate: '25', words: [...X264, '-g', '60', '-bf', '3', ...FRAGMENTED] },
  {
    ...{ file: 'before-the-edit-list.mp4', rate: '29.97', words: [...X264, '-g', '75'] },
    copy: { file: 'fragmented-edit-list.mp4', seek: ['-ss', '1.48'], words: FRAGMENTED },
  },
]
