import { getEventListeners } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { GantryError } from '../../core/contract/errors'
import type { ProgressBlock } from '../../worker/ffmpeg/progress'
import { runFfmpeg, type FfmpegRun } from '../../worker/ffmpeg/run'
import { scriptedFfmpeg, type ScriptedFfmpeg } from '../support/scripted-ffmpeg'

const STALL_SECONDS = 60
const block = (frame: number, end = 'continue'): string => `frame=${frame}\nout_time_us=N/A\nprogress=${end}\n`
const drain = async (pipe: Readable): Promise<void> => {
  for await (const chunk of pipe) void chunk
}

function start(ffmpeg: ScriptedFfmpeg, more: Partial<FfmpegRun> = {}): ReturnType<typeof runFfmpeg> {
  const run: FfmpegRun = {
    argv: ['-i', 'master'],
    folder: '/folder',
    limits: { memoryBytes: 1, cpuSeconds: 2, fileBytes: 3 },
    consumers: [drain],
    onProgress: () => undefined,
    stallSeconds: STALL_SECONDS,
    signal: new AbortController().signal,
    ...more,
  }
  const outcome = runFfmpeg(ffmpeg.launcher, run)
  outcome.catch(() => undefined)
  return outcome
}

describe('an ffmpeg that ends well', () => {
  it('was started as asked, with a pipe for progress and one for each output', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    ffmpeg.exit({})
    await outcome
    expect(ffmpeg.commands).toEqual([
      {
        program: 'ffmpeg',
        argv: ['-i', 'master'],
        folder: '/folder',
        limits: { memoryBytes: 1, cpuSeconds: 2, fileBytes: 3 },
        pipes: 2,
      },
    ])
  })

  it('hands over its output, and its progress as it comes', async () => {
    const ffmpeg = scriptedFfmpeg()
    const blocks: ProgressBlock[] = []
    let taken = ''
    const outcome = start(ffmpeg, {
      onProgress: (reported) => blocks.push(reported),
      consumers: [async (pipe) => void (taken = await text(pipe))],
    })
    ffmpeg.output.write('abc')
    ffmpeg.progress.write(block(1))
    ffmpeg.output.write('def')
    ffmpeg.progress.write(block(2, 'end'))
    ffmpeg.exit({ cpuSeconds: 3.5 })
    expect(await outcome).toMatchObject({ cpuSeconds: 3.5, stderrTail: [], decodeWarnings: 0 })
    expect(taken).toBe('abcdef')
    expect(blocks.map(({ frames, done }) => [frames, done])).toEqual([
      [1, false],
      [2, true],
    ])
  })

  it('is not done before its consumer is', async () => {
    const ffmpeg = scriptedFfmpeg()
    let finish: () => void = () => undefined
    const storing = new Promise<void>((resolve) => (finish = resolve))
    let isSettled = false
    const outcome = start(ffmpeg, { consumers: [(pipe) => drain(pipe).then(() => storing)] })
    void outcome.then(() => (isSettled = true))
    ffmpeg.exit({})
    await new Promise((resolve) => setImmediate(resolve))
    expect(isSettled).toBe(false)
    finish()
    await outcome
  })

  it('counts lines of damage and keeps the last thirty lines without path, controls and length', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    for (let line = 0; line < 40; line += 1) ffmpeg.stderr.write(`[h264 @ 0x1] [error] damage ${line}\n\n`)
    ffmpeg.stderr.write(`[error] http://127.0.0.1:4711/${'0a'.repeat(16)}: a\u001b[31m title\n`)
    ffmpeg.stderr.write(`[warning] ${'x'.repeat(100_000)}\n`)
    ffmpeg.exit({})
    const { stderrTail, decodeWarnings } = await outcome
    expect(decodeWarnings).toBe(41)
    expect(stderrTail).toHaveLength(30)
    expect(stderrTail.slice(0, 1)).toEqual(['[h264 @ 0x1] [error] damage 12'])
    expect(stderrTail.at(-2)).toBe('[error] master: a [31m title')
    expect(stderrTail.at(-1)).toHaveLength(400)
  })
})

describe('lines that ffmpeg counts instead of repeating', () => {
  it('are counted as it says, where they tell of damage', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    ffmpeg.stderr.write('[h264 @ 0x1] [error] damage\n    Last message repeated 6 times\n')
    ffmpeg.stderr.write('[mp4 @ 0x1] [warning] harmless\n    Last message repeated 90 times\n')
    ffmpeg.exit({})
    expect(await outcome).toMatchObject({ decodeWarnings: 7, corruptPictures: 0, lostPackets: 0 })
  })

  it('are counted by picture and by packet, where they stand for one', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    // As ffmpeg 5.1.9 says it.
    ffmpeg.stderr.write('[h264 @ 0x1] [error] error while decoding MB 3 4, bytestream -6\n')
    ffmpeg.stderr.write('[warning] in: corrupt decoded frame in stream 0\n    Last message repeated 3 times\n')
    ffmpeg.stderr.write('[error] Error while decoding stream #0:0: Invalid data found when processing input\n')
    ffmpeg.exit({})
    expect(await outcome).toMatchObject({ corruptPictures: 4, lostPackets: 1 })
  })
})

describe('an ffmpeg that fails', () => {
  it.each([
    [{ code: 1 }, '[error] x: Invalid data found when processing input', 'SOURCE_UNREADABLE', 'code 1: [error] x'],
    [{ code: 1 }, 'x264 [error]: malloc of size 8 failed', 'FFMPEG_LIMIT', 'code 1: x264'],
    [{ code: 1 }, '', 'FFMPEG_EXIT', 'code 1: it printed nothing'],
    [{ code: null, signal: 'SIGXCPU' }, '', 'FFMPEG_LIMIT', 'signal SIGXCPU'],
    [{ code: null, signal: 'SIGXFSZ' }, '', 'FFMPEG_LIMIT', 'signal SIGXFSZ'],
    [{ code: null, signal: 'SIGABRT' }, 'what():  std::bad_alloc', 'FFMPEG_LIMIT', 'signal SIGABRT'],
    // Out of memory on the machine, after a master that is damaged here and there: it can be tried again.
    [
      { code: null, signal: 'SIGKILL' },
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
      'FFMPEG_EXIT',
      'signal SIGKILL',
    ],
  ] as const)('with %j after %j says %s', async (exit, line, code, how) => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    ffmpeg.stderr.write(`${line}\n`)
    ffmpeg.exit(exit)
    await expect(outcome).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`ffmpeg ended with ${how}`),
      details: { stderrTail: line === '' ? [] : [line] },
    })
  })

  it('says why itself where its outputs are empty for that', async () => {
    const empty = (): Promise<void> => Promise.reject(new GantryError('FFMPEG_NO_OUTPUT', 'nothing came'))
    const failed = scriptedFfmpeg(() => undefined)
    const outcome = start(failed, { consumers: [empty] })
    failed.stderr.write("[fatal] Unknown encoder 'libx265'\n")
    failed.exit({ code: 1 })
    await expect(outcome).rejects.toMatchObject({ message: expect.stringContaining('libx265') })

    const stopped = scriptedFfmpeg((ffmpeg) => ffmpeg.exit({ code: 255 }))
    await expect(start(stopped, { consumers: [empty] })).rejects.toMatchObject({ code: 'FFMPEG_NO_OUTPUT' })
  })

  it('for too much damage says that it is the master', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    ffmpeg.exit({ code: 69 })
    await expect(outcome).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('two thirds'),
    })
  })

  it('to start says so, and leaves neither timer nor listener', async () => {
    jest.useFakeTimers()
    try {
      const ffmpeg = scriptedFfmpeg()
      const { signal } = new AbortController()
      const outcome = start(ffmpeg, { signal })
      ffmpeg.failToStart(new GantryError('CONFIG_TOOL_MISSING', 'ffmpeg was not found'))
      await expect(outcome).rejects.toMatchObject({ code: 'CONFIG_TOOL_MISSING' })
      expect(jest.getTimerCount()).toBe(0)
      expect(getEventListeners(signal, 'abort')).toEqual([])
    } finally {
      jest.useRealTimers()
    }
  })
})

describe('an ffmpeg that is to stop', () => {
  it('is not started when that was known before', async () => {
    const ffmpeg = scriptedFfmpeg()
    const reason = new GantryError('QUEUE_SHUTDOWN', 'stopping')
    await expect(start(ffmpeg, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(ffmpeg.commands).toEqual([])
  })

  it('gets SIGTERM with 5 s of grace, and the reason is told', async () => {
    const ffmpeg = scriptedFfmpeg()
    const stopping = new AbortController()
    const outcome = start(ffmpeg, { signal: stopping.signal })
    const reason = new GantryError('QUEUE_LOST', 'another has it')
    stopping.abort(reason)
    await expect(outcome).rejects.toBe(reason)
    expect(ffmpeg.stops).toEqual([5_000])
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
  })

  it('has not ended well although its exit code says so', async () => {
    const ffmpeg = scriptedFfmpeg((stopped) => stopped.exit({ code: 0 }))
    const stopping = new AbortController()
    const outcome = start(ffmpeg, { signal: stopping.signal })
    stopping.abort(new GantryError('QUEUE_SHUTDOWN', 'stopping'))
    await expect(outcome).rejects.toMatchObject({ code: 'QUEUE_SHUTDOWN' })
  })

  it('is ended by a consumer that fails, whose error is told, and whose pipe is emptied', async () => {
    const ffmpeg = scriptedFfmpeg()
    const full = new GantryError('STORE_FULL', 'no room')
    const outcome = start(ffmpeg, { consumers: [() => Promise.reject(full)] })
    ffmpeg.output.write(Buffer.alloc(1 << 20))
    await expect(outcome).rejects.toBe(full)
    expect(ffmpeg.stops).toEqual([5_000])
    expect(ffmpeg.output.readableLength).toBe(0)
  })

  it('tells the first of several reasons', async () => {
    const ffmpeg = scriptedFfmpeg(() => undefined)
    const stopping = new AbortController()
    const full = new GantryError('STORE_FULL', 'no room')
    const outcome = start(ffmpeg, { consumers: [() => Promise.reject(full)], signal: stopping.signal })
    await new Promise((resolve) => setImmediate(resolve))
    stopping.abort(new GantryError('QUEUE_SHUTDOWN', 'stopping'))
    ffmpeg.exit({ code: 255 })
    await expect(outcome).rejects.toBe(full)
  })
})

describe('an ffmpeg that makes no progress', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  })
  afterEach(() => {
    jest.useRealTimers()
  })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('is ended when the time is over', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    jest.advanceTimersByTime(STALL_SECONDS * 1_000 - 1)
    expect(ffmpeg.stops).toEqual([])
    jest.advanceTimersByTime(1)
    await expect(outcome).rejects.toMatchObject({ code: 'FFMPEG_STALLED', message: expect.stringContaining('60 s') })
    expect(ffmpeg.stops).toEqual([5_000])
  })

  it('gets all the time again by each figure that moves, and by no other', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    for (const frame of [1, 2, 2]) {
      jest.advanceTimersByTime(STALL_SECONDS * 1_000 - 1)
      expect(ffmpeg.stops).toEqual([])
      ffmpeg.progress.write(block(frame))
      await settle()
    }
    jest.advanceTimersByTime(1)
    await expect(outcome).rejects.toMatchObject({ code: 'FFMPEG_STALLED' })
  })

  it('leaves no timer when it ends well', async () => {
    const ffmpeg = scriptedFfmpeg()
    const outcome = start(ffmpeg)
    ffmpeg.exit({})
    await outcome
    expect(jest.getTimerCount()).toBe(0)
  })
})
