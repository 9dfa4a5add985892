/** Deaths of real services between two of their steps: where they may be, and a fleet that lives on after each. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { redisTarget } from '../../../core/adapters/redis-connection'
import { stateKeys } from '../../../core/contract/keys'
import { runProgram } from '../run-program'
import type { Services } from '../services'
import { STATE, storeOf } from './service-traces'

/** A moment of the n-th step of this name, counted from when it is armed. */
export interface DeathPoint {
  moment: 'before' | 'after'
  count: number
  step: string
}

export interface Deaths {
  /** What the service that may die is told. */
  env: Readonly<Record<string, string>>
  arm(point: DeathPoint): void
  /** Takes it back; false when it has fired. */
  disarm(): boolean
  /** Steps that were made since the last call. */
  steps(): string[]
}

export function deathsIn(folder: string): Deaths {
  const [armed, steps] = [join(folder, 'armed'), join(folder, 'steps')]
  writeFileSync(steps, '')
  return {
    env: {
      NODE_OPTIONS: `--require=${join(__dirname, 'crash-at.cjs')}`,
      GANTRY_TEST_CRASH_FILE: armed,
      GANTRY_TEST_STEPS_FILE: steps,
    },
    arm: (point) => writeFileSync(armed, nameOf(point)),
    disarm: () => {
      const isThere = fileText(armed) !== null
      rmSync(armed, { force: true })
      return isThere
    },
    steps: () => {
      const made = (fileText(steps) ?? '').split('\n').filter((line) => line !== '')
      writeFileSync(steps, '')
      return made
    },
  }
}

function fileText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

export function nameOf({ moment, count, step }: DeathPoint): string {
  return `${moment} ${count} ${step}`
}

/** Both moments of every step of a life. */
export function pointsOf(steps: readonly string[]): DeathPoint[] {
  return steps.flatMap((step, index) => {
    const count = steps.slice(0, index + 1).filter((other) => other === step).length
    return (['before', 'after'] as const).map((moment) => ({ moment, count, step }))
  })
}

/** The lease of a leader that was killed runs out after 10 s (test/faults/fleet-life.test.ts); here at once. */
export async function endLease({ redis }: Services): Promise<void> {
  const client = new Redis(redisTarget(redis.url))
  try {
    await client.del('{gantry}:leader')
  } finally {
    client.disconnect()
  }
}

const CLOSES_MS = 60_000

/**
 * Waits until this many runs have their last word and nothing is open, by the records alone: a scheduler that is killed
 * after its last step says nothing of it.
 *
 * @returns Ids of the assets.
 */
export async function allClosed(services: Services, runs: number): Promise<string[]> {
  const until = performance.now() + CLOSES_MS
  for (;;) {
    const keys: string[] = []
    for await (const { key } of storeOf(services).list(STATE)) keys.push(key.slice(STATE.prefix.length + 1))
    const isBusy = keys.some((key) => key.startsWith(stateKeys.openPrefix) || key.startsWith(stateKeys.intakePrefix))
    const ends = keys.filter((key) => key.endsWith('/final.json'))
    if (!isBusy && ends.length >= runs) return [...new Set(ends.map((key) => key.split('/')[1] ?? ''))]
    if (performance.now() > until) throw new Error(`not closed after ${CLOSES_MS} ms:\n${keys.join('\n')}`)
  }
}

/** One rung and one sound of 2 s segments, which are made in a moment. */
export async function writeSmall(folder: string): Promise<{ film: string; ladder: string }> {
  const [film, ladder] = [join(folder, 'film.mp4'), join(folder, 'ladder.yaml')]
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=4', '-f', 'lavfi', '-i', 'sine=r=48000:d=4']
  const words = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac', film]
  const { code, stderr } = await runProgram('ffmpeg', ['-v', 'error', ...inputs, ...words])
  if (code !== 0) throw new Error(`no film: ${stderr}`)
  const rung = '  - { id: 144p, shortSidePx: 144, maxBitrateBps: 300_000, preset: ultrafast }'
  writeFileSync(ladder, `name: small\nsegmentSeconds: 2\ngopSeconds: 2\nrungs:\n${rung}\n`)
  return { film, ladder }
}
