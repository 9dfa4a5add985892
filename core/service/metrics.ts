/** Figures of a process in Prometheus' form. Names: `gantry_`, base unit, `_total` for counters; no label has an id. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  /** Runs `update` before each reading of the figures, for gauges of what others know. */
  onRead(update: () => void | Promise<void>): void
  text(): Promise<string>
  /** Jobs that ended, by kind and by outcome (`done`, or the code of the failure). */
  jobs: Counter<'kind' | 'outcome'>
  jobSeconds: Histogram<'kind'>
  /** Media seconds that were encoded. */
  mediaSeconds: Counter
  /** Messages of the intakes by what became of them, and objects in them. */
  intakeMessages: Counter<'intake' | 'outcome'>
  intakeObjects: Counter<'outcome'>
  /** Assets that ended, by their last word. */
  assets: Counter<'outcome'>
  /** 1 in the scheduler that leads. */
  leader: Gauge
  /** Jobs in the queues by state. */
  queueJobs: Gauge<'queue' | 'state'>
  /** Progress events that were dropped since the process started. */
  droppedEvents: Gauge
}

/** Encodes last from a second to some minutes. */
const JOB_BUCKETS_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900]

export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ registers, name, help, labelNames })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ registers, name, help, labelNames })
  const updates: (() => void | Promise<void>)[] = []
  return {
    registry,
    onRead: (update) => void updates.push(update),
    text: async () => {
      // A figure that cannot be had now is left as it was.
      await Promise.allSettled(updates.map(async (update) => update()))
      return registry.metrics()
    },
    jobs: counter('gantry_jobs_total', 'jobs that ended here', 'kind', 'outcome'),
    jobSeconds: new Histogram({
      registers,
      name: 'gantry_job_duration_seconds',
      help: 'wall time of jobs that were done',
      labelNames: ['kind'],
      buckets: JOB_BUCKETS_SECONDS,
    }),
    mediaSeconds: counter('gantry_media_seconds_total', 'seconds of media of published assets'),
    intakeMessages: counter('gantry_intake_messages_total', 'messages of intakes', 'intake', 'outcome'),
    intakeObjects: counter('gantry_intake_objects_total', 'objects that intakes told of', 'outcome'),
    assets: counter('gantry_assets_total', 'assets that were closed', 'outcome'),
    leader: gauge('gantry_leader', '1 in the scheduler that reconciles and relays events'),
    queueJobs: gauge('gantry_queue_jobs', 'jobs in the queue', 'queue', 'state'),
    droppedEvents: gauge('gantry_dropped_progress_events', 'progress events not delivered'),
  }
}
