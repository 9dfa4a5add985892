/** What came of a variety against what must: findings as sentences, none when all is right. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readByMediabunny, readRendition, type ReadPicture } from '../reading/by-mediabunny'
import { complaints, decodePictures } from '../reading/decoding'
import { readVariants, runFolderOf } from '../reading/playlists'
import { judgeColours, judgeReference } from './judge-picture'
import { judgeSounds } from './judge-sound'
import type { Accepted, ExpectedCaptions, ExpectedPicture } from './variety'

/** Encoders of a codec and containers that count milliseconds round. */
const TIME_SLACK_SECONDS = 0.0012
/** Added to the times of all segments (docs/decisions/0004). */
const OFFSET_SECONDS = 10

interface AssetFacts {
  warnings: string[]
  captions: { language: string | null; file: string }[]
}

export async function judgeVariety(masterPath: string, expected: Accepted): Promise<string[]> {
  const variants = readVariants(masterPath)
  const facts = JSON.parse(readFileSync(join(dirname(masterPath), 'asset.json'), 'utf8')) as AssetFacts
  const findings = [...judgeWarnings(facts, expected.warnings ?? []), ...judgeCaptions(masterPath, facts, expected)]
  for (const { id, track, widthPx } of variants) {
    const said =
      widthPx === null ? complaints(track.playlist) : decodePictures(track.playlist).then((one) => one.complaints)
    findings.push(...(await said).map((line) => `${id}: decoder says: ${line}`))
    if (widthPx === null) continue
    const [picture] = (await readRendition(track)).pictures
    findings.push(...judgeTimes(`${id}, segments`, picture, expected.picture, OFFSET_SECONDS))
  }
  const best = variants.toSorted((a, b) => (b.widthPx ?? 0) - (a.widthPx ?? 0))[0]
  const mp4 = join(runFolderOf(masterPath), 'mp4', `${best?.widthPx == null ? 'audio' : best.id}.mp4`)
  const read = await readByMediabunny(mp4)
  if (read.pictures.length !== (expected.picture === null ? 0 : 1))
    findings.push(`MP4: ${read.pictures.length} pictures`)
  if (expected.picture !== null) findings.push(...(await judgePicture(mp4, read.pictures[0], expected.picture)))
  findings.push(...(await judgeSounds(mp4, read.sounds, expected.sounds)))
  return findings
}

async function judgePicture(mp4: string, read: ReadPicture | undefined, expected: ExpectedPicture): Promise<string[]> {
  const findings = judgeTimes('MP4', read, expected, 0)
  const size = `${read?.widthPx ?? 0}x${read?.heightPx ?? 0} turned by ${read?.rotation ?? 0}`
  const right = `${expected.widthPx}x${expected.heightPx} turned by 0`
  if (size !== right) findings.push(`MP4: it is ${size}, not ${right}`)
  findings.push(...(await judgeColours(mp4, read, expected)))
  if (expected.reference !== undefined) findings.push(...(await judgeReference(mp4, expected.reference)))
  return findings
}

function judgeTimes(
  where: string,
  read: ReadPicture | undefined,
  expected: ExpectedPicture | null,
  offsetSeconds: number,
): string[] {
  const times = (read?.times ?? []).map((time) => time - offsetSeconds)
  const wanted = expected?.times ?? []
  if (times.length !== wanted.length) return [`${where}: ${times.length} pictures, not ${wanted.length}`]
  const off = times.findIndex((time, index) => Math.abs(time - (wanted[index] ?? NaN)) > TIME_SLACK_SECONDS)
  if (off < 0) return []
  return [`${where}: picture ${off} is shown at ${String(times[off])}, not at ${String(wanted[off])}`]
}

function judgeWarnings({ warnings }: AssetFacts, wanted: readonly RegExp[]): string[] {
  const missing = wanted.filter((pattern) => !warnings.some((line) => pattern.test(line)))
  const more = warnings.filter((line) => !wanted.some((pattern) => pattern.test(line)))
  return [...missing.map((pattern) => `no warning says ${String(pattern)}`), ...more.map((line) => `it warns: ${line}`)]
}

/** The playlist says what is forced; the file has the words. */
function judgeCaptions(masterPath: string, { captions }: AssetFacts, { captions: wanted = [] }: Accepted): string[] {
  if (captions.length !== wanted.length) return [`${captions.length} text tracks, not ${wanted.length}`]
  const lines = readFileSync(masterPath, 'utf8')
    .split('\n')
    .filter((line) => line.includes('TYPE=SUBTITLES'))
  return captions.flatMap(({ language, file }, index) => {
    const text = readFileSync(join(dirname(masterPath), file), 'utf8')
    const isForced = lines[index]?.includes('FORCED=YES') ?? false
    const { words, ...right }: ExpectedCaptions = wanted[index] ?? { language: null, words: '' }
    const wrong = language !== right.language || isForced !== (right.isForced ?? false) || !text.includes(words)
    return wrong ? [`text ${index}: ${String(language)}, forced ${String(isForced)}, says '${text}'`] : []
  })
}
