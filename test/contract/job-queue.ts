import { GantryError } from '../../core/contract/errors'
import { jobId, type JobKind } from '../../core/contract/ids'
import { JOB_VERSION, type Job } from '../../core/contract/job'
import { queueOf } from '../../core/contract/queues'
import type { Attempt, ConsumeOptions, Drain, JobConsumer, JobQueue } from '../../core/ports/job-queue'

/** What a command does when it is stopped: hand all back. */
export const AT_ONCE: Drain = { finishWithinSeconds: 0, limitSeconds: 0 }

export interface QueueUnderTest {
  queue: JobQueue
  consume: (options: ConsumeOptions) => Promise<JobConsumer>
  close: () => Promise<void>
}

/** A run with one piece, sound, and what follows; data that the queue does not look at are left out. */
export function smallRun(assetId: string, priority = 100): Job[] {
  const place = { bucket: 'b', prefix: 'p' }
  const job = (kind: JobKind, part: string): Job =>
    ({
      ...{ v: JOB_VERSION, assetId, run: 1, kind, part, priority, output: place, state: place },
      jobId: jobId({ assetId, run: 1, kind, part }),
    }) as Job
  return [
    job('video-piece', 'video-0000'),
    job('audio', 'audio'),
    job('join', 'join'),
    job('mp4', 'mp4-240p'),
    job('publish', 'publish'),
  ]
}

/** What every JobQueue must do. Call it once per implementation. */
export function describeJobQueue(name: string, make: () => Promise<QueueUnderTest>): void {
  describe(`JobQueue: ${name}`, () => {
    let under: QueueUnderTest
    /** Promises, since a job may run before its consumer is returned. */
    let consumers: Promise<JobConsumer>[]
    beforeEach(async () => {
      consumers = []
      under = await make()
    })
    afterEach(async () => {
      await Promise.all(consumers.map(async (consumer) => (await consumer).stop(AT_ONCE)))
      await under.close()
    })

    const consumeBoth = async (
      handle: (job: Job, attempt: Attempt) => Promise<void>,
      onFailed: ConsumeOptions['onFailed'] = () => Promise.resolve(),
    ): Promise<void> => {
      for (const queue of ['encode', 'finish'] as const) {
        consumers.push(under.consume({ queue, slots: 2, handle, onFailed }))
      }
    }
    const settled = (jobs: readonly Job[]): Promise<void> =>
      new Promise((resolve) => {
        const missing = new Set(jobs.map((job) => job.jobId))
        under.queue.onSettled((id) => {
          missing.delete(id)
          if (missing.size === 0) resolve()
        })
      })

    it('runs the join after all encodes, and publish after what the join added', async () => {
      const jobs = smallRun('a'.repeat(20))
      const order: string[] = []
      const [, , , mp4, publish] = jobs
      const done = settled(jobs)
      await consumeBoth(async (job) => {
        order.push(job.part)
        if (job.kind === 'join' && mp4 && publish) await under.queue.addChildren(publish, [mp4])
      })
      await under.queue.addRun(jobs)
      await done
      expect(order.slice(0, 2).sort()).toEqual(['audio', 'video-0000'])
      expect(order.slice(2)).toEqual(['join', 'mp4-240p', 'publish'])
    })

    it('starts pieces of a copy when they are added after it, and the join after them', async () => {
      const [piece, ...others] = smallRun('k'.repeat(20)).filter((job) => job.kind !== 'mp4')
      if (piece === undefined) throw new Error('no piece')
      const copied = { ...piece, copiedBy: 'remux' } as Job
      const { assetId, run } = piece
      const id = jobId({ assetId, run, kind: 'remux', part: 'remux' })
      const remux = { ...piece, kind: 'remux', part: 'remux', jobId: id } as Job
      const jobs = [remux, copied, ...others]
      const order: string[] = []
      const done = settled(jobs)
      await consumeBoth(async (job) => {
        order.push(job.part)
        const join = others.find(({ kind }) => kind === 'join')
        if (job.kind === 'remux' && join !== undefined) await under.queue.addChildren(join, [copied])
      })
      await under.queue.addRun(jobs)
      await done
      expect(order.slice(-3)).toEqual(['video-0000', 'join', 'publish'])
      expect(order.indexOf('remux')).toBeLessThan(order.indexOf('video-0000'))
    })

    it('does a job once when its run is added twice', async () => {
      const jobs = smallRun('b'.repeat(20)).filter((job) => job.kind !== 'mp4')
      const order: string[] = []
      const done = settled(jobs)
      await under.queue.addRun(jobs)
      await under.queue.addRun(jobs)
      await under.queue.ensure(jobs)
      await consumeBoth((job) => {
        order.push(job.part)
        return Promise.resolve()
      })
      await done
      expect(order.sort()).toEqual(['audio', 'join', 'publish', 'video-0000'])
    })

    it('knows the assets that have a job which runs or will run by itself', async () => {
      const [waiting, done, held] = ['u', 'v', 'w'].map((letter) => smallRun(letter.repeat(20)))
      if (waiting === undefined || done === undefined || held === undefined) throw new Error('no jobs')
      expect(await under.queue.assetsAtWork()).toEqual(new Set())
      await under.queue.ensure(done.slice(0, 1))
      let letGo: () => void = () => undefined
      const running = new Promise<void>((started) => {
        const handle: ConsumeOptions['handle'] = ({ assetId }) =>
          new Promise<void>((resolve) => {
            if (assetId !== held[0]?.assetId) return resolve()
            letGo = resolve
            started()
          })
        const ended = settled(done.slice(0, 1))
        consumers.push(under.consume({ queue: 'encode', slots: 1, handle, onFailed: () => Promise.resolve() }))
        void ended.then(() => under.queue.ensure(held.slice(0, 1)))
      })
      await running
      await under.queue.addRun(waiting)
      expect(await under.queue.assetsAtWork()).toEqual(new Set([waiting[0]?.assetId, held[0]?.assetId]))
      const ended = settled([...waiting.slice(0, 2), ...held.slice(0, 1)])
      letGo()
      await ended
      // The join could start and nobody takes it.
      expect(await under.queue.assetsAtWork()).toEqual(new Set([waiting[0]?.assetId]))
    })

    it('takes a finished job again when it is ensured again', async () => {
      const [job] = smallRun('c'.repeat(20))
      if (job === undefined) throw new Error('no job')
      let runs = 0
      await consumeBoth(() => {
        runs += 1
        return Promise.resolve()
      })
      for (const expected of [1, 2]) {
        const done = settled([job])
        await under.queue.ensure([job])
        await done
        expect(runs).toBe(expected)
      }
    })

    it('serves the lower priority number first', async () => {
      const late = smallRun('d'.repeat(20), 1_000).slice(0, 1)
      const early = smallRun('e'.repeat(20), 10).slice(0, 1)
      await under.queue.ensure(late)
      await under.queue.ensure(early)
      const order: number[] = []
      const done = settled([...late, ...early])
      consumers.push(
        under.consume({
          queue: 'encode',
          slots: 1,
          handle: (job) => Promise.resolve(void order.push(job.priority)),
          onFailed: () => Promise.resolve(),
        }),
      )
      await done
      expect(order).toEqual([10, 1_000])
    })

    it('tries a retryable failure again and tells the last attempt', async () => {
      const [job] = smallRun('f'.repeat(20))
      const lasts: boolean[] = []
      const failed = new Promise<GantryError>((resolve) => {
        void consumeBoth(
          (_, { isLast }) => {
            lasts.push(isLast)
            return Promise.reject(new GantryError('FFMPEG_EXIT', 'it broke'))
          },
          (_, error) => Promise.resolve(resolve(error)),
        )
      })
      await under.queue.ensure(job ? [job] : [])
      expect((await failed).code).toBe('FFMPEG_EXIT')
      expect(lasts).toEqual([false, false, true])
    })

    it('gives up at once on a failure that no retry can help', async () => {
      const [job] = smallRun('g'.repeat(20))
      let tries = 0
      const failed = new Promise<GantryError>((resolve) => {
        void consumeBoth(
          () => {
            tries += 1
            return Promise.reject(new GantryError('SOURCE_CHANGED', 'it changed'))
          },
          (_, error) => Promise.resolve(resolve(error)),
        )
      })
      await under.queue.ensure(job ? [job] : [])
      expect((await failed).code).toBe('SOURCE_CHANGED')
      expect(tries).toBe(1)
    })

    it('hands a running job back when its consumer stops, without spending an attempt', async () => {
      const [job] = smallRun('h'.repeat(20))
      const started = new Promise<void>((resolve) => {
        const consumer = under.consume({
          queue: 'encode',
          slots: 1,
          handle: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error))
              resolve()
            }),
          onFailed: () => Promise.resolve(),
        })
        consumers.push(consumer)
      })
      await under.queue.ensure(job ? [job] : [])
      await started
      await (await consumers.pop())?.stop(AT_ONCE)
      const again = new Promise<Attempt>((resolve) => {
        void consumeBoth((_, attempt) => Promise.resolve(resolve(attempt)))
      })
      expect((await again).isLast).toBe(false)
    })

    describe('a consumer that is to stop', () => {
      /** Runs one job that ends by its signal or by `finish`, after it has told what is left. */
      const running = async (
        assetId: string,
        part: number,
        remaining: number | null,
      ): Promise<{ consumer: JobConsumer; job: Job; finish: () => void; end: Promise<unknown> }> => {
        const job = smallRun(assetId)[part]
        if (job === undefined) throw new Error('no job')
        let finish = (): void => undefined
        let ended: (how: unknown) => void = () => undefined
        const end = new Promise<unknown>((resolve) => (ended = resolve))
        const consumer = await new Promise<JobConsumer>((resolve) => {
          const made = under.consume({
            queue: queueOf(job.kind),
            slots: 1,
            handle: (_, { signal, tellRemaining }) =>
              new Promise((done, reject) => {
                tellRemaining(remaining)
                finish = () => {
                  ended('finished')
                  done()
                }
                signal.addEventListener('abort', () => {
                  ended(signal.reason)
                  reject(signal.reason as Error)
                })
                void made.then(resolve)
              }),
            onFailed: () => Promise.reject(new Error('nothing failed')),
          })
          void under.queue.ensure([job])
        })
        consumers.push(Promise.resolve(consumer))
        return { consumer, job, finish: () => finish(), end }
      }

      it.each([
        ['an encode that is nearly done', 0, 30],
        ['what finishes a run, which is short', 2, null],
      ])('waits for %s', async (_, part, remaining) => {
        const { consumer, finish, end } = await running('o'.repeat(20), part, remaining)
        const stopped = consumer.stop({ finishWithinSeconds: 70, limitSeconds: 90 })
        finish()
        await stopped
        expect(await end).toBe('finished')
      })

      it.each([
        ['has much left', 71],
        ['has only begun', null],
      ])('hands an encode back that %s', async (_, remaining) => {
        const { consumer, end } = await running('p'.repeat(20), 0, remaining)
        await consumer.stop({ finishWithinSeconds: 70, limitSeconds: 90 })
        expect(await end).toMatchObject({ code: 'QUEUE_SHUTDOWN' })
      })

      it('hands back what did not finish in the time that it told', async () => {
        const { consumer, end } = await running('q'.repeat(20), 0, 1)
        await consumer.stop({ finishWithinSeconds: 70, limitSeconds: 0.05 })
        expect(await end).toMatchObject({ code: 'QUEUE_SHUTDOWN' })
      })

      it('ends the work on a run that was closed, and on no other', async () => {
        const { consumer, job, end } = await running('r'.repeat(20), 0, null)
        const done = settled([job])
        consumer.drop(`${'r'.repeat(20)}.11`)
        consumer.drop(`${'r'.repeat(20)}.1`)
        expect(await end).toMatchObject({ code: 'QUEUE_DROPPED' })
        await done
      })
    })
  })
}
