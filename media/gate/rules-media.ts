/** Rules that hold playlists against the media. */
import type { Rule } from './rule'

export const MEDIA_RULES = {
  'init-missing': {
    severity: 'error',
    source: 'RFC 8216, 3.3 and 4.3.2.5; Apple HLS Authoring Specification, 8.20',
    meaning: 'fragmented MP4 segments have an EXT-X-MAP before them',
  },
  'init-unreadable': {
    severity: 'error',
    source: 'RFC 8216, 3.3; ISO/IEC 23000-19 (CMAF header)',
    meaning: 'an init segment is ftyp and moov with tracks in a codec that can be read',
  },
  'init-differs': {
    severity: 'error',
    source: 'RFC 8216, 4.3.2.3',
    meaning: 'codec, time scale and kind of tracks change only at a discontinuity',
  },
  'init-kind': {
    severity: 'error',
    source: 'RFC 8216, 4.3.4.1 and 4.3.4.2',
    meaning: 'a sound rendition has sound in it, and a variant with a RESOLUTION has a picture',
  },
  'segment-unreadable': {
    severity: 'error',
    source: 'RFC 8216, 3; ISO/IEC 14496-12, 8.8',
    meaning: 'the boxes or packets of a segment are whole, and of the tracks of its init segment',
  },
  'segment-decode': {
    severity: 'error',
    source: 'RFC 8216, 3',
    meaning: 'a decoder reads a segment without a complaint, and finds the samples that its tables name (--deep)',
  },
  'segment-keyframe': {
    severity: 'error',
    source: 'RFC 8216, 4.3.5.1; Apple HLS Authoring Specification, 7.4',
    meaning: 'each segment with a picture begins with a keyframe',
  },
  'segment-text': {
    severity: 'error',
    source: 'RFC 8216, 3.5',
    meaning: 'a segment of subtitles is a WebVTT file',
  },
  'segment-order': {
    severity: 'error',
    source: 'RFC 8216, 3; Apple HLS Authoring Specification, 7.3',
    meaning: 'each segment begins later than the one before it, but at a discontinuity',
  },
  'duration-segment': {
    severity: 'error',
    source: 'RFC 8216, 4.3.2.1; Apple HLS Authoring Specification, 8.1',
    meaning: 'EXTINF is what the segment lasts, to 0.1 s or two samples',
  },
  'duration-sum': {
    severity: 'warning',
    source: 'Apple HLS Authoring Specification, 8.1',
    meaning: 'EXTINF durations add up to the measured time, to one sample or 10 ms, at every segment',
  },
  'timeline-gap': {
    severity: 'warning',
    source: 'Apple HLS Authoring Specification, 7.1 and 7.3',
    meaning: 'a segment begins where the one before it ends',
  },
  'timeline-overlap': {
    severity: 'error',
    source: 'RFC 8216, 3; Apple HLS Authoring Specification, 7.3; ISO/IEC 14496-12, 8.8.12',
    meaning: 'no segment is decoded before the one before it ends, by more than 0.1 s or two samples',
  },
  'discontinuity-missing': {
    severity: 'error',
    source: 'RFC 8216, 4.3.2.3; Apple HLS Authoring Specification, 8.13',
    meaning: 'a jump of the timestamps by more than a target duration is marked by EXT-X-DISCONTINUITY',
  },
  'discontinuity-needless': {
    severity: 'note',
    source: 'RFC 8216, 4.3.2.3',
    meaning: 'EXT-X-DISCONTINUITY stands only where timestamps or coding do not go on',
  },
  'discontinuity-uneven': {
    severity: 'error',
    source: 'RFC 8216, 6.2.4; Apple HLS Authoring Specification, 8.15',
    meaning: 'playlists of picture and sound have as many discontinuities, at the same times',
  },
  'grid-differs': {
    severity: 'error',
    source: 'RFC 8216, 6.2.4; ISO/IEC 23000-19 (switching sets); Apple HLS Authoring Specification, 8.22',
    meaning: 'all pictures have as many segments, which begin at the same times, to 2 ms',
  },
  'frames-differ': {
    severity: 'warning',
    source: 'Gantry',
    meaning: 'rungs of one picture rate have the same number of pictures in each segment',
  },
  'bandwidth-low': {
    severity: 'error',
    source: 'RFC 8216, 4.1 and 4.3.4.2; Apple HLS Authoring Specification, 1.27 and 9.13',
    meaning: 'BANDWIDTH is not below the measured peak of picture and largest sound; 10 % is tolerated',
  },
  'bandwidth-high': {
    severity: 'warning',
    source: 'Apple HLS Authoring Specification, 1.27',
    meaning: 'BANDWIDTH is at most 10 % above the measured peak; players avoid what looks too large',
  },
  'bandwidth-average': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2; Apple HLS Authoring Specification, 1.26',
    meaning: 'AVERAGE-BANDWIDTH is within 10 % of the measured average',
  },
  'bandwidth-average-missing': {
    severity: 'note',
    source: 'Apple HLS Authoring Specification, 9.14',
    meaning: 'variants have AVERAGE-BANDWIDTH',
  },
  'codecs-missing': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2; Apple HLS Authoring Specification, 9.1',
    meaning: 'variants have CODECS',
  },
  'codecs-differ': {
    severity: 'error',
    source: 'RFC 8216, 4.3.4.2; RFC 6381, 3.3; ISO/IEC 14496-15, annex E',
    meaning: 'CODECS names just what the init segments of picture and sound say, profile and level included',
  },
  'resolution-differs': {
    severity: 'error',
    source: 'RFC 8216, 4.3.4.2; Apple HLS Authoring Specification, 9.2',
    meaning: 'RESOLUTION is the size of the picture in the init segment, as coded or as shown',
  },
  'resolution-missing': {
    severity: 'warning',
    source: 'Apple HLS Authoring Specification, 9.2',
    meaning: 'variants with a picture have RESOLUTION',
  },
  'rate-low': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2',
    meaning: 'FRAME-RATE is not below the pictures a second that are there',
  },
  'rate-high': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2',
    meaning: 'FRAME-RATE is not more than 10 % above the shortest time between two pictures',
  },
  'rate-missing': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2; Apple HLS Authoring Specification, 9.15',
    meaning: 'variants with a picture have FRAME-RATE',
  },
  'range-differs': {
    severity: 'error',
    source: 'rfc8216bis, 4.4.6.2; Apple HLS Authoring Specification, 9.16',
    meaning: 'VIDEO-RANGE is what the init segment says of the transfer of the picture; without it SDR',
  },
  'sound-missing': {
    severity: 'error',
    source: 'RFC 8216, 4.3.4.2',
    meaning: 'where CODECS or the plan names sound, every variant with a picture has some',
  },
  'sound-length': {
    severity: 'warning',
    source: 'Apple HLS Authoring Specification, 8.3 and 8.7',
    meaning: 'sound ends with the picture, to a second',
  },
  'sound-start': {
    severity: 'warning',
    source: 'RFC 8216, 6.2.4; Apple HLS Authoring Specification, 8.7',
    meaning: 'sound begins with the picture, to 0.1 s',
  },
  'sound-channels': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.1',
    meaning: 'CHANNELS is what the init segment says',
  },
  'captions-length': {
    severity: 'warning',
    source: 'Apple HLS Authoring Specification, 5.5',
    meaning: 'subtitles last as long as the picture, to a target duration',
  },
  'iframes-start': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.6; ISO/IEC 14496-12, 8.8.4',
    meaning: 'the range of an I-frame begins at a fragment of the track of its init segment',
  },
  'iframes-cut': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.6',
    meaning: 'the range of an I-frame holds the tables of its fragment and all of its first picture',
  },
  'iframes-keyframe': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.6',
    meaning: 'the picture of an I-frame can be decoded without any other',
  },
  'iframes-order': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.6',
    meaning: 'each I-frame is shown later than the one before it, and stands once',
  },
  'iframes-duration': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.6',
    meaning: 'EXTINF of an I-frame is the time to the next one, to 0.1 s',
  },
  'iframes-length': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.3.6',
    meaning: 'I-frames last as long together as the variant, to half a second',
  },
  'iframes-bandwidth': {
    severity: 'warning',
    source: 'RFC 8216, 4.1, 4.3.4.2 and 4.3.4.3',
    meaning: 'BANDWIDTH and AVERAGE-BANDWIDTH of I-frames are what is measured, to 10 %, with or without the last one',
  },
  'iframes-variant': {
    severity: 'warning',
    source: 'Gantry',
    meaning: 'I-frames have CODECS and RESOLUTION of a variant',
  },
  'iframes-sound': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.3',
    meaning: 'I-frames have no sound: CODECS names none, and the init segment has none',
  },
  'media-unmeasured': {
    severity: 'note',
    source: 'Gantry',
    meaning: 'segments were measured; else what was found rests on the playlists and sizes alone',
  },
} as const satisfies Record<string, Rule>
