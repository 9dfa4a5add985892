/** Players that read MPDs, in a real headless Chromium: shaka-player, which reads playlists of HLS as well, and dash.js. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { callInPage } from './browser'

export interface AdaptivePlayback {
  ended: boolean
  /** Before anything was played. */
  startSeconds: number
  endSeconds: number
  durationSeconds: number
  /** All error events. */
  errors: string[]
  /** How far the player jumped over gaps, in seconds. */
  jumps: number[]
  /** Heights that were shown, in order; 0 for sound alone. */
  heights: number[]
  /** Heights there are to choose from. */
  offered: number[]
  sounds: { language: string; label: string | null; roles: string[]; channels: number | null }[]
  texts: { language: string; label: string | null; kind: string | null; roles: string[]; isForced: boolean }[]
  /** Each cue when it came up, by the clock of the picture. */
  cues: { atSeconds: number; startSeconds: number; text: string }[]
  /** Longest hole between two parts of what was in the buffer at any time. */
  largestHoleSeconds: number
}

export interface AdaptiveOptions {
  /** Takes each segment of the picture from the next rung. */
  switchRungs?: boolean
  /** Faster than life, above 1. */
  rate?: number
  /** Shows the texts of this language. */
  texts?: string
}

const COMMON = `
const state = { errors: [], jumps: [], heights: [], cues: [], largestHoleSeconds: 0, startSeconds: NaN }
const video = document.getElementById('v')
const seen = new Set()
const watch = () => {
  for (let i = 1; i < video.buffered.length; i += 1)
    state.largestHoleSeconds = Math.max(state.largestHoleSeconds, video.buffered.start(i) - video.buffered.end(i - 1))
  for (const track of video.textTracks) for (const cue of track.activeCues || []) {
    const key = cue.startTime + cue.text
    if (seen.has(key)) continue
    seen.add(key)
    state.cues.push({ atSeconds: video.currentTime, startSeconds: cue.startTime, text: cue.text })
  }
}
const showHeight = () => { if (state.heights.at(-1) !== video.videoHeight) state.heights.push(video.videoHeight) }
video.addEventListener('resize', showHeight)
video.addEventListener('timeupdate', watch)
video.addEventListener('progress', watch)
video.addEventListener('error', () => state.errors.push('media ' + (video.error && video.error.message)))
const run = (rate) => new Promise((resolve) => {
  const done = (ended) => resolve({ ended, endSeconds: video.currentTime, durationSeconds: video.duration })
  video.addEventListener('ended', () => done(true))
  setTimeout(() => done(false), 90000)
  video.addEventListener('loadeddata', showHeight)
  state.startSeconds = video.currentTime
  video.defaultPlaybackRate = video.playbackRate = rate
  void video.play()
})
`

const SHAKA = `<!doctype html><video id="v" muted playsinline></video><script src="/player.js"></script><script>${COMMON}
window.play = async (url, { switchRungs = false, rate = 1, texts = '' }) => {
  const player = new shaka.Player()
  const said = ({ category, code, data }) => state.errors.push('shaka ' + [category, code, JSON.stringify(data)].join(' '))
  player.addEventListener('error', ({ detail }) => said(detail))
  let before = 0
  video.addEventListener('timeupdate', () => { before = video.currentTime })
  player.addEventListener('gapjumped', () => state.jumps.push(video.currentTime - before))
  await player.attach(video)
  player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: switchRungs ? 5 : 20 } })
  player.addEventListener('segmentappended', ({ contentType }) => {
    if (!switchRungs || contentType !== 'video') return
    const tracks = player.getVariantTracks().sort((a, b) => a.height - b.height)
    const now = tracks.find(({ active }) => active)
    const same = tracks.filter(({ language, label }) => language === now.language && label === now.label)
    player.selectVariantTrack(same[(same.indexOf(now) + 1) % same.length], false)
  })
  try { await player.load(url) } catch (error) { said(error); return state }
  if (texts !== '') {
    player.selectTextTrack(player.getTextTracks().find(({ language }) => language === texts))
    player.setTextTrackVisibility(true)
  }
  const played = await run(rate)
  const variants = player.getVariantTracks()
  const distinct = (list) => [...new Map(list.map((one) => [JSON.stringify(one), one])).values()]
  const answer = { ...state, ...played,
    offered: distinct(variants.map(({ height }) => height || 0)).sort((a, b) => a - b),
    sounds: distinct(variants.map(({ language, label, audioRoles, channelsCount }) => (
      { language, label, roles: audioRoles || [], channels: channelsCount }))),
    texts: player.getTextTracks().map(({ language, label, kind, roles, forced }) => (
      { language, label, kind, roles, isForced: forced })) }
  await player.destroy()
  return answer
}
</script>`

const DASH_JS = `<!doctype html><video id="v" muted playsinline></video><script src="/player.js"></script><script>${COMMON}
window.play = async (url, { switchRungs = false, rate = 1, texts = '' }) => {
  const player = dashjs.MediaPlayer().create()
  const events = dashjs.MediaPlayer.events
  player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: !switchRungs } },
    text: { defaultEnabled: texts !== '' }, buffer: { bufferTimeAtTopQuality: 5, bufferTimeDefault: 5 } } })
  player.on(events.ERROR, ({ error }) => state.errors.push('dash.js ' + error.code + ' ' + error.message))
  let next = 0
  player.on(events.FRAGMENT_LOADING_COMPLETED, ({ request }) => {
    if (!switchRungs || request.mediaType !== 'video' || request.type !== 'MediaSegment') return
    next += 1
    player.setRepresentationForTypeByIndex('video', next % player.getRepresentationsByType('video').length)
  })
  const ready = new Promise((resolve) => player.on(events.CAN_PLAY, resolve))
  player.initialize(video, url, false)
  await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, 30000))])
  const played = await run(rate)
  const tracks = (type) => player.getTracksFor(type)
  const roles = (track) => (track.roles || []).map((role) => role.value || role)
  const label = (track) => (track.labels && track.labels[0] && track.labels[0].text) || null
  const answer = { ...state, ...played,
    offered: player.getRepresentationsByType('video').map(({ height }) => height || 0).sort((a, b) => a - b),
    sounds: tracks('audio').map((track) => (
      { language: track.lang, label: label(track), roles: roles(track), channels: null })),
    texts: tracks('text').map((track) => (
      { language: track.lang, label: label(track), kind: null, roles: roles(track), isForced: false })) }
  player.destroy()
  return answer
}
</script>`

const PLAYERS = {
  shaka: { page: SHAKA, script: 'shaka-player/dist/shaka-player.compiled.js' },
  dashjs: { page: DASH_JS, script: 'dashjs/dist/modern/umd/dash.all.min.js' },
} as const

/** @param file Of a manifest or a multivariant playlist in a folder, which is served beside the page. */
export async function playAdaptive(
  player: keyof typeof PLAYERS,
  file: string,
  how: AdaptiveOptions = {},
): Promise<AdaptivePlayback> {
  const { page, script } = PLAYERS[player]
  const pages = { '/': page, '/player.js': readFileSync(scriptOf(script), 'utf8') }
  const call = `window.play(${JSON.stringify(`/${basename(file)}`)}, ${JSON.stringify(how)})`
  return (await callInPage(dirname(file), pages, call)).result as AdaptivePlayback
}

/** Packages whose `exports` do not name the file that browsers load. */
function scriptOf(file: string): string {
  return join(__dirname, '..', '..', 'node_modules', file)
}
