/** The MP4 of each rung: starts at once, decodes, and holds all pictures and the sound. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { probeJson } from '../run-program'
import { topBoxes } from './boxes'
import { complaints } from './decoding'
import { runFolderOf, type ReadVariant } from './playlists'
import type { MasterTruth } from './source'

interface Starts {
  streams: { codec_type: string; start_time?: string; nb_read_packets?: string }[]
}

const APART_SLACK_SECONDS = 0.001

export async function judgeMp4s(
  masterPath: string,
  variants: readonly ReadVariant[],
  truth: MasterTruth,
): Promise<string[]> {
  const findings: string[] = []
  for (const { id } of variants) {
    const file = join(runFolderOf(masterPath), 'mp4', `${id}.mp4`)
    if (existsSync(file)) findings.push(...(await judgeMp4(file, truth)))
    else findings.push(`${id}: there is no MP4`)
  }
  return findings
}

async function judgeMp4(file: string, { pictures, soundEndSeconds }: MasterTruth): Promise<string[]> {
  const name = basename(file)
  const findings = (await complaints(file)).map((line) => `${name}: decoder says: ${line}`)
  const order = topBoxes(file)
  const [index, data] = [order.indexOf('moov'), order.indexOf('mdat')]
  if (index < 0 || index > data) findings.push(`${name}: moov is not first`)

  const { streams } = await probeJson<Starts>(file, '-count_packets', '-show_streams')
  const video = streams.find((stream) => stream.codec_type === 'video')
  const sound = streams.find((stream) => stream.codec_type === 'audio')
  const count = Number(video?.nb_read_packets ?? 0)
  if (count !== pictures) findings.push(`${name}: ${count} pictures, the master decodes to ${pictures}`)
  if ((soundEndSeconds === null) !== (sound === undefined)) {
    findings.push(`${name}: sound is ${sound ? 'there' : 'missing'}`)
  }
  const apart = Math.abs(Number(video?.start_time ?? 0) - Number(sound?.start_time ?? 0))
  if (video && sound && apart > APART_SLACK_SECONDS) {
    findings.push(`${name}: picture and sound start ${apart.toFixed(3)} s apart`)
  }
  return findings
}
