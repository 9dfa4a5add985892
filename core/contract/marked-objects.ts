import type { Marker, StoredObject, TrackOutput } from './markers'

/** What a part has stored below its run's output, by its marker. */
export function objectsOf(marker: Marker): StoredObject[] {
  switch (marker.kind) {
    case 'video-piece':
      return marker.tracks.flatMap(trackObjects)
    case 'audio':
      return marker.track === null ? [] : trackObjects(marker.track)
    case 'captions':
      return marker.tracks.flatMap(({ file, segments, none }) => [file, ...segments, none])
    case 'mp4':
      return marker.object === null ? [] : [marker.object]
    case 'thumbnails':
      return [marker.poster, ...marker.images, ...marker.sprites, marker.cues]
    case 'remux':
    case 'join':
    case 'publish':
      return []
  }
}

function trackObjects({ init, segments, tables = [] }: TrackOutput): StoredObject[] {
  return [init, ...segments, ...tables]
}
