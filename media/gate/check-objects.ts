/** Rules on what playlists name: is it there, and is it what was written? */
import { measureOf, type GateAsset, type GateTrack } from './asset'
import type { Report } from './findings'

export function checkObjects(asset: GateAsset, report: Report): void {
  const { objects } = asset.description
  const named = namedObjects(asset)
  for (const [path, where] of named) {
    if (objects.get(path) === null) report('object-missing', where, `${path} is not there`)
    else if (objects.get(path)?.bytes === 0) report('object-size', where, `${path} is empty`)
  }
  checkRanges(asset, report)
  checkRecorded(asset, named, report)
  checkExpected(asset, report)
}

/** Each with the first line that names it. */
function namedObjects({ multivariant, tracks, iFrames }: GateAsset): Map<string, string> {
  const named = new Map<string, string>()
  const add = (path: string | null, where: string): void => {
    if (path !== null && !named.has(path)) named.set(path, where)
  }
  for (const { path, line } of [
    ...(multivariant?.variants ?? []),
    ...(multivariant?.renditions ?? []),
    ...(multivariant?.iFrames ?? []),
  ]) {
    add(path, `${multivariant?.path ?? ''}:${line}`)
  }
  for (const { playlist } of [...tracks, ...iFrames]) {
    for (const { path, line, init } of playlist.segments) {
      add(path, `${playlist.path}:${line}`)
      if (init !== null) add(init.path, `${playlist.path}:${init.line}`)
    }
  }
  return named
}

function checkRanges({ description, tracks, iFrames }: GateAsset, report: Report): void {
  for (const { playlist } of [...tracks, ...iFrames]) {
    for (const { path, range, line } of playlist.segments.flatMap((one) => [one, ...(one.init ? [one.init] : [])])) {
      const bytes = path === null ? undefined : description.objects.get(path)?.bytes
      if (range === null || bytes === undefined || range.offset + range.bytes <= bytes) continue
      const end = `${range.offset + range.bytes}`
      report('range-outside', `${playlist.path}:${line}`, `the range ends at ${end}, ${path ?? ''} has ${bytes} bytes`)
    }
  }
}

function checkRecorded(
  { description: { recorded, objects } }: GateAsset,
  named: ReadonlyMap<string, string>,
  report: Report,
): void {
  for (const [path, { bytes, sha256 }] of recorded) {
    const found = objects.get(path)
    if (found === null && !named.has(path)) report('object-missing', path, 'it is recorded and not there')
    if (found === null || found === undefined) continue
    if (found.bytes !== bytes) report('object-size', path, `it has ${found.bytes} bytes, ${bytes} were recorded`)
    else if (sha256 !== undefined && found.sha256 !== undefined && sha256 !== found.sha256) {
      report('object-checksum', path, `its SHA-256 is ${found.sha256}, ${sha256} was recorded`)
    }
  }
}

function checkExpectedIFrames({ description, multivariant }: GateAsset, report: Report): void {
  for (const path of description.expected?.iFrames ?? []) {
    if (multivariant === null || multivariant.iFrames.some((stream) => stream.path === path)) continue
    report('record-differs', path, 'the record of the asset names this I-frame playlist, the playlists do not')
  }
}

/** Of playlists that were read: what cannot be read is told elsewhere. */
function checkExpected(asset: GateAsset, report: Report): void {
  const { description, tracks } = asset
  checkExpectedIFrames(asset, report)
  for (const { playlist: path, segments, bytes, samples } of description.expected?.renditions ?? []) {
    const track = tracks.find(({ playlist }) => playlist.path === path)
    if (track === undefined) {
      if (description.playlists.has(path) || asset.multivariant !== null) {
        report('record-differs', path, 'the record of the asset names this rendition, the playlists do not')
      }
      continue
    }
    const found = track.playlist.segments
    if (segments !== undefined && found.length !== segments) {
      report('record-differs', path, `it has ${found.length} segments, ${segments} were recorded`)
    }
    const sizes = found.map((one) => (one.path === null ? null : (description.objects.get(one.path)?.bytes ?? null)))
    const total = sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0)
    if (bytes !== undefined && total !== null && total !== bytes && found.length === segments) {
      report('object-size', path, `its segments have ${total} bytes together, ${bytes} were recorded`)
    }
    const measured = found.length === segments ? samplesOf(track) : null
    if (samples !== undefined && measured !== null && measured !== samples) {
      report('record-differs', path, `its segments have ${measured} samples together, ${samples} were recorded`)
    }
  }
}

/** Null where a segment was not measured. */
function samplesOf(track: GateTrack): number | null {
  const measures = track.playlist.segments.map((_, index) => measureOf(track, index))
  return measures.reduce<number | null>(
    (sum, one) => (sum === null || one === null ? null : sum + one.samples),
    measures.length === 0 ? null : 0,
  )
}
