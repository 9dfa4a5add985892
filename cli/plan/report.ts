/** The plan of a master as text: what it is, what would be made of it, what that costs. Pure. */
import { basename } from 'node:path'
import type { Intent, RungDecision } from '../../core/contract/intent'
import type { AudioJob, VideoEncode } from '../../core/contract/job'
import type { CostEstimate } from '../../scheduler/cost/estimate'
import type { Stretch } from '../../scheduler/cost/known-speeds'
import type { Prices } from '../../scheduler/cost/prices'
import type { RungWork } from '../../scheduler/cost/work'
import { countText } from '../view/figures'
import { printable, truncateMiddle } from '../view/text-width'
import { factLines } from './fact-lines'
import { bitrateText, bytesText, groupedText, slotText, usdText } from './figures'
import { entry, table, type Align, type Page } from './layout'
import { plannedRungs } from './master-work'

export interface Plan {
  intent: Intent
  /** Null where the master does not say how long it is. */
  costed: { cost: CostEstimate; rungs: readonly RungWork[] } | null
  prices: Prices
}

const LABEL_COLUMNS = 12

export function planReport(plan: Plan, page: Page): string[] {
  const { intent } = plan
  const name = truncateMiddle(printable(basename(intent.source.key), page.unicode), page.columns - 14, page.unicode)
  return [
    `${name}  ${bytesText(intent.source.bytes)}`,
    ...factLines(intent.facts).flatMap(([label, text]) => entry(label, text, LABEL_COLUMNS, page)),
    '',
    `Ladder ${intent.ladder.name}`,
    ...decisionLines(intent.decisions, page),
    '',
    'Renditions',
    ...renditionTable(plan, page),
    '',
    ...(plan.costed === null ? unknownCost(page) : costLines(plan, plan.costed.cost, page)),
  ]
}

/** Longer ids do not push the reasons to the edge. */
const LONGEST_LABEL = 24

function decisionLines(decisions: readonly RungDecision[], page: Page): string[] {
  const longest = Math.max(...decisions.map(({ id }) => id.length))
  const columns = Math.min(LONGEST_LABEL, Math.max(LABEL_COLUMNS, longest))
  return decisions.flatMap(({ id, kept, reason }) =>
    entry(id, `${kept ? 'kept' : 'dropped'}: ${reason}`, columns, page),
  )
}

interface Column {
  head: string
  align: Align
  /** Left out, highest first, until the table fits the page. */
  spare?: number
}

const COLUMNS: readonly Column[] = [
  { head: '', align: 'left' },
  { head: 'encoded as', align: 'left' },
  { head: 'at most', align: 'right', spare: 1 },
  { head: 'slot-s', align: 'right' },
  { head: 'on demand', align: 'right' },
  { head: 'Spot', align: 'right', spare: 2 },
  { head: 'MediaConvert', align: 'right' },
]

function renditionTable(plan: Plan, page: Page): string[] {
  const { jobs } = plan.intent
  const heads = COLUMNS.map(({ head }) => head)
  const sounds = jobs.flatMap((job) => (job.kind === 'audio' ? [soundRow(job, plan)] : []))
  const rows = [heads, ...plannedRungs(jobs).map((rung) => rungRow(rung, plan)), ...sounds]
  for (let spare = 2; ; spare -= 1) {
    const kept = COLUMNS.flatMap((column, index) => ((column.spare ?? 0) <= spare ? [{ ...column, index }] : []))
    const cells = rows.map((row) => kept.map(({ index }) => row[index] ?? ''))
    const lines = table(
      cells,
      kept.map(({ align }) => align),
    )
    if (spare === 0 || lines.every((line) => line.length <= page.columns)) return lines
  }
}

function rungRow(rung: VideoEncode, { costed, prices }: Plan): string[] {
  const { id, codec, preset, bits, widthPx, heightPx, maxBitrateBps } = rung
  const depth = bits === 8 ? '' : ` ${bits} bit`
  const how = `${codec} ${preset}${depth} ${widthPx}x${heightPx}`
  return [id, how, bitrateText(maxBitrateBps), ...figures(id, 'rungs', costed?.cost ?? null, prices)]
}

function soundRow({ encode }: AudioJob, { costed, prices }: Plan): string[] {
  const { id, codec, channels, bitrateBps, sampleRateHz } = encode
  const how = `${codec} ${countText(channels, 'channel')} ${sampleRateHz / 1_000} kHz`
  return [id, how, bitrateText(bitrateBps), ...figures(id, 'sounds', costed?.cost ?? null, prices)]
}

function figures(id: string, of: 'rungs' | 'sounds', cost: CostEstimate | null, prices: Prices): string[] {
  const slotSeconds = cost?.slotSeconds[of].find((one) => one.id === id)?.slotSeconds
  if (cost === null || slotSeconds === undefined) return ['-', '-', '-', '-']
  const theirs = of === 'rungs' ? cost.mediaConvert.rungs.find((one) => one.id === id)?.usd : null
  const hours = slotSeconds / 3_600
  return [
    slotText(slotSeconds),
    usdText(hours * prices.compute.onDemandUsdPerVcpuHour),
    usdText(hours * prices.compute.spotUsdPerVcpuHour),
    theirs === null || theirs === undefined ? '-' : usdText(theirs),
  ]
}

function unknownCost(page: Page): string[] {
  return ['Cost', ...entry('not known', 'the master does not say how long it is', LABEL_COLUMNS, page)]
}

function costLines({ intent, prices }: Plan, cost: CostEstimate, page: Page): string[] {
  const { slotSeconds, usd, requests, storedAtMost, mediaConvert } = cost
  const pieces = intent.jobs.filter(({ kind }) => kind === 'video-piece').length
  const isCopied = intent.jobs.some(({ kind }) => kind === 'remux')
  const encode = [...slotSeconds.rungs, ...slotSeconds.sounds].reduce((sum, one) => sum + one.slotSeconds, 0)
  const rest = slotSeconds.captions + slotSeconds.mp4 + slotSeconds.thumbnails
  const shares: [string, number][] = [
    ['copying', slotSeconds.copy],
    ['decoding', slotSeconds.decode],
    ['encoding', encode],
    ['MP4s, pictures and text', rest],
  ]
  const split = shares.flatMap(([name, share]) => (share === 0 ? [] : [`${name} ${slotText(share)}`])).join(', ')
  const hours = cost.vCpuHours < 0.1 ? '' : ` or ${cost.vCpuHours.toFixed(1)} vCPU-hours`
  const total = `${slotText(slotSeconds.total)} slot-seconds${hours} (${split})`
  const amount = [
    countText(intent.jobs.length, 'job'),
    ...(pieces === 0 ? [] : [countText(pieces, 'piece') + ' of picture' + (isCopied ? ', read from a copy' : '')]),
  ]
  const theirs = mediaConvert.usd === null ? '' : `${usdText(mediaConvert.usd)} for the rungs; `
  const lines: [string, string][] = [
    ['work', `${total}, ${amount.join(', ')}`],
    ['speeds', speedsText(cost.speeds)],
    ['compute', `${usdText(usd.onDemand)} on demand, ${usdText(usd.spot)} on Spot`],
    [
      'requests',
      `${usdText(usd.s3Requests)} for ${groupedText(requests.puts)} PUT and ${groupedText(requests.gets)} GET`,
    ],
    ['storage', `at most ${bytesText(storedAtMost.bytes)}, ${usdText(storedAtMost.usdPerMonth)} a month`],
    ['MediaConvert', `${theirs}${mediaConvert.assumption}`],
  ]
  const title = `Cost, estimated at prices of ${prices.asOf} (${prices.region})`
  return [printable(title, page.unicode), ...lines.flatMap(([label, text]) => entry(label, text, LABEL_COLUMNS, page))]
}

const FROM = { default: 'as documented', calibrated: 'as the machines were measured' } as const

/** On what the slot-seconds are based. */
function speedsText({ from, pieces, factor }: Stretch): string {
  const based = from === 'learned' ? `learned from ${countText(pieces, 'piece')}` : FROM[from]
  return from === 'default' ? based : `${factor.toFixed(2)} times the documented time, ${based}`
}
