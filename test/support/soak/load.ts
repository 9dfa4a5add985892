/** Puts masters and acts on assets, by what an operator has: objects, their events, and the commands' own functions. */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { asGantryError } from '../../../core/contract/errors'
import { at, stateKeys } from '../../../core/contract/keys'
import type { ObjectStore } from '../../../core/ports/object-store'
import { cancelAsset } from '../../../scheduler/runs/cancel'
import { deleteAsset } from '../../../scheduler/runs/delete'
import { allAssets, readAsset } from '../../../scheduler/runs/read-asset'
import { runAgain } from '../../../scheduler/runs/retry'
import { standingOf, type AssetStanding } from '../../../scheduler/runs/standing'
import { STATE, storeOf } from '../faults/service-traces'
import { BUCKETS } from '../services'
import { QUEUE, type SoakFleet } from './fleet'
import type { SoakMasters } from './masters'
import type { Act, PlannedAct } from './plan'

export interface SoakLoad {
  /** Resolves with what came of it. */
  act(act: PlannedAct): Promise<string>
  /** Events that no scheduler has taken yet, and assets with unfinished work. */
  unfinished(): Promise<number>
  close(): void
}

/** More than this waits: the machine has enough to do, and a new master is left out. */
const MOST_OPEN = 14
const REPEATS = 10
const REDONE_RUNG = '90p'

interface Put {
  key: string
  event: string
}

interface LoadParts {
  fleet: SoakFleet
  masters: SoakMasters
  store: ObjectStore
  sqs: SQSClient
  puts: Put[]
}

export function soakLoad(fleet: SoakFleet, masters: SoakMasters): SoakLoad {
  const { sqs: server, services } = fleet
  const sqs = new SQSClient({ region: server.region, endpoint: server.endpoint, credentials: server })
  const parts: LoadParts = { fleet, masters, sqs, store: storeOf(services), puts: [] }
  return {
    act: async (act) => {
      try {
        return await does(parts, act)
      } catch (thrown) {
        // Things that cannot be done to an asset as it stands are refused, and that is right.
        const { code } = asGantryError(thrown)
        if (code !== 'API_ASSET_STATE' && code !== 'API_REQUEST_INVALID') throw thrown
        return `refused, ${code}`
      }
    },
    unfinished: async () => (await waiting(parts)) + (await openCount(parts)),
    close: () => sqs.destroy(),
  }
}

async function does(parts: LoadParts, act: Act): Promise<string> {
  switch (act.act) {
    case 'put': {
      if ((await openCount(parts)) >= MOST_OPEN) return 'left out, enough is open'
      const number = parts.puts.length
      const folder = number % 2 === 0 ? 'wide' : 'narrow'
      return put(parts, `${folder}/${act.shape.replaceAll(' ', '-')}-${number}`, act.shape)
    }
    case 'overwrite': {
      const last = parts.puts.at(-1)
      return last === undefined ? 'nothing is there' : put(parts, last.key.replace(/\.mp4$/, ''), 'sound')
    }
    case 'repeat': {
      const last = parts.puts.at(-1)
      if (last === undefined) return 'nothing is there'
      await Promise.all(Array.from({ length: REPEATS }, () => send(parts, last.event)))
      return `the event of ${last.key}, ${REPEATS} times`
    }
    default:
      return onAsset(parts, act)
  }
}

async function onAsset({ store }: LoadParts, { act, choice }: Exclude<Act, { act: 'put' }>): Promise<string> {
  const place = { store, state: STATE, now: () => new Date() }
  const standings: AssetStanding[] = []
  for await (const assetId of allAssets(place)) standings.push(standingOf(await readAsset(place, assetId)))
  const fitting = standings.filter((one) => fits(act, one))
  const chosen = fitting[choice % Math.max(1, fitting.length)]
  if (chosen === undefined) return 'none stands so'
  const { assetId } = chosen
  if (act === 'cancel') await cancelAsset(place, assetId)
  if (act === 'delete') await deleteAsset(place, assetId)
  if (act === 'retry') await runAgain(place, assetId, { operation: 'retry' })
  if (act === 'redo') await runAgain(place, assetId, { operation: 'redo', rungId: REDONE_RUNG })
  return assetId
}

function fits(act: Act['act'], { status, runs }: AssetStanding): boolean {
  const isOver = ['published', 'failed', 'cancelled', 'superseded', 'deleted'].includes(status)
  if (act === 'cancel') return !isOver && runs.length > 0
  if (act === 'retry') return status === 'failed' || status === 'cancelled'
  if (act === 'redo') return status === 'published'
  return isOver && status !== 'deleted'
}

async function put(parts: LoadParts, stem: string, shape: Parameters<SoakMasters['make']>[0]): Promise<string> {
  const { bytes, extension } = await parts.masters.make(shape)
  const key = `${stem}.${extension}`
  const { client } = parts.fleet.services
  const { ETag = '' } = await client.send(new PutObjectCommand({ Bucket: BUCKETS.masters, Key: key, Body: bytes }))
  const event = eventOf({ key, etag: ETag.replaceAll('"', ''), size: bytes.length, number: parts.puts.length + 1 })
  parts.puts.push({ key, event })
  await send(parts, event)
  return key
}

/** As S3 itself tells of an object. Source: Amazon S3 user guide, "Event message structure". */
function eventOf(object: { key: string; etag: string; size: number; number: number }): string {
  const s3 = {
    s3SchemaVersion: '1.0',
    bucket: { name: BUCKETS.masters },
    object: {
      ...{ key: object.key, size: object.size, eTag: object.etag },
      sequencer: object.number.toString(16).toUpperCase().padStart(18, '0'),
    },
  }
  const head = { eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', awsRegion: 'us-east-1' }
  return JSON.stringify({ Records: [{ ...head, s3 }] })
}

async function send({ sqs, fleet }: LoadParts, body: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: fleet.sqs.queueUrl(QUEUE), MessageBody: body }))
}

async function waiting({ sqs, fleet }: LoadParts): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: fleet.sqs.queueUrl(QUEUE), AttributeNames: [...names] }),
  )
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
}

async function openCount({ store }: LoadParts): Promise<number> {
  const keys: string[] = []
  const prefix = at(STATE, stateKeys.openPrefix).key
  for await (const { key } of store.list({ bucket: STATE.bucket, prefix })) keys.push(key)
  return keys.length
}
