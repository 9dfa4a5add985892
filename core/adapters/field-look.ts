/** Decodes a few pictures of a master to see whether they are interlaced, whatever its flags say. */
import type { Readable } from 'node:stream'
import { toNumber } from '../contract/rational'
import type { Container, VideoFacts } from '../contract/source'
import type { ProcessLauncher } from '../ports/process-launcher'
import { inputArgs, type InputLimits } from '../../media/containers'
import { fieldVerdict, lookAtFields, type FieldFinding } from '../../media/fields'

/** Television ends at 30 pictures a second and 1,080 lines (1,088 coded); above, nothing is interlaced. */
const MAX_FPS = 31
const MAX_LINES = 1_088
const MIN_LINES = 64
/** Nothing is told by codecs that came after interlace, or by single pictures. */
const NEVER_INTERLACED = ['av1', 'vp8', 'vp9', 'png', 'qtrle', 'cinepak', 'theora']

const PICTURES = 26
/** Columns are left out, lines are not. */
const MAX_COLUMNS = 320
/** Masters shorter than this are looked at in one place. */
const TWO_PLACES_SECONDS = 4
/** What a second of 1080p HEVC takes on one slow core, many times over; then the flag stands. */
const WALL_SECONDS = 20
const PROCESS_LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 15, fileBytes: 0 }
const STOP_GRACE_MS = 500

export interface LookedAt {
  url: string
  container: Container
  folder: string
  limits: Omit<InputLimits, 'protocol'>
  durationSeconds: number | null
}

export function mayBeInterlaced({ codec, codedHeightPx, fps }: VideoFacts): boolean {
  const isLikeTelevision = codedHeightPx >= MIN_LINES && codedHeightPx <= MAX_LINES && toNumber(fps) <= MAX_FPS
  return isLikeTelevision && !NEVER_INTERLACED.includes(codec)
}

/**
 * What the pictures at the head and in the middle look like; null where they do not tell. A master that cannot be decoded
 * there, or only slowly, is left to its flag: whoever encodes it will meet the fault.
 *
 * @throws The reason of `signal`.
 */
export async function lookAtPictures(
  launcher: ProcessLauncher,
  master: LookedAt,
  video: VideoFacts,
  signal: AbortSignal,
): Promise<FieldFinding | null> {
  const { durationSeconds } = master
  const findings = await lookAt(launcher, master, video, 0, signal)
  if (durationSeconds !== null && durationSeconds >= TWO_PLACES_SECONDS) {
    findings.push(...(await lookAt(launcher, master, video, durationSeconds / 2, signal)))
  }
  return fieldVerdict(findings)
}

async function lookAt(
  launcher: ProcessLauncher,
  master: LookedAt,
  video: VideoFacts,
  fromSeconds: number,
  signal: AbortSignal,
): Promise<(FieldFinding | null)[]> {
  signal.throwIfAborted()
  const widthPx = Math.min(MAX_COLUMNS, video.codedWidthPx)
  const child = launcher.launch({
    program: 'ffmpeg',
    argv: words(master, video, widthPx, fromSeconds),
    folder: master.folder,
    limits: PROCESS_LIMITS,
    pipes: 0,
  })
  const stop = (): void => child.stop(STOP_GRACE_MS)
  const wall = setTimeout(stop, WALL_SECONDS * 1_000)
  signal.addEventListener('abort', stop, { once: true })
  try {
    child.stderr.resume()
    const [findings] = await Promise.all([readFindings(child.stdout, widthPx, video.codedHeightPx), child.exited])
    signal.throwIfAborted()
    return findings
  } finally {
    clearTimeout(wall)
    signal.removeEventListener('abort', stop)
  }
}

function words(master: LookedAt, video: VideoFacts, widthPx: number, fromSeconds: number): string[] {
  const { container, limits, url } = master
  const chain = `format=gray,scale=${widthPx}:${video.codedHeightPx}:flags=neighbor,format=gray`
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-noautorotate', '-threads', '1'],
    ...inputArgs(container, { protocol: 'http', ...limits }),
    // Any pictures thereabouts will do, so none is decoded only to be thrown away.
    ...(fromSeconds === 0 ? [] : ['-noaccurate_seek', '-ss', fromSeconds.toFixed(3)]),
    ...['-i', url, '-map', `0:${video.streamIndex}`, '-frames:v', String(PICTURES), '-fps_mode', 'passthrough'],
    ...['-vf', chain, '-f', 'rawvideo', 'pipe:1'],
  ]
}

/** One finding for each picture with neighbours; at most three pictures are in memory. */
async function readFindings(pipe: Readable, widthPx: number, heightPx: number): Promise<(FieldFinding | null)[]> {
  const size = widthPx * heightPx
  const findings: (FieldFinding | null)[] = []
  const whole: Uint8Array[] = []
  let rest = Buffer.alloc(0)
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= size) {
      whole.push(rest.subarray(0, size))
      rest = rest.subarray(size)
      if (whole.length > 3) whole.shift()
      const [previous, current, next] = whole
      if (previous !== undefined && current !== undefined && next !== undefined) {
        findings.push(lookAtFields([previous, current, next], widthPx))
      }
    }
  }
  return findings
}
