/** The topics of events, and how they are made. Pure. */
import type { EVENT_TYPES, EventType } from '../contract/event'

export type EventTopic = (typeof EVENT_TYPES)[EventType]['topic']

export interface TopicOptions {
  partitions: number
  /** Null: as many as the brokers' default.replication.factor says. */
  replicationFactor: number | null
}

const HOUR_MS = 3_600_000
/** A consumer that was away for a month still finds every lifecycle event; progress is of no use after the encode. */
const RETENTION_MS: Readonly<Record<EventTopic, number>> = { lifecycle: 30 * 24 * HOUR_MS, progress: 6 * HOUR_MS }

export function topicName(prefix: string, topic: EventTopic): string {
  return `${prefix}.${topic}`
}

/** As kafkajs's admin takes them. How many replicas must have a message (min.insync.replicas) is the broker's to say. */
export function topicConfigs(
  prefix: string,
  { partitions, replicationFactor }: TopicOptions,
): { topic: string; numPartitions: number; replicationFactor: number; configEntries: ConfigEntry[] }[] {
  return (['lifecycle', 'progress'] as const).map((topic) => ({
    topic: topicName(prefix, topic),
    numPartitions: partitions,
    replicationFactor: replicationFactor ?? -1,
    configEntries: [{ name: 'retention.ms', value: String(RETENTION_MS[topic]) }],
  }))
}

interface ConfigEntry {
  name: string
  value: string
}
