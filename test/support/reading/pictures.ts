/** Poster, pictures and sprites: they decode, have the right shape, and the cues lie inside their sheets. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { probeJson } from '../run-program'
import { complaints } from './decoding'
import { runFolderOf } from './playlists'

interface Size {
  width: number
  height: number
}

const CUE =
  /^(\d{2,}):(\d{2}):(\d{2}\.\d{3}) --> (\d{2,}):(\d{2}):(\d{2}\.\d{3})\n([\w.-]+)#xywh=(\d+),(\d+),(\d+),(\d+)$/
/** Sizes are even, so the shape of small pictures is off by up to a pixel a side. */
const SHAPE_SLACK = 0.03

/** @param shape Width by height of the master as it is shown. */
export async function judgePictures(masterPath: string, lengthSeconds: number, shape: number): Promise<string[]> {
  const folder = join(runFolderOf(masterPath), 'thumbs')
  const sizes = new Map<string, Size>()
  const findings: string[] = []
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jpg'))) {
    const { streams } = await probeJson<{ streams: Size[] }>(join(folder, name), '-show_entries', 'stream=width,height')
    const [size] = streams
    if (size === undefined) {
      findings.push(`${name}: cannot be decoded`)
      continue
    }
    sizes.set(name, size)
    for (const line of await complaints(join(folder, name))) findings.push(`${name}: decoder says: ${line}`)
    const off = Math.abs(size.width / size.height / shape - 1)
    if (!name.startsWith('sprite-') && off > SHAPE_SLACK) findings.push(`${name}: shape ${size.width}x${size.height}`)
  }
  if (!sizes.has('poster.jpg')) findings.push('there is no poster')
  if (!sizes.has('00000.jpg')) findings.push('there is no picture')
  return [...findings, ...judgeCues(join(folder, 'sprites.vtt'), sizes, lengthSeconds)]
}

function judgeCues(file: string, sheets: ReadonlyMap<string, Size>, lengthSeconds: number): string[] {
  if (!existsSync(file)) return ['there are no sprite cues']
  const [title, ...blocks] = readFileSync(file, 'utf8').trim().split('\n\n')
  const findings = title === 'WEBVTT' ? [] : ['sprites.vtt is no WebVTT']
  let until = 0
  blocks.forEach((block, index) => {
    const cells = CUE.exec(block)?.slice(1)
    if (cells === undefined) return void findings.push(`cue ${index} cannot be read: ${block}`)
    const seconds = (from: number): number =>
      Number(cells[from]) * 3_600 + Number(cells[from + 1]) * 60 + Number(cells[from + 2])
    const [x, y, width, height] = cells.slice(7).map(Number) as [number, number, number, number]
    const sheet = sheets.get(cells[6] ?? '')
    if (Math.abs(seconds(0) - until) > 0.002)
      findings.push(`cue ${index} starts at ${seconds(0)}, the one before ends at ${until}`)
    if (seconds(3) <= seconds(0)) findings.push(`cue ${index} has no length`)
    if (sheet === undefined) findings.push(`cue ${index} names a missing sheet`)
    else if (x + width > sheet.width || y + height > sheet.height)
      findings.push(`cue ${index} lies outside of its sheet`)
    until = seconds(3)
  })
  if (Math.abs(until - lengthSeconds) > 0.05) findings.push(`cues end at ${until} s of ${lengthSeconds} s`)
  return findings
}
