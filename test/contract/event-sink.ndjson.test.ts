import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ndjsonEvents } from '../../core/adapters/ndjson-events'
import type { AnyEvent } from '../../core/contract/event'
import { describeEventSink } from './event-sink'

let folder: string
let made = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-events-'))
})
afterAll(() => rm(folder, { recursive: true }))

describeEventSink('NDJSON in a file', async () => {
  made += 1
  const file = join(folder, `${made}.ndjson`)
  const stream = createWriteStream(file)
  await once(stream, 'open')
  return {
    sink: ndjsonEvents(stream),
    received: async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as AnyEvent)
    },
  }
})
