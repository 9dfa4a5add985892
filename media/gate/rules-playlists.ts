/** Rules on the texts of playlists and on what they name. */
import type { Rule } from './rule'

export const PLAYLIST_RULES = {
  'playlist-header': {
    severity: 'error',
    source: 'RFC 8216, 4.3.1.1; rfc8216bis, 4.4.1.1',
    meaning: 'a playlist begins with the line `#EXTM3U`, and has it once',
  },
  'playlist-text': {
    severity: 'error',
    source: 'RFC 8216, 4.1',
    meaning: 'a playlist is UTF-8 without a byte order mark and without control characters',
  },
  'playlist-limit': {
    severity: 'error',
    source: 'Gantry',
    meaning: 'a playlist has at most 8 MiB and 200,000 lines, an asset at most 500 media playlists',
  },
  'playlist-kind': {
    severity: 'error',
    source: 'RFC 8216, 4.1 and 4.3',
    meaning: 'tags of media playlists and of multivariant playlists are never mixed, and variants name media playlists',
  },
  'playlist-empty': {
    severity: 'error',
    source: 'RFC 8216, 4.1',
    meaning: 'a media playlist has a segment, a multivariant playlist a variant',
  },
  'tag-syntax': {
    severity: 'error',
    source: 'RFC 8216, 4.1 to 4.3',
    meaning: 'tags have the form and the type of value that they are defined with; URIs are well-formed',
  },
  'tag-duplicate': {
    severity: 'error',
    source: 'RFC 8216, 4.3.1.2 and 4.3.3',
    meaning: 'tags that describe the whole playlist stand once',
  },
  'tag-dangling': {
    severity: 'error',
    source: 'RFC 8216, 4.3.2.1 and 4.3.4.2',
    meaning: 'each EXTINF and each EXT-X-STREAM-INF is followed by its URI, and each URI has one before it',
  },
  'tag-version': {
    severity: 'error',
    source: 'RFC 8216, 7; rfc8216bis, 8',
    meaning: 'EXT-X-VERSION is not below what the tags and attributes in use need',
  },
  'tag-unknown': {
    severity: 'note',
    source: 'RFC 8216, 6.3.1',
    meaning: 'tags are of the specification; players pass over all others',
  },
  'attribute-syntax': {
    severity: 'error',
    source: 'RFC 8216, 4.2',
    meaning: 'attribute lists are NAME=value with commas between, strings in quotes, everything else without',
  },
  'attribute-duplicate': {
    severity: 'error',
    source: 'RFC 8216, 4.2',
    meaning: 'an attribute stands once in its list',
  },
  'attribute-missing': {
    severity: 'error',
    source: 'RFC 8216, 4.3.2.5, 4.3.4.1 and 4.3.4.2',
    meaning: 'required attributes are there',
  },
  'attribute-value': {
    severity: 'error',
    source: 'RFC 8216, 4.3',
    meaning: 'attributes have a value of their type, and one that goes with the others',
  },
  'target-missing': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.1',
    meaning: 'a media playlist has EXT-X-TARGETDURATION',
  },
  'target-exceeded': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.1; Apple HLS Authoring Specification, 7.7',
    meaning: 'no EXTINF, rounded to whole seconds, is above EXT-X-TARGETDURATION',
  },
  'target-uneven': {
    severity: 'warning',
    source: 'RFC 8216, 6.2.4; Apple HLS Authoring Specification, 8.2',
    meaning: 'all media playlists of picture and sound have the same target duration',
  },
  'end-missing': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.4 and 6.2.1',
    meaning: 'a media playlist of a finished asset ends with EXT-X-ENDLIST, else players wait for more',
  },
  'type-missing': {
    severity: 'note',
    source: 'RFC 8216, 4.3.3.5; Apple HLS Authoring Specification, 8.6',
    meaning: 'media playlists of a finished asset say EXT-X-PLAYLIST-TYPE:VOD',
  },
  'sequence-uneven': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.3.2 and 6.2.4',
    meaning: 'media playlists of one asset begin with the same media sequence number',
  },
  'independent-missing': {
    severity: 'note',
    source: 'RFC 8216, 4.3.5.1; Apple HLS Authoring Specification, 9.11 and 9.12',
    meaning: 'EXT-X-INDEPENDENT-SEGMENTS stands where all segments begin with a keyframe',
  },
  'group-unknown': {
    severity: 'error',
    source: 'RFC 8216, 4.3.4.2',
    meaning: 'each group that a variant names has a rendition of that type',
  },
  'group-unused': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2.1',
    meaning: 'each rendition is of a group that some variant names; nobody can choose another',
  },
  'group-names': {
    severity: 'error',
    source: 'RFC 8216, 4.3.4.1.1',
    meaning: 'names differ within a group, and at most one rendition of it is the default',
  },
  'group-uneven': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.1.1',
    meaning: 'groups of one type have renditions of the same names',
  },
  'variant-duplicate': {
    severity: 'warning',
    source: 'RFC 8216, 4.3.4.2',
    meaning: 'a variant is listed once: another line has another URI or another group',
  },
  'iframes-kind': {
    severity: 'error',
    source: 'RFC 8216, 4.3.3.6 and 4.3.4.3',
    meaning: 'what EXT-X-I-FRAME-STREAM-INF names has EXT-X-I-FRAMES-ONLY, and no variant or rendition has',
  },
  'iframes-attributes': {
    severity: 'note',
    source: 'RFC 8216, 4.3.4.3',
    meaning: 'EXT-X-I-FRAME-STREAM-INF has no FRAME-RATE and no group',
  },
  'uri-outside': {
    severity: 'error',
    source: 'Gantry; RFC 8216, 9',
    meaning: 'what a playlist names lies in the folder of the multivariant playlist or below, links included',
  },
  'uri-absolute': {
    severity: 'error',
    source: 'Gantry',
    meaning: 'URIs are relative, so that an asset can be moved and names no other server',
  },
  'object-missing': {
    severity: 'error',
    source: 'RFC 8216, 6.2.1',
    meaning: 'what a playlist or the asset record names is there',
  },
  'object-size': {
    severity: 'error',
    source: 'Gantry',
    meaning: 'objects have as many bytes as were recorded when they were written',
  },
  'object-checksum': {
    severity: 'error',
    source: 'Gantry',
    meaning: 'objects have the SHA-256 that was recorded when they were written',
  },
  'range-outside': {
    severity: 'error',
    source: 'RFC 8216, 4.3.2.2',
    meaning: 'byte ranges lie within their resource, and one without an offset follows another of the same resource',
  },
  'segment-repeated': {
    severity: 'warning',
    source: 'RFC 8216, 3',
    meaning: 'no segment of picture or sound stands twice in a playlist',
  },
  'record-differs': {
    severity: 'error',
    source: 'Gantry',
    meaning:
      "an asset's own record (asset.json) and its playlists tell of the same renditions, segments, samples and bytes",
  },
} as const satisfies Record<string, Rule>
