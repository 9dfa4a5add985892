/** Where in the stored segments the fragments of the kept tables are: one after the other, to the byte. */
import type { StoredSegment } from '../core/contract/markers'
import { invalid } from '../media/mp4/boxes'

export interface FragmentPlace {
  segment: StoredSegment
  /** Of the segment, among those given. */
  index: number
  /** Of the fragment's first byte, in the segment. */
  start: number
}

export interface FragmentPlaces {
  /** @throws FFMPEG_OUTPUT_INVALID for a fragment that does not fit. */
  next(bytes: number): FragmentPlace
  /** @throws FFMPEG_OUTPUT_INVALID when some segment is not full. */
  end(): void
}

export function fragmentPlaces(segments: readonly StoredSegment[]): FragmentPlaces {
  let index = 0
  let filled = 0
  return {
    next: (bytes) => {
      const segment = segments[index]
      if (segment === undefined || filled + bytes > segment.bytes) {
        throw invalid('the kept tables are of other segments than those that were stored')
      }
      const place = { segment, index, start: filled }
      filled += bytes
      if (filled === segment.bytes) {
        index += 1
        filled = 0
      }
      return place
    },
    end: () => {
      if (index < segments.length) {
        throw invalid(`the kept tables end before segment ${index + 1} of ${segments.length}`)
      }
    },
  }
}
