import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFailureCode } from '../../core/contract/errors'
import { FAILURES } from '../../core/contract/failures'
import { EVENT_TYPES, isLifecycle, type AnyEvent, type EventData, type EventType } from '../../core/contract/event'

const text = readFileSync(join(__dirname, '..', '..', 'docs', 'events.md'), 'utf8')
const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json) as AnyEvent)

/** Every field of every type; the compiler refuses this table when a field is missing or too many. */
const FIELDS: { [T in EventType]: Record<keyof EventData[T], true> } = {
  'asset.accepted': { source: true, name: true },
  'asset.planned': { durationSeconds: true, renditions: true, decisions: true, jobs: true },
  'asset.playable': { early: true, renditions: true },
  'asset.published': { master: true, manifest: true, durationSeconds: true, renditions: true, warnings: true },
  'asset.failed': { code: true, message: true, remedy: true, source: true, findings: true },
  'asset.superseded': { by: true, source: true },
  'asset.cancelled': { source: true },
  'asset.deleted': { source: true },
  'rendition.progress': { rendition: true, kind: true, outSeconds: true, durationSeconds: true, speed: true },
  'rendition.done': { rendition: true, kind: true, segments: true, bytes: true, samples: true },
}
const ENVELOPE = ['v', 'id', 'type', 'at', 'assetId', 'run', 'jobId', 'data']

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
    expect(ENVELOPE.filter((field) => !text.includes(`| \`${field}\` |`))).toEqual([])
  })

  it('has one example of every type', () => {
    expect(examples.map(({ type }) => type).sort()).toEqual(Object.keys(EVENT_TYPES).sort())
  })

  it.each(examples)('shows $type with exactly the fields that it has', (example) => {
    expect(Object.keys(example.data).sort()).toEqual(Object.keys(FIELDS[example.type]).sort())
    const fields = ENVELOPE.filter((field) => field !== 'jobId' || !isLifecycle(example.type))
    expect(Object.keys(example).sort()).toEqual(fields.sort())
  })

  it.each(examples)('shows $type with an id of the form it has', ({ id, type, assetId, run, jobId }) => {
    if (isLifecycle(type)) expect(id).toBe(`${assetId}:${run}:${type}`)
    else expect(id.split(':')[0]).toBe(jobId)
    expect(assetId).toMatch(/^[a-z2-7]{20}$/)
  })

  it('shows a failure as the table of errors has it', () => {
    const failure = examples.find(({ type }) => type === 'asset.failed')?.data as EventData['asset.failed']
    expect(isFailureCode(failure.code) && FAILURES[failure.code].remedy).toBe(failure.remedy)
  })
})
