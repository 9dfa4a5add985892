/** The judge of all fault tests, judged: a run that is right passes, and every planted break is found. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { lifecycleEvent, type AnyEvent } from '../../core/contract/event'
import { at, homeKeys, runKeys, stateKeys } from '../../core/contract/keys'
import type { FinalRecord, Intent, PublishedRecord } from '../../core/contract/intent'
import type { ObjectAt, Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readFinal, readIntent, runPlace } from '../../core/state/run-records'
import { eraseAsset } from '../../scheduler/runs/erase'
import { beyond, openHandles, programsBelow } from '../support/open-handles'
import { openSmallFleet, STATE, type SmallFleet } from '../support/faults/small-fleet'
import { byHandlers, live } from '../support/faults/small-life'
import { brokenInvariants } from '../support/invariants'

let fleet: SmallFleet
let made: { events: AnyEvent[]; intent: Intent; final: PublishedRecord; run: Place }
let store: ObjectStore
let count = 0

beforeAll(async () => {
  fleet = await openSmallFleet()
  const whole = await fleet.openStore('whole')
  const events: AnyEvent[] = []
  const sink = { emit: (event: AnyEvent) => Promise.resolve(void events.push(event)), close: () => Promise.resolve() }
  const submission = await fleet.submission(whole)
  const ports = { store: whole, queue: fleet.queue, sink }
  await live(fleet, ports, [{ submission, isAcknowledged: false }], byHandlers(fleet))
  const told = events.filter(({ type }) => type.startsWith('asset.'))
  const run = runPlace(STATE, told[0]?.assetId ?? '', 1)
  const [intent, final] = [await readIntent(whole, run), await readFinal(whole, run)]
  if (intent === null || final?.status !== 'published') throw new Error(`not published: ${JSON.stringify(final)}`)
  made = { events: told, intent, final, run }
})
afterAll(() => fleet.close())

beforeEach(async () => {
  count += 1
  store = await fleet.openStore(`case-${count}`, 'whole')
})

const found = (events: readonly AnyEvent[] = made.events, left: readonly string[] = []): Promise<string[]> =>
  brokenInvariants({ store, state: STATE, events, left })
const put = (where: ObjectAt, body: string | Buffer) =>
  store.write(where, Buffer.from(body), { contentType: 'text/plain' })
const inHome = (key: string): ObjectAt => at(made.intent.home, key)
const piecesOf = async () => {
  const [rendition] = made.final.asset.video
  const playlist = rendition?.playlist ?? ''
  const body = await text(await store.read(inHome(playlist)))
  const [segment = ''] = body.split('\n').filter((line) => line.endsWith('.m4s'))
  return { playlist, body, segment: `${playlist.slice(0, playlist.lastIndexOf('/'))}/${segment}`, line: segment }
}
const changed = async (where: ObjectAt, change: (body: string) => string) =>
  put(where, change(await text(await store.read(where))))

it('finds nothing in a run that is right, of several pieces', async () => {
  expect(made.intent.jobs.filter(({ kind }) => kind === 'video-piece').length).toBeGreaterThan(1)
  expect(await found()).toEqual([])
  expect(await found([...made.events, ...made.events])).toEqual([])
})

const rewritten = (final: Partial<FinalRecord>) => async () =>
  put(at(made.run, runKeys.final), JSON.stringify({ ...made.final, ...final }))

it.each<[string, string, () => Promise<unknown>]>([
  ['a segment is gone', 'is named and missing', async () => store.remove(inHome((await piecesOf()).segment))],
  [
    'an init segment is gone',
    'is named and missing',
    async () => {
      const { body, playlist } = await piecesOf()
      const init = /URI="([^"]+)"/.exec(body)?.[1] ?? ''
      await store.remove(inHome(`${playlist.slice(0, playlist.lastIndexOf('/'))}/${init}`))
    },
  ],
  [
    'a segment has other bytes of the same number',
    'has other bytes',
    async () => {
      const { segment } = await piecesOf()
      const bytes = Buffer.from(await new Response(await bytesOf(segment)).arrayBuffer())
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      await put(inHome(segment), bytes)
    },
  ],
  [
    'a playlist lacks a segment',
    'no playlist names',
    async () => {
      const { playlist, body, line } = await piecesOf()
      await put(inHome(playlist), body.replace(`${line}\n`, ''))
    },
  ],
  [
    'a playlist names what no attempt that counts has made',
    'in no marker',
    async () => {
      const { playlist, body, line } = await piecesOf()
      await put(inHome(`${playlist.slice(0, playlist.lastIndexOf('/'))}/0000-other/00000.m4s`), 'x')
      await put(inHome(playlist), body.replace(line, '0000-other/00000.m4s'))
    },
  ],
  [
    'a playlist has no end',
    'has no end',
    async () => {
      const { playlist, body } = await piecesOf()
      await put(inHome(playlist), body.replace('#EXT-X-ENDLIST', ''))
    },
  ],
  ['a playlist is gone', 'is missing', async () => store.remove(inHome((await piecesOf()).playlist))],
  ['the MP4 is gone', 'is named and missing', async () => store.remove(inHome(made.final.asset.mp4[0]?.key ?? ''))],
  [
    'the poster is gone',
    'named and missing',
    async () => store.remove(inHome(made.final.asset.thumbnails?.poster ?? '')),
  ],
  ['the stable address is gone', 'master.m3u8 is not of', async () => store.remove(inHome(homeKeys.master))],
  [
    'the stable address has another text',
    'master.m3u8 is not of',
    async () => changed(inHome(homeKeys.master), (body) => `${body}#`),
  ],
  ['the MPD is gone', 'manifest.mpd is not of', async () => store.remove(inHome(homeKeys.manifest))],
  [
    'an MPD is there that no record has',
    'manifest.mpd is not of',
    async () => changed(at(made.run, runKeys.final), (body) => body.replace(/ *"mpd": .*\n/, '')),
  ],
  [
    'the MPD names what is not there',
    'r1/video/90p/gone.m4s is named and missing',
    async () => {
      const name = /media="[^"]*"/
      await changed(inHome(homeKeys.manifest), (body) => body.replace(name, 'media="gone.m4s"'))
      await changed(at(made.run, runKeys.final), (body) => {
        const final = JSON.parse(body) as PublishedRecord
        return JSON.stringify({ ...final, mpd: final.mpd?.replace(name, 'media="gone.m4s"') })
      })
    },
  ],
  [
    'the MPD lacks a segment',
    'the MPD does not name',
    async () => {
      const [first = ''] = made.final.mpd?.split(/(?<=<\/AdaptationSet>)/) ?? []
      const lacking = first.replace(/<S d="[0-9]+"\/>/, '').replace(/<SegmentURL media="[^"]*"\/>/, '')
      const final = { ...made.final, mpd: made.final.mpd?.replace(first, lacking) ?? '' }
      await put(at(made.run, runKeys.final), JSON.stringify(final))
      await put(inHome(homeKeys.manifest), final.mpd)
    },
  ],
  ['the public facts are gone', 'asset.json is not of', async () => store.remove(inHome(homeKeys.asset))],
  [
    'an early playlist is there that nobody asked for',
    'early.m3u8 is there',
    async () => put(inHome(homeKeys.early), '#EXTM3U\nr1/video/gone/early.m3u8\n'),
  ],
  [
    'a run that failed is still played early',
    'early.m3u8 names it',
    async () => {
      await put(inHome(homeKeys.early), '#EXTM3U\nr1/video/gone/early.m3u8\n')
      await rewritten({ status: 'failed', code: 'FFMPEG_EXIT' })()
    },
  ],
  ['there is no last word', 'has no last word', async () => store.remove(at(made.run, runKeys.final))],
  ['the failure has no code', 'without a code of the table', rewritten({ status: 'failed', code: 'ODD' as never })],
  ['the record says another end than the event', 'was told to end as', rewritten({ status: 'superseded' })],
  [
    'the outbox has a second end',
    'second last word',
    async () => put(at(made.run, runKeys.event('asset.failed')), '{}'),
  ],
  ['the plan is gone', 'published without a plan', async () => store.remove(at(made.run, runKeys.intent))],
  ['the asset is open', 'still open', async () => put(at(STATE, stateKeys.open(made.intent.assetId)), '{}')],
  [
    'an admitted asset has no run',
    'lost',
    async () => put(at(STATE, stateKeys.source('0'.repeat(40))), JSON.stringify({ assetId: 'b'.repeat(20) })),
  ],
  [
    'another marker counts',
    'has other bytes',
    async () => {
      const part = made.intent.jobs.find(({ kind }) => kind === 'video-piece')?.part ?? ''
      await changed(at(made.run, runKeys.done(part)), (body) => body.replaceAll(/"sha256": "./g, '"sha256": "x'))
    },
  ],
])('finds that %s', async (_, message, plant) => {
  await plant()
  expect(await found()).toContainEqual(expect.stringContaining(message))
})

async function bytesOf(key: string): Promise<ReadableStream> {
  const { Readable } = await import('node:stream')
  return Readable.toWeb(await store.read(inHome(key)))
}

it('finds what events say wrong', async () => {
  const { events } = made
  const [accepted] = events
  const published = events.find(({ type }) => type === 'asset.published')
  if (accepted === undefined || published === undefined) throw new Error('no events')
  const without = (type: string) => events.filter((event) => event.type !== type)
  const failed = { ...published, id: 'other', type: 'asset.failed' } as AnyEvent
  expect(await found(without('asset.published'))).toContainEqual(expect.stringContaining('was told to end as'))
  expect(await found([...events, failed])).toContainEqual(expect.stringContaining('was told to end as'))
  expect(await found(without('asset.planned'))).toContainEqual(expect.stringContaining('was not told: asset.planned'))
  expect(await found([...events, { ...published, at: 'later' }])).toContainEqual(
    expect.stringContaining('two events with the id'),
  )
  expect(await found([...events, { ...accepted, id: 'x', run: 7 }])).toContainEqual(
    expect.stringContaining('which has no record'),
  )
})

it('finds what is left behind', async () => {
  expect(await found(made.events, ['ffmpeg 17'])).toEqual(['left behind: ffmpeg 17'])
})

it('finds what a deleted asset has left, and nothing where it has left nothing', async () => {
  const { assetId, home, source } = made.intent
  const run = runPlace(STATE, assetId, 2)
  const deleted: FinalRecord = {
    ...{ v: 1, status: 'deleted', assetId, run: 2, homes: [{ home }], source, at: new Date().toISOString() },
  }
  await put(at(run, runKeys.final), JSON.stringify(deleted))
  const { source: told } = deleted
  const events = [...made.events, lifecycleEvent('asset.deleted', deleted, { source: told }) as AnyEvent]
  const { segment } = await piecesOf()
  expect(await found(events)).toContainEqual(expect.stringMatching(/is deleted, and r1\/.* is there/))
  expect(await found(events)).toContain(`${assetId}.2 is deleted, and master.m3u8 is there`)
  await eraseAsset(() => store, deleted)
  expect(await found(events)).toEqual([])
  expect(await found(made.events)).toContainEqual(expect.stringContaining('was told to end as'))
  await put(inHome(segment), 'x')
  expect(await found(events)).toEqual([`${assetId}.2 is deleted, and ${segment} is there`])
})

it('finds a pipe, a listening socket, an open file, and a program that lost its parent', async () => {
  const before = openHandles(process.pid)
  expect(beyond(before, openHandles(process.pid), 0)).toEqual([])
  const path = join(fleet.folder, 'held')
  const [file, server, child] = [await open(path, 'w'), createServer().listen(0, '127.0.0.1'), spawn('cat')]
  try {
    await once(server, 'listening')
    const found = beyond(before, openHandles(process.pid), 0)
    expect(found).toContain(`open file ${path}`)
    expect(found).toContain('1 listening sockets more')
    expect(found).toContain('3 pipes more')
  } finally {
    await file.close()
    await new Promise((resolve) => server.close(resolve))
    child.stdin.end()
    await once(child, 'close')
  }
  const HOME = join(fleet.folder, 'w1', 'attempt-1')
  // The shell ends at once, so that `cat` has init, or whoever takes orphans, for its parent.
  const shell = spawn('sh', ['-c', 'cat <&3 >/dev/null 2>&1 & echo $!'], {
    ...{ env: { PATH: process.env.PATH ?? '', HOME }, stdio: ['ignore', 'pipe', 'inherit', 'pipe'] },
  })
  const [told] = (await once(shell.stdout as Readable, 'data')) as [Buffer]
  const pid = Number(told.toString())
  if (shell.exitCode === null) await once(shell, 'exit')
  expect(programsBelow(fleet.folder).map((one) => one.pid)).toEqual([pid])
  process.kill(pid, 'SIGKILL')
  while (programsBelow(fleet.folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
})
