/** The ports of a process that is killed before a chosen write: from then on nothing it asked for is ever answered. */
import type { EventSink } from '../../../core/ports/event-sink'
import type { JobQueue } from '../../../core/ports/job-queue'
import type { ObjectStore } from '../../../core/ports/object-store'
import type { Ports } from './small-fleet'

export interface Mortal extends Ports {
  /** Resolves with the write that was not done any more. */
  died: Promise<string>
  /** Writes so far, in order. */
  writes: readonly string[]
}

/** @param diesBefore Number of the write that does not happen, from 1. */
export function mortalPorts(ports: Ports, diesBefore: number): Mortal {
  const writes: string[] = []
  let isDead = false
  let die: (write: string) => void = () => undefined
  const died = new Promise<string>((resolve) => {
    die = resolve
  })
  const isOver = (): boolean => isDead
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  const read = <T>(call: () => Promise<T>): Promise<T> => (isOver() ? never() : call())
  const write = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (isOver()) return never()
    writes.push(name)
    if (writes.length === diesBefore) {
      isDead = true
      die(name)
      return never()
    }
    const done = await call()
    return isOver() ? never() : done
  }
  return {
    ...{ died, writes },
    store: storeOf(ports.store, read, write),
    queue: queueOf(ports.queue, write),
    sink: sinkOf(ports.sink, write),
  }
}

type Read = <T>(call: () => Promise<T>) => Promise<T>
type Write = <T>(name: string, call: () => Promise<T>) => Promise<T>

function storeOf(store: ObjectStore, read: Read, write: Write): ObjectStore {
  return {
    head: (at) => read(() => store.head(at)),
    labels: (at, kind) => read(() => store.labels(at, kind)),
    read: (ref, range) => read(() => store.read(ref, range)),
    list: (place) => store.list(place),
    locate: (at) => store.locate(at),
    write: (at, body, how) => write(`write ${at.key}`, () => store.write(at, body, how)),
    copy: (from, to, how) => write(`copy ${to.key}`, () => store.copy(from, to, how)),
    remove: (at) => write(`remove ${at.key}`, () => store.remove(at)),
    unfinished: (place) => store.unfinished(place),
    abandon: (begun) => write(`abandon ${begun.key}`, () => store.abandon(begun)),
  }
}

/** A tree is added in one step; what the queue does job by job may end between any two. */
function queueOf(queue: JobQueue, write: Write): JobQueue {
  return {
    ...queue,
    addRun: (jobs) => write('add the run', () => queue.addRun(jobs)),
    ensure: async (jobs) => {
      for (const job of jobs) await write(`ensure ${job.part}`, () => queue.ensure([job]))
    },
    addChildren: async (parent, jobs) => {
      for (const job of jobs) await write(`add ${job.part}`, () => queue.addChildren(parent, [job]))
    },
    dropRun: async (jobs) => {
      for (const job of jobs) await write(`drop ${job.part}`, () => queue.dropRun([job]))
    },
  }
}

function sinkOf(sink: EventSink, write: Write): EventSink {
  return { emit: (event) => write(`tell ${event.type}`, () => sink.emit(event)), close: () => sink.close() }
}
