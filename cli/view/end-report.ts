/** What is said when the command ends: where everything is, how to play it, what failed and what to do next. */
import type { OutputFinding } from '../../core/contract/output-finding'
import { assetLabels } from './asset-labels'
import { clockText, speedText } from './figures'
import { dayText } from './plain-lines'
import type { AssetView, RunView } from './run-view'
import { shellQuote } from './shell-quote'
import { paint, type Style } from './style'
import { printable } from './text-width'

export interface ReportOptions {
  nowMs: number
  colour: boolean
  unicode: boolean
  platform: NodeJS.Platform
  /** Players that are installed here, best first (see players.ts). */
  players: readonly string[]
  /** The masters were made by `--demo`. */
  demo: boolean
  /** How this run was started, without its inputs: `gantry run`. */
  command: string
  /** Absolute path of the folder that everything was published in. */
  outFolder: string
}

/** More published assets than this are listed a line each, and how to play is said once, at the end. */
const IN_FULL_UP_TO = 3

/** The report, line by line, without line breaks. Pure. */
export function endReport(view: RunView, options: ReportOptions): string[] {
  const labels = assetLabels(view.assets, options.unicode)
  const published = view.assets.filter((asset) => asset.published)
  const failed = view.assets.filter((asset) => asset.failure)
  const inFull = published.length <= IN_FULL_UP_TO
  const label = (asset: AssetView): string => labels.get(asset.assetId) ?? ''
  return [
    ...published.flatMap((asset) => (inFull ? publishedLines : shortLines)(asset, label(asset), options)),
    ...(inFull || published.length === 0 ? [] : ['']),
    ...failed.flatMap((asset) => failedLines(asset, label(asset), options)),
    summaryLine(view, options),
    ...nextLines(view, inFull, options),
  ]
}

/** 0: all is published (or there was nothing to do); 1: something failed or is not finished. */
export function exitCodeOf(view: RunView): 0 | 1 {
  return view.assets.every((asset) => asset.stage === 'published') ? 0 : 1
}

function publishedLines(asset: AssetView, label: string, options: ReportOptions): string[] {
  const { published } = asset
  if (!published) return []
  const say = styled(options)
  const state = published.before ? `published already on ${dayText(published.atMs)}; nothing to do` : 'published'
  const place = shellQuote(published.master, options.platform)
  const [player] = options.players
  return [
    `${say(label, 'bold')}  ${say(state, 'green')}`,
    field('master', place),
    ...(published.manifest === null ? [] : [field('dash', shellQuote(published.manifest, options.platform))]),
    ...(player ? [field('play', `${player} ${place}`)] : []),
    ...noteLines(published.warnings, options),
    '',
  ]
}

function shortLines(asset: AssetView, label: string, options: ReportOptions): string[] {
  const { published } = asset
  if (!published) return []
  const say = styled(options)
  const already = published.before ? say(`  (published already on ${dayText(published.atMs)})`, 'green') : ''
  const place = shellQuote(published.master, options.platform)
  return [`${say(label, 'bold')}  ${place}${already}`, ...noteLines(published.warnings, options)]
}

function noteLines(warnings: readonly string[], options: ReportOptions): string[] {
  return warnings.map((warning) => field('note', printable(warning, options.unicode)))
}

function failedLines(asset: AssetView, label: string, options: ReportOptions): string[] {
  const { failure } = asset
  if (!failure) return []
  const say = styled(options)
  return [
    `${say(label, 'bold')}  ${say(`failed: ${failure.code}`, 'red')}`,
    field('reason', printable(failure.message, options.unicode)),
    ...foundLines(failure.findings, options),
    field('remedy', printable(failure.remedy, options.unicode)),
    '',
  ]
}

/** What is said of a run of one machine; all that are told are in `final.json`. */
const FINDINGS_SHOWN = 5

function foundLines(findings: readonly OutputFinding[], options: ReportOptions): string[] {
  const lines = findings.slice(0, FINDINGS_SHOWN).map(({ rule, where, message }) => `${rule} at ${where}: ${message}`)
  const rest = findings.length - lines.length
  const all = rest > 0 ? [...lines, `and ${rest} more`] : lines
  return all.map((line) => field('found', printable(line, options.unicode)))
}

function field(name: string, text: string): string {
  return `  ${name.padEnd(6)}  ${text}`
}

function summaryLine(view: RunView, options: ReportOptions): string {
  const say = styled(options)
  const now = view.assets.flatMap(({ published }) => (published && !published.before ? [published] : []))
  const before = view.assets.filter(({ published }) => published?.before).length
  const failed = view.assets.filter((asset) => asset.failure).length
  const open = view.assets.filter(isOpen).length
  const counts = [`${now.length} published`]
  if (before > 0) counts.push(`${before} published before`)
  if (failed > 0) counts.push(say(`${failed} failed`, 'red'))
  if (open > 0) counts.push(say(`${open} not finished`, 'yellow'))

  const mediaSeconds = now.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0)
  const wallSeconds = Math.max(0, options.nowMs - view.startedAtMs) / 1000
  const work = mediaSeconds > 0 ? `: ${secondsText(mediaSeconds)} of media in ${secondsText(wallSeconds)}` : ''
  const speed = mediaSeconds > 0 && wallSeconds > 0 ? `, ${speedText(mediaSeconds / wallSeconds)}` : ''
  return `${counts.join(', ')}${work}${speed}`
}

function nextLines(view: RunView, inFull: boolean, options: ReportOptions): string[] {
  const { players, demo, platform } = options
  const folder = shellQuote(options.outFolder, platform)
  const stages = new Set(view.assets.map((asset) => asset.stage))
  const lines: string[] = []
  if (stages.has('published')) {
    const player = players[0]
    if (!inFull && player)
      lines.push(`play one:  ${player} ${shellQuote(`${options.outFolder}/NAME/master.m3u8`, platform)}`)
    if (!player) lines.push('play it:  open master.m3u8 in VLC or mpv, or with the ffplay that comes with ffmpeg')
    lines.push(`for a browser:  serve ${folder} with any web server;`)
    lines.push('                Safari plays master.m3u8 itself, other browsers with hls.js')
    if (view.assets.some(({ published }) => published?.manifest != null)) {
      lines.push('                shaka-player and dash.js play manifest.mpd')
    }
  }
  if (stages.has('failed')) lines.push('after mending:  run the same command again; only what failed is encoded')
  if (view.assets.some(isOpen)) lines.push('to go on:  run the same command again; finished pieces are kept')
  if (demo && stages.has('published')) lines.push(`your own:  ${options.command} FILE`)
  return lines
}

function isOpen(asset: AssetView): boolean {
  return !asset.published && !asset.failure
}

/** Tenths below a minute, a clock above. */
function secondsText(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : clockText(seconds)
}

function styled(options: ReportOptions): (text: string, style: Style) => string {
  return (text, style) => paint(text, style, options.colour)
}
