/** Looks at a master: its first bytes first, then ffprobe behind every guard there is. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { Container, SourceArrived, SourceFacts } from '../contract/source'
import type { MediaGateway } from '../ports/media-gateway'
import type { MediaProbe } from '../ports/media-probe'
import type { ObjectStore } from '../ports/object-store'
import type { ProcessExit, ProcessLauncher } from '../ports/process-launcher'
import { MAX_PIXELS, MAX_STREAMS, probeArgs } from '../../media/containers'
import { HEAD_BYTES } from '../../media/sniff'
import { classifyProbe, saysEncrypted, saysPictureTooLarge } from './ffprobe-errors'
import { sourceFacts, type FactLimits } from './ffprobe-facts'
import { readProbeJson } from './ffprobe-json'
import { withPictureLead } from './ffprobe-lead'
import { withFields } from './ffprobe-video'
import { lookAtPictures, mayBeInterlaced } from './field-look'
import { asSourceError, checkMp4, checkTransport, identify, masterReader } from './master-bytes'
import { createMasterEnds } from './master-ends'
import { servedObject } from './served-object'

export interface ProbeLimits extends FactLimits {
  /** How long ffprobe may take, waiting for the store included. */
  wallSeconds: number
}

export const DEFAULT_PROBE_LIMITS: ProbeLimits = {
  maxPixels: MAX_PIXELS,
  maxStreams: MAX_STREAMS,
  maxDurationSeconds: 12 * 3_600,
  wallSeconds: 120,
}

export interface ProbeOptions {
  store: ObjectStore
  gateway: MediaGateway
  launcher: ProcessLauncher
  limits: ProbeLimits
  /** Each ffprobe gets a folder in here, and it is removed. */
  scratchFolder: string
}

/** ffprobe writes to pipes only; it gets no byte of disk. */
const PROCESS_LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 60, fileBytes: 0 }
/** 64 tracks need about 200 KB; the rest is for tags. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024
const STOP_GRACE_MS = 500

export function createProbe(options: ProbeOptions): MediaProbe {
  return {
    probe: async (source, signal) => {
      const read = masterReader(options.store, source, signal)
      const head = source.bytes > 0 ? await read(0, HEAD_BYTES) : Buffer.alloc(0)
      const container = await identify(head, source.bytes, read)
      if (container === 'mpegts') await checkTransport(head, source.bytes, read)
      const notes = container === 'mp4' ? await checkMp4(head, source.bytes, read) : []
      return runProbe(options, source, { container, notes }, signal)
    },
  }
}

interface Known {
  container: Container
  notes: readonly string[]
}

async function runProbe(
  options: ProbeOptions,
  source: SourceArrived,
  known: Known,
  signal: AbortSignal,
): Promise<SourceFacts> {
  const { limits } = options
  const folder = await mkdtemp(join(options.scratchFolder, 'probe-'))
  // ffprobe opens the master several times.
  const master = createMasterEnds().of(source, servedObject(options.store, source, source.bytes))
  const served = await options.gateway.open(master)
  try {
    const input = { url: served.url, container: known.container, folder }
    const result = await runFfprobe(options, { ...input, words: ['-show_format', '-show_streams'] }, signal)
    // A cut input may pass for its end, so the gateway is asked before ffprobe is believed.
    const failure = served.failure()
    if (failure !== null) throw asSourceError(failure)
    refuseFailure(result, limits)
    const facts = sourceFacts(readProbeJson(result.output), {
      container: known.container,
      bytes: source.bytes,
      limits,
      isPictureTooLarge: saysPictureTooLarge(result.errors),
      notes: known.notes,
    })
    const led = await withPictureLead(facts, async (words) => {
      const { output, exit } = await runFfprobe(options, { ...input, words }, signal)
      return exit.code === 0 ? output : ''
    })
    const looked = await withLook(options, led, input, signal)
    const fault = served.failure()
    if (fault !== null) throw asSourceError(fault)
    return looked
  } finally {
    served.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The facts with what a look at some pictures adds. */
async function withLook(
  { launcher, limits }: ProbeOptions,
  facts: SourceFacts,
  input: { url: string; container: Container; folder: string },
  signal: AbortSignal,
): Promise<SourceFacts> {
  const { video, durationSeconds } = facts
  if (video === null || !mayBeInterlaced(video)) return facts
  const found = await lookAtPictures(launcher, { ...input, limits, durationSeconds }, video, signal)
  const seen = withFields(video, found)
  return { ...facts, video: seen.facts, notes: [...facts.notes, ...seen.notes] }
}

interface ProbeRun {
  exit: ProcessExit
  output: string
  errors: string
  /** Why we ended it. */
  stopped: 'wall' | 'output' | null
}

/** @throws The reason of `signal`; CONFIG_TOOL_MISSING when ffprobe does not start. */
async function runFfprobe(
  { launcher, limits }: ProbeOptions,
  input: { url: string; container: Container; folder: string; words: readonly string[] },
  signal: AbortSignal,
): Promise<ProbeRun> {
  signal.throwIfAborted()
  const guards = probeArgs(input.container, { protocol: 'http', ...limits })
  const child = launcher.launch({
    program: 'ffprobe',
    argv: ['-hide_banner', '-v', 'warning', ...guards, ...input.words, '-of', 'json', '-i', input.url],
    folder: input.folder,
    limits: PROCESS_LIMITS,
    pipes: 0,
  })
  let stopped: ProbeRun['stopped'] = null
  const end = (why: ProbeRun['stopped']): void => {
    stopped ??= why
    child.stop(STOP_GRACE_MS)
  }
  const onAbort = (): void => end(null)
  const wall = setTimeout(() => end('wall'), limits.wallSeconds * 1_000)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const [output, errors, exit] = await Promise.all([
      collect(child.stdout, () => end('output')),
      // The first lines name the cause; a damaged picture adds thousands.
      collect(child.stderr, () => undefined),
      child.exited,
    ])
    signal.throwIfAborted()
    return { exit, output, errors, stopped }
  } finally {
    clearTimeout(wall)
    signal.removeEventListener('abort', onAbort)
  }
}

/** Text of a pipe up to the limit; what comes after is read and dropped, so that the process never blocks. */
async function collect(pipe: Readable, onTooMuch: () => void): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= OUTPUT_BYTES_MAX) chunks.push(chunk)
    else onTooMuch()
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refuseFailure({ exit, errors, stopped }: ProbeRun, limits: ProbeLimits): void {
  if (stopped === 'output') {
    const message = `the description of the master has more than the ${OUTPUT_BYTES_MAX} bytes allowed`
    throw new GantryError('SOURCE_TOO_LARGE', message)
  }
  if (stopped === 'wall') {
    throw new GantryError('FFMPEG_STALLED', `ffprobe took longer than the ${limits.wallSeconds} s allowed`)
  }
  if (saysEncrypted(errors)) throw new GantryError('SOURCE_ENCRYPTED', 'the master is protected by DRM')
  if (exit.code === 0) return
  const details = { stderrTail: errorTail(errors), exitCode: exit.code, signal: exit.signal }
  if (exit.signal === 'SIGXCPU') {
    const message = `the master needs more than the ${PROCESS_LIMITS.cpuSeconds} s of processor time allowed to open`
    throw new GantryError('FFMPEG_LIMIT', message, details)
  }
  // A crash or a kill from outside (memory of the whole machine): once more may help.
  if (exit.signal !== null) throw new GantryError('FFMPEG_EXIT', `ffprobe was ended by ${exit.signal}`, details)
  // What nice and env say of a program that cannot be executed, and the loader of one without its libraries.
  if (exit.code === 126 || exit.code === 127) {
    throw new GantryError('CONFIG_TOOL_MISSING', `ffprobe does not start: ${details.stderrTail.at(-1) ?? ''}`, details)
  }
  const verdict = classifyProbe(errors) ?? { code: 'SOURCE_UNREADABLE', why: 'cannot be opened by ffprobe' }
  throw new GantryError(verdict.code, `the master ${verdict.why}`, details)
}

const TAIL_LINES = 10
const LINE_CHARS = 400

/** The last lines for the report, without the random path and the control characters of hostile titles. */
function errorTail(errors: string): string[] {
  const lines = errors.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-TAIL_LINES).map((line) =>
    line
      .replace(/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}/g, 'master')
      .replace(/\p{Cc}/gu, ' ')
      .slice(0, LINE_CHARS),
  )
}
