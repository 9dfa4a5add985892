import type { Redis } from 'ioredis'
import type { Signals, SignalTopic } from '../ports/signals'
import { connectRedis, type RedisTarget } from './redis-connection'

/** Signals by publish and subscribe. What is told while a listener is not connected does not reach it. */
export function redisSignals(target: RedisTarget, prefix: string, onError: (error: Error) => void): Signals {
  const speaker = connectRedis(target, onError)
  let ear: Redis | null = null
  const listeners = new Map<string, ((text: string) => void)[]>()
  const channelOf = (topic: SignalTopic): string => `${prefix}:signal:${topic}`
  const listen = (): Redis => {
    // A connection that hears can say nothing else; it is made when it is needed and subscribes again by itself.
    const connection = connectRedis(target, onError)
    // At each connect, also of a Redis that came back.
    connection.on('ready', () => void connection.subscribe(...listeners.keys()).catch(onError))
    connection.on('message', (channel: string, text: string) => listeners.get(channel)?.forEach((hear) => hear(text)))
    return connection
  }
  return {
    tell: (topic, text) => void speaker.publish(channelOf(topic), text).catch(onError),
    hear: (topic, listener) => {
      const channel = channelOf(topic)
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      ear ??= listen()
      if (ear.status === 'ready') void ear.subscribe(channel).catch(onError)
    },
    close: async () => {
      // What was told last is on its way before the connection closes.
      await speaker.quit().catch(() => undefined)
      ear?.disconnect()
    },
  }
}
