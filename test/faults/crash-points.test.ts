/**
 * The fleet is killed before each single write that it makes, and lives again: every event ends in one last word, and
 * what is published is whole. Twice killed is tried too.
 */
import type { AnyEvent } from '../../core/contract/event'
import { writeFailure, runPlace } from '../../core/state/run-records'
import type { ObjectStore } from '../../core/ports/object-store'
import { mortalPorts } from '../support/faults/mortal-ports'
import { openSmallFleet, STATE, type Ports, type SmallFleet } from '../support/faults/small-fleet'
import { byCopies, byHandlers, live, type DoJob, type Mail } from '../support/faults/small-life'
import { brokenInvariants } from '../support/invariants'

/** More than any of the lives below has; a life that never ends would be found by this. */
const MOST_WRITES = 120

let fleet: SmallFleet
let count = 0
beforeAll(async () => {
  fleet = await openSmallFleet()
  const store = await fleet.openStore('made')
  const mail = [{ submission: await fleet.submission(store), isAcknowledged: false }]
  await live(fleet, portsOf(store, []), mail, byHandlers(fleet))
})
afterAll(() => fleet.close())

function portsOf(store: ObjectStore, told: AnyEvent[]): Ports {
  const take = (event: AnyEvent): void => void (event.type.startsWith('asset.') && told.push(event))
  return {
    ...{ store, queue: fleet.queue },
    sink: { emit: (event) => Promise.resolve(take(event)), close: () => Promise.resolve() },
  }
}

interface Story {
  /** What its intake brings, in order. */
  mail: (store: ObjectStore) => Promise<Mail[]>
  doJob: (into: string) => DoJob
  /** Last words that there may be; that of the newest object is always there, and is the last one of these. */
  ends: readonly string[]
  /** After a death the newest mail comes first. */
  isReversed?: true
}

const letter = async (store: ObjectStore, change: { file?: string; etag?: string; sequencer?: string } = {}) => {
  const { file, ...source } = change
  const submission = await fleet.submission(store, file)
  return { submission: { ...submission, source: { ...submission.source, ...source } }, isAcknowledged: false }
}

const breaks: DoJob = ({ store }, job) =>
  writeFailure(store, runPlace(STATE, job.assetId, job.run), {
    ...{ v: 1, jobId: job.jobId, part: job.part, code: 'FFMPEG_EXIT', message: 'it broke', details: {} },
    ...{ workerId: 'w', at: new Date().toISOString() },
  })

const STORIES: Record<string, Story> = {
  'a master that is published': {
    mail: async (store) => [await letter(store)],
    doJob: (into) => byCopies(fleet, 'made', into),
    ends: ['asset.published'],
  },
  'a master that cannot be encoded': {
    mail: async (store) => [await letter(store)],
    doJob: () => breaks,
    ends: ['asset.failed'],
  },
  'a file that is no media': {
    mail: async (store) => [await letter(store, { file: __filename })],
    doJob: () => breaks,
    ends: ['asset.failed'],
  },
  'a master that is replaced, and whose new bytes cannot be encoded': {
    mail: async (store) => [
      await letter(store, { etag: 'old', sequencer: '0A' }),
      await letter(store, { etag: 'young', sequencer: '0B' }),
    ],
    doJob: () => breaks,
    ends: ['asset.superseded', 'asset.failed'],
  },
}
const replaced = STORIES['a master that is replaced, and whose new bytes cannot be encoded']
if (replaced !== undefined)
  STORIES['a master that is replaced, with the older event late'] = { ...replaced, isReversed: true }

/**
 * Lives a story with a death before each of these writes, then to its end.
 *
 * @returns What is wrong afterwards, and the write that did not happen; null for a life that ended before its death.
 */
async function livesOf({ mail, doJob, ends, isReversed }: Story, deaths: readonly number[]): Promise<string[] | null> {
  count += 1
  const name = `life-${count}`
  await fleet.flush()
  const store = await fleet.openStore(name)
  const told: AnyEvent[] = []
  const letters = await mail(store)
  const killed: string[] = []
  for (const death of deaths) {
    const mortal = mortalPorts(portsOf(store, told), death)
    const lived = live(fleet, mortal, letters, doJob(name)).then(() => null)
    const write = await Promise.race([lived, mortal.died])
    if (write === null) return null
    killed.push(`${death}: ${write}`)
  }
  const again = isReversed === true ? letters.toReversed() : letters
  await live(fleet, portsOf(store, told), again, doJob(name))
  const broken = await brokenInvariants({ store, state: STATE, events: told, left: [] })
  const lastWords = told.map(({ type }) => type).filter((type) => /published|failed|superseded/.test(type))
  const isOther = lastWords.some((type) => !ends.includes(type)) || !lastWords.some((type) => type === ends.at(-1))
  if (isOther) broken.push(`the ends are ${lastWords.join(', ')}`)
  return broken.map((line) => `killed before ${killed.join(', then before ')}: ${line}`)
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  it('comes to its end after a death before any write', async () => {
    const broken: string[] = []
    let deaths = 0
    for (let death = 1; death <= MOST_WRITES; death += 1) {
      const found = await livesOf(story, [death])
      if (found === null) break
      deaths += 1
      broken.push(...found)
    }
    expect(broken).toEqual([])
    expect(deaths).toBeGreaterThan(5)
    expect(deaths).toBeLessThan(MOST_WRITES)
    process.stdout.write(`${deaths} deaths\n`)
  })

  it('comes to its end after the second life, too, dies early', async () => {
    const broken: string[] = []
    for (let first = 2; first <= MOST_WRITES; first += 9) {
      for (const second of [1, 3]) broken.push(...((await livesOf(story, [first, second])) ?? []))
      if ((await livesOf(story, [first])) === null) break
    }
    expect(broken).toEqual([])
  })
})
