/** Runs of one asset as a user makes them: what is taken over is the same bytes, and nothing is made that was there. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { VideoPieceMarker } from '../../core/contract/markers'
import { eventsOf, processesUnder, runCommand, startProduct, type ProductResult } from '../support/product'
import { watchAsset } from '../support/asset-watch'
import { judgeAsset } from '../support/reading/judge'
import { runProgram } from '../support/run-program'

let folder: string
let master: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-runs-'))
  master = await film('film.mp4', 'testsrc2=s=640x360:r=25:d=12')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function film(name: string, picture: string): Promise<string> {
  const path = join(folder, name)
  const sound = ['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=12']
  const words = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac', path]
  const made = await runProgram('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', picture, ...sound, ...words])
  expect(made).toMatchObject({ code: 0 })
  return path
}

/** A ladder of rungs as short sides. */
function ladderOf(name: string, shortSides: readonly number[], preset = 'ultrafast'): string {
  const path = join(folder, `${name}.yaml`)
  const rungs = shortSides.map(
    (side) => `  - { id: ${side}p, shortSidePx: ${side}, codec: h264, maxBitrateBps: 900_000, preset: ${preset} }`,
  )
  const audio = 'audio:\n  - { id: audio, codec: aac, channels: 2 }'
  writeFileSync(path, `name: ${name}\nsegmentSeconds: 2\ngopSeconds: 2\nrungs:\n${rungs.join('\n')}\n${audio}\n`)
  return path
}

const masterOf = ({ events }: ProductResult): string => eventsOf(events, 'asset.published')[0]?.data.master ?? ''

/** Markers of pieces in a run: which rungs are in it, and where it was made. */
function pieces(out: string, assetId: string, run: number): { rungs: string; takenFrom: number | null }[] {
  const done = join(out, '.gantry', 'assets', assetId, 'runs', String(run), 'done')
  return readdirSync(done)
    .filter((name) => name.startsWith('video-'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
    .map((part) => {
      const { tracks, takenFrom } = JSON.parse(readFileSync(join(done, `${part}.json`), 'utf8')) as VideoPieceMarker
      return { rungs: tracks.map(({ id }) => id).join(' '), takenFrom: takenFrom ?? null }
    })
}

/** Digest of each segment and init of a rendition. */
function digests(home: string, run: number, rendition: string): Record<string, string> {
  const at = join(home, `r${run}`, rendition)
  const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(m4s|mp4)$/.test(name))
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(at, name)))
        .digest('hex'),
    ]),
  )
}

describe('runs of a published asset', () => {
  let out: string
  let assetId: string
  let home: string
  let stable: string

  beforeAll(async () => {
    out = join(folder, 'out')
    const first = await runCommand(['run', master, '--out', out, '--ladder', ladderOf('two', [144, 360])])
    stable = masterOf(first)
    home = dirname(stable)
    assetId = first.events[0]?.assetId ?? ''
  })

  it('encodes but the new rung for a ladder with one more, and is right', async () => {
    const ladder = ladderOf('three', [144, 240, 360])
    const second = await runCommand(['run', master, '--out', out, '--ladder', ladder])
    expect(second.code).toBe(0)
    expect(masterOf(second)).toBe(stable)
    expect(pieces(out, assetId, 2)).toEqual([
      { rungs: '144p 360p', takenFrom: 1 },
      { rungs: '240p', takenFrom: null },
    ])
    for (const same of ['video/144p', 'video/360p', 'audio/audio']) {
      expect(Object.keys(digests(home, 1, same)).length).toBeGreaterThan(5)
      expect(digests(home, 2, same)).toEqual(digests(home, 1, same))
    }
    expect(await judgeAsset(stable, master)).toEqual([])
  })

  it('redoes one rung, and whoever looks meanwhile meets one generation and no gap', async () => {
    const watch = watchAsset(stable)
    const third = await runCommand(['redo', assetId, '--rung', '240p', '--out', out])
    const seen = await watch.stop()
    expect(third.code).toBe(0)
    expect(pieces(out, assetId, 3)).toEqual([
      { rungs: '144p 360p', takenFrom: 1 },
      { rungs: '240p', takenFrom: null },
    ])
    for (const same of ['video/144p', 'video/360p', 'audio/audio']) {
      expect(digests(home, 3, same)).toEqual(digests(home, 2, same))
    }
    expect(Object.keys(digests(home, 3, 'video/240p'))).not.toEqual(Object.keys(digests(home, 2, 'video/240p')))
    expect(seen.faults).toEqual([])
    expect(seen.generations).toEqual(['r2', 'r3'])
  })

  it('stands on its own: the folders of the runs before may go', async () => {
    for (const run of ['r1', 'r2']) rmSync(join(home, run), { recursive: true })
    expect(await judgeAsset(stable, master)).toEqual([])
  })

  it('is told by status, run by run', async () => {
    const { code, events } = await runCommand(['status', assetId.slice(0, 10), '--out', out])
    expect(code).toBe(0)
    expect(events).toMatchObject([
      {
        ...{ assetId, isOpen: false, status: 'published', source: { bucket: 'file', key: master } },
        runs: [1, 2, 3].map((run) => ({ run, status: 'published', waiting: [], failures: [] })),
      },
    ])
  })

  it('encodes all of it again by force', async () => {
    const forced = await runCommand(['run', master, '--force', '--out', out, '--ladder', join(folder, 'three.yaml')])
    expect(forced.code).toBe(0)
    expect(pieces(out, assetId, 4)).toEqual([{ rungs: '144p 240p 360p', takenFrom: null }])
  })

  it('refuses a rung that is not there, and a retry of what did not fail', async () => {
    const rung = await runCommand(['redo', assetId, '--rung', '999p', '--out', out])
    expect(rung).toMatchObject({ code: 1, events: [] })
    expect(rung.stderr).toContain('API_REQUEST_INVALID: ' + assetId + ": there is no rung '999p'")
    const retried = await runCommand(['retry', assetId, '--out', out])
    expect(retried).toMatchObject({ code: 1, events: [] })
    expect(retried.stderr).toContain('API_ASSET_STATE')
  })

  it('is gone by a deletion, with every object, and comes back to a person who submits it again', async () => {
    const objects = (): string[] =>
      readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(
        (name) => !name.startsWith('.gantry') && /\.\w+$/.test(name),
      )
    expect(objects().length).toBeGreaterThan(20)
    const deleted = await runCommand(['delete', assetId, '--out', out])
    expect(deleted).toMatchObject({ code: 0, events: [{ assetId, run: 5, outcome: 'done' }] })
    expect(objects()).toEqual([])
    expect((await runCommand(['delete', assetId, '--out', out])).events).toMatchObject([{ outcome: 'known' }])
    expect((await runCommand(['status', '--out', out])).events).toMatchObject([{ status: 'deleted', isOpen: false }])
    const again = await runCommand(['run', master, '--out', out, '--ladder', join(folder, 'two.yaml')])
    expect(again.code).toBe(0)
    expect(masterOf(again)).toBe(stable)
    expect(pieces(out, assetId, 6)).toEqual([{ rungs: '144p 360p', takenFrom: null }])
  })
})

/** ffmpeg, which refuses to begin in the middle of a master as long as a file lies beside it. */
async function brokenFfmpeg(): Promise<{ program: string; mend: () => void }> {
  const real = (await runProgram('sh', ['-c', 'command -v ffmpeg'])).stdout.trim()
  const program = join(folder, 'sometimes-ffmpeg')
  const flag = join(folder, 'broken')
  const refuse = `if [ -e ${flag} ]; then echo 'planted failure' >&2; exit 1; fi`
  writeFileSync(program, `#!/bin/sh\ncase " $* " in *" -ss "*) ${refuse};; esac\nexec ${real} "$@"\n`, { mode: 0o755 })
  writeFileSync(flag, '')
  return { program, mend: () => rmSync(flag) }
}

it('retries what failed, and takes over what did not', async () => {
  const out = join(folder, 'retried')
  const { program, mend } = await brokenFfmpeg()
  const env = { GANTRY_FFMPEG: program, GANTRY_PIECE_SECONDS: '4', GANTRY_ATTEMPTS: '1', GANTRY_SLOTS: '1' }
  const words = ['run', master, '--out', out, '--ladder', ladderOf('two', [144, 360]), '--workers', '1']
  const failed = await runCommand(words, env)
  expect(failed.code).toBe(1)
  const assetId = failed.events[0]?.assetId ?? ''
  const made = pieces(out, assetId, 1)
  expect(made).toEqual([{ rungs: '144p 360p', takenFrom: null }])
  mend()
  const retried = await runCommand(['retry', assetId, '--out', out], env)
  expect(retried.code).toBe(0)
  expect(eventsOf(retried.events, 'asset.published')).toMatchObject([{ run: 2 }])
  expect(pieces(out, assetId, 2)).toEqual([
    { rungs: '144p 360p', takenFrom: 1 },
    { rungs: '144p 360p', takenFrom: null },
    { rungs: '144p 360p', takenFrom: null },
  ])
  expect(await judgeAsset(masterOf(retried), master)).toEqual([])
})

it('cancels in mid-encode: no ffmpeg is left, and nothing is public', async () => {
  const [inbox, out] = [join(folder, 'inbox'), join(folder, 'cancelled')]
  const slow = ladderOf('slow', [1080], 'slower')
  const service = startProduct(['--inbox', inbox, '--out', out, '--ladder', slow, '--workers', '1'])
  try {
    await runProgram('sh', ['-c', `until [ -d '${inbox}' ]; do sleep 0.1; done`])
    const long = await film('long.mp4', 'testsrc2=s=1920x1080:r=25:d=60')
    await runProgram('cp', [long, join(inbox, 'long.mp4')])
    const { assetId } = await service.first('rendition.progress')
    const ffmpegs = (): string[] =>
      processesUnder(service.child.pid ?? 0).flatMap(({ command }) => (/^\S*ffmpeg /.test(command) ? [command] : []))
    expect(ffmpegs()).not.toEqual([])
    const cancelled = await runCommand(['cancel', assetId, '--out', out])
    expect(cancelled).toMatchObject({ code: 0, events: [{ assetId, run: 1, outcome: 'done' }] })
    await service.first('asset.cancelled')
    while (ffmpegs().length > 0) await runProgram('sleep', ['0.1'])
    expect(
      readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => /m3u8|asset\.json/.test(name)),
    ).toEqual([])
    expect((await runCommand(['cancel', assetId, '--out', out])).events).toMatchObject([{ outcome: 'known' }])
    expect(eventsOf(service.events, 'asset.cancelled')).toHaveLength(1)
    const busy = await runCommand(['retry', assetId, '--out', out])
    expect(busy.stderr).toContain('CONFIG_OUT_BUSY')
  } finally {
    service.child.kill('SIGTERM')
    await service.ended
  }
  const { events } = await runCommand(['status', '--out', out])
  expect(events).toMatchObject([{ status: 'cancelled', isOpen: false, runs: [{ run: 1 }] }])
})
