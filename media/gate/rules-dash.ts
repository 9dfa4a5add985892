/** Rules that hold an MPD against the media and against the playlists of the same asset. */
import type { Rule } from './rule'

export const DASH_RULES = {
  'dash-xml': {
    severity: 'error',
    source: 'XML 1.0 (Fifth Edition); ISO/IEC 23009-1:2022, 5.3.1',
    meaning:
      'an MPD is well-formed XML in its namespace, of at most 32 MiB and a million tags, without a document type',
  },
  'dash-attribute': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.1 to 5.3.9 and annex B',
    meaning: 'required elements and attributes are there, with a value of their type',
  },
  'dash-unread': {
    severity: 'note',
    source: 'Gantry',
    meaning:
      'an MPD is of one finished Period, each Representation with a SegmentList and a SegmentTimeline; others are not read',
  },
  'dash-ids': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.5.2',
    meaning: 'the ids of Representations differ within a Period',
  },
  'dash-renditions': {
    severity: 'error',
    source: 'Gantry; ISO/IEC 23000-19 (one presentation, two manifests)',
    meaning: 'the MPD and the playlists offer the same renditions, with the same init segments and segments',
  },
  'dash-duration': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.1.2',
    meaning:
      'mediaPresentationDuration is the time from the first picture to the end of the last one, else of the sound, to 0.1 s',
  },
  'dash-longest': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.1.2',
    meaning: 'no segment is longer than maxSegmentDuration',
  },
  'dash-offset': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.9.2; DASH-IF IOP 4.3',
    meaning:
      'presentationTimeOffset is the same time in all Representations, and the picture, else the sound, begins there',
  },
  'dash-timeline': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.9.6',
    meaning: 'a SegmentTimeline has a time for each segment, without gap or overlap, and the durations of the playlist',
  },
  'dash-times': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.9.6 and 7.2.1',
    meaning: 'segments begin at the times that the SegmentTimeline says, to 2 ms',
  },
  'dash-alignment': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.3.2 (segmentAlignment)',
    meaning:
      'in a set with segmentAlignment all Representations have as many segments, which begin at the same times, to 2 ms',
  },
  'dash-codecs': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.7.2; RFC 6381, 3.3',
    meaning: 'codecs is what the init segment says',
  },
  'dash-picture': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.7.2',
    meaning: 'width and height are those of the picture in the init segment, as coded or as shown',
  },
  'dash-rate': {
    severity: 'warning',
    source: 'ISO/IEC 23009-1:2022, 5.3.7.2',
    meaning: 'frameRate is the FRAME-RATE of the variant, to a thousandth of a picture',
  },
  'dash-colour': {
    severity: 'error',
    source: 'ISO/IEC 23091-1 (names); ISO/IEC 23091-2, 8.2',
    meaning: 'TransferCharacteristics are those of the init segment; without any SDR',
  },
  'dash-channels': {
    severity: 'warning',
    source: 'ISO/IEC 23009-1:2022, 5.8; ISO/IEC 23091-3',
    meaning: 'AudioChannelConfiguration is what the init segment says',
  },
  'dash-bandwidth-low': {
    severity: 'error',
    source: 'ISO/IEC 23009-1:2022, 5.3.5.2',
    meaning: 'at bandwidth no segment comes late once the longest one could be loaded; 10 % is tolerated',
  },
  'dash-bandwidth-high': {
    severity: 'warning',
    source: 'ISO/IEC 23009-1:2022, 5.3.5.2',
    meaning: 'bandwidth is at most 10 % above what is needed; players avoid what looks too large',
  },
} as const satisfies Record<string, Rule>
