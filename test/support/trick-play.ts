/** hls.js in a real headless Chromium winds through an asset by its I-frame playlists. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { callInPage } from './browser'
import type { FileRequest } from './static-server'

export interface Winding {
  /** All ERROR events of both players of hls.js, and of the video element, fatal or not. */
  errors: string[]
  /** What is offered, in order: width of the picture. */
  widthsPx: number[]
  shown: ShownPicture[]
  requests: readonly FileRequest[]
}

export interface ShownPicture {
  askedSeconds: number
  atSeconds: number
  widthPx: number
  heightPx: number
  /** 0 to 255, mean of the picture as drawn. */
  luma: number
}

/** Nothing is played: what is asked for is loaded by hls.js's player of I-frames and drawn once it is there. */
const PAGE = `<!doctype html><video id="v" muted playsinline></video><canvas id="c" width="32" height="18"></canvas>
<script src="/hls.js"></script><script>
window.wind = (url, times) => new Promise((resolve) => {
  const state = { errors: [], widthsPx: [], shown: [] }
  const note = (who) => (_, data) => state.errors.push(who + ' ' + data.type + ' ' + data.details + (data.fatal ? ' fatal' : ''))
  const main = new Hls({ autoStartLoad: false })
  main.on(Hls.Events.ERROR, note('main'))
  main.on(Hls.Events.MANIFEST_PARSED, async () => {
    // Its own listener for I-frames comes after this one.
    await null
    state.widthsPx = main.iframeVariants.map(({ width }) => width)
    const iframes = main.createIFramePlayer()
    iframes.on(Hls.Events.ERROR, note('i-frames'))
    const video = document.getElementById('v')
    video.addEventListener('error', () => state.errors.push('video ' + video.error.message))
    const attached = new Promise((done) => iframes.once(Hls.Events.MEDIA_ATTACHED, done))
    iframes.attachMedia(video)
    await attached
    for (const seconds of times) state.shown.push(await show(iframes, video, seconds))
    main.destroy()
    resolve(state)
  })
  setTimeout(() => resolve({ ...state, errors: [...state.errors, 'timeout'] }), 60000)
  main.loadSource(url)
})
/** The frame that is shown after a seek is drawn, not the one before it. */
const show = (iframes, video, seconds) => new Promise((resolve) => {
  const draw = () => {
    const context = document.getElementById('c').getContext('2d', { willReadFrequently: true })
    context.drawImage(video, 0, 0, 32, 18)
    const { data } = context.getImageData(0, 0, 32, 18)
    let sum = 0
    for (let at = 0; at < data.length; at += 4) sum += data[at]
    resolve({ askedSeconds: seconds, atSeconds: video.currentTime, widthPx: video.videoWidth, heightPx: video.videoHeight,
      luma: sum / (data.length / 4) })
  }
  // A wish that comes while hls.js still loads the playlist may be forgotten: a viewer who winds asks all the time.
  const ask = () => iframes.loadMediaAt(seconds)
  const asking = setInterval(ask, 2000)
  video.addEventListener('seeked', () => {
    clearInterval(asking)
    requestAnimationFrame(() => requestAnimationFrame(draw))
  }, { once: true })
  ask()
})
</script>`

/** @param seconds To ask for, one after the other. */
export async function windTo(masterPath: string, seconds: readonly number[]): Promise<Winding> {
  const pages = { '/': PAGE, '/hls.js': readFileSync(require.resolve('hls.js/dist/hls.js'), 'utf8') }
  const call = `window.wind('/master.m3u8', ${JSON.stringify(seconds)})`
  const { result, requests } = await callInPage(dirname(masterPath), pages, call)
  return { ...(result as Omit<Winding, 'requests'>), requests }
}
