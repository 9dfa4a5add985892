import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EVENT_TYPES, type EventData, type EventType } from '../../core/contract/event'

const text = readFileSync(join(__dirname, '..', '..', 'docs', 'events.md'), 'utf8')

/** Every field of every type; the compiler refuses this table when a field is missing or too many. */
const FIELDS: { [T in EventType]: Record<keyof EventData[T], true> } = {
  'asset.accepted': { source: true, name: true },
  'asset.planned': { durationSeconds: true, renditions: true, decisions: true, jobs: true },
  'asset.published': { master: true, durationSeconds: true, renditions: true, warnings: true },
  'asset.failed': { code: true, message: true, remedy: true, source: true },
  'rendition.progress': { rendition: true, kind: true, outSeconds: true, durationSeconds: true, speed: true },
  'rendition.done': { rendition: true, kind: true, segments: true, bytes: true, samples: true },
}

describe('docs/events.md', () => {
  it('has a row for every type and no other, with its topic and meaning', () => {
    const rows = text.split('\n').filter((line) => /^\| `(asset|rendition)\./.test(line))
    const expected = Object.entries(EVENT_TYPES).map(
      ([type, { topic, meaning }]) => `| \`${type}\` | ${topic} | ${meaning} |`,
    )
    expect(rows.sort()).toEqual(expected.sort())
  })

  it.each(Object.entries(FIELDS))('names every field of %s', (type, fields) => {
    const paragraph = text.split('\n\n').find((part) => part.startsWith(`\`${type}\`:`)) ?? ''
    const missing = Object.keys(fields).filter((field) => !paragraph.includes(`\`${field}\``))
    expect(missing).toEqual([])
  })

  it('names every field of the envelope', () => {
    const fields = ['v', 'id', 'type', 'at', 'assetId', 'run', 'jobId', 'data']
    expect(fields.filter((field) => !text.includes(`| \`${field}\` |`))).toEqual([])
  })
})
