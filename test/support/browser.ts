/** hls.js in a real headless Chromium plays an asset to its end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { chromium } from 'playwright-core'
import { serveFolder, type FileRequest } from './static-server'

/** Without these Chromium looks for the world outside at every start. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
]

export interface Playback {
  ended: boolean
  currentTimeSeconds: number
  durationSeconds: number
  /** All ERROR events of hls.js, fatal or not. */
  errors: string[]
  /** Levels that were shown, in order. */
  levels: number[]
  levelCount: number
  decodedFrames: number
  /** Of the first text track, as the browser has them at the end. */
  cues: { startSeconds: number; endSeconds: number; text: string }[]
}

export interface PlayOptions {
  /** Takes each segment from the next rung. */
  switchRungs?: boolean
  /** Faster than life, above 1. */
  rate?: number
}

/** The page: takes each segment from the next level when it is asked to, and plays to the end. */
const PAGE = `<!doctype html><video id="v" muted playsinline></video><script src="/hls.js"></script><script>
window.play = (url, { switchRungs = false, rate = 1 }) => new Promise((resolve) => {
  const video = document.getElementById('v')
  const state = { errors: [], levels: [] }
  const hls = new Hls({ maxBufferLength: 4, maxMaxBufferLength: 4, startLevel: 0 })
  const done = (ended) => {
    resolve({ ended, currentTimeSeconds: video.currentTime, durationSeconds: video.duration, errors: state.errors,
      levels: state.levels, levelCount: hls.levels.length, decodedFrames: video.getVideoPlaybackQuality().totalVideoFrames,
      cues: Array.from((video.textTracks[0] && video.textTracks[0].cues) || [], ({ startTime, endTime, text }) => (
        { startSeconds: startTime, endSeconds: endTime, text })) })
    hls.destroy()
  }
  hls.on(Hls.Events.ERROR, (_, data) => state.errors.push(data.type + ' ' + data.details + (data.fatal ? ' fatal' : '')))
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, data) => state.levels.push(data.level))
  // Asked for between two segments: a switch in the middle of one makes hls.js abort its own request and report that.
  hls.on(Hls.Events.FRAG_LOADED, (_, { frag }) => {
    if (switchRungs && frag.type === 'main') hls.nextLoadLevel = (frag.level + 1) % hls.levels.length
  })
  // Before the first segment hls.js takes the choice back.
  hls.once(Hls.Events.FRAG_BUFFERED, () => { if (hls.subtitleTracks.length > 0) hls.subtitleTrack = 0 })
  video.defaultPlaybackRate = video.playbackRate = rate
  hls.on(Hls.Events.MANIFEST_PARSED, () => void video.play())
  video.addEventListener('ended', () => done(true))
  setTimeout(() => done(false), 60000)
  hls.loadSource(url)
  hls.attachMedia(video)
})
</script>`

/** @param playlistPath Multivariant playlist of an asset in a folder, which is served beside the page. */
export function playToEnd(playlistPath: string, how: PlayOptions = {}): Promise<Playback> {
  return play(dirname(playlistPath), `/${basename(playlistPath)}`, how)
}

/** @param masterUrl Of an asset on another server, which must allow other origins (CORS). */
export async function playUrl(masterUrl: string, how: PlayOptions = {}): Promise<Playback> {
  const empty = mkdtempSync(join(tmpdir(), 'gantry-page-'))
  try {
    return await play(empty, masterUrl, how)
  } finally {
    rmSync(empty, { recursive: true })
  }
}

async function play(folder: string, url: string, how: PlayOptions): Promise<Playback> {
  const script = readFileSync(require.resolve('hls.js/dist/hls.min.js'), 'utf8')
  const call = `window.play(${JSON.stringify(url)}, ${JSON.stringify(how)})`
  return (await callInPage(folder, { '/': PAGE, '/hls.js': script }, call)).result as Playback
}

/**
 * Opens the page `/` in Chromium and waits for what a call in it gives.
 *
 * @param pages Texts by path, beside the files of the folder.
 */
export async function callInPage(
  folder: string,
  pages: Readonly<Record<string, string>>,
  call: string,
): Promise<{ result: unknown; requests: readonly FileRequest[] }> {
  const server = await serveFolder(folder, pages)
  const profile = mkdtempSync(join(tmpdir(), 'gantry-chromium-'))
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['GANTRY_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
      headless: true,
      args: FLAGS,
    })
    try {
      const page = await context.newPage()
      await page.goto(`${server.url}/`)
      return { result: await page.evaluate<unknown>(call), requests: server.requests }
    } finally {
      await context.close()
    }
  } finally {
    await server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}
