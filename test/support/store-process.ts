/** Real processes that write to one folder store, for races and for deaths at the worst moment. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FileStoreOptions } from '../../core/adapters/file-store'
import type { ObjectAt } from '../../core/contract/source'
import type { ObjectStat, WriteOptions } from '../../core/ports/object-store'
import { compileModules } from './compile'

export interface StoreProcess {
  child: ChildProcess
  write(at: ObjectAt, body: string, condition?: WriteOptions['condition']): Promise<Answer>
  count(at: ObjectAt, times: number): Promise<Answer>
  /** Resolves when the process has the lock of an object and has sent itself the fault's signal. */
  holding: Promise<void>
  kill(): Promise<void>
}

export interface Answer {
  result?: ObjectStat | number
  code?: string
}

/** Compiles the store for plain Node processes. */
export function compileStore(folder: string): void {
  compileModules(folder, ['core/adapters/file-store'])
}

export async function startStoreProcess(
  compiled: string,
  options: FileStoreOptions,
  fault?: 'SIGKILL' | 'SIGSTOP',
): Promise<StoreProcess> {
  const child = fork(join(__dirname, '../fixtures/store-process.cjs'), [JSON.stringify({ compiled, options, fault })], {
    execArgv: [],
    env: {},
  })
  const exited = once(child, 'exit')
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0
  const holding = new Promise<void>((resolve) => {
    child.on('message', (message: Answer & { id?: number; holding?: string }) => {
      if (message.holding !== undefined) resolve()
      if (message.id !== undefined) waiting.get(message.id)?.(message)
    })
  })
  await once(child, 'message')
  void exited.then(() => waiting.forEach((answer) => answer({ code: 'dead' })))
  const ask = (task: object): Promise<Answer> =>
    new Promise((resolve) => {
      lastId += 1
      waiting.set(lastId, resolve)
      child.send({ ...task, id: lastId })
    })
  return {
    child,
    holding,
    write: (at, body, condition) => ask({ kind: 'write', at, body, condition }),
    count: (at, times) => ask({ kind: 'count', at, times }),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
