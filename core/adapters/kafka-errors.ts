/** What kafkajs throws, in Gantry's words. */
import { GantryError } from '../contract/errors'

/** Where an event was to go. */
export interface KafkaPlace {
  brokers: readonly string[]
  /** Null while connecting. */
  topic: string | null
  /** Why Gantry could not create its topics, when it was to. */
  topicProblem: string | null
}

const LOGIN_TYPES = ['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']

/** Of kafkajs's errors; `type` is the name of a code of the Kafka protocol. */
interface KafkaFault {
  message: string
  type: string | null
}

/** @returns EVENTS_UNAVAILABLE, with what can be done about it where that is known. */
export function eventsUnavailable(thrown: unknown, place: KafkaPlace): GantryError {
  if (thrown instanceof GantryError) return thrown
  const fault = rootFault(thrown)
  const details = { brokers: place.brokers, topic: place.topic, kafka: fault.type ?? 'NO_ANSWER' }
  return new GantryError('EVENTS_UNAVAILABLE', sentence(fault, place), details, { cause: thrown })
}

function sentence({ message, type }: KafkaFault, place: KafkaPlace): string {
  const at = `Kafka at ${place.brokers.join(', ')}`
  const topic = `topic '${place.topic ?? ''}'`
  if (type !== null && LOGIN_TYPES.includes(type)) {
    return `${at} refused to authenticate (${message}); give a mechanism, user and password that its listener allows`
  }
  switch (type) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return place.topicProblem === null
        ? `${at} has no ${topic}; create it, or let Gantry create it with GANTRY_KAFKA_CREATE_TOPICS=on`
        : `${at} has no ${topic}, and with GANTRY_KAFKA_CREATE_TOPICS=on it could not be created (${place.topicProblem})`
    case 'TOPIC_AUTHORIZATION_FAILED':
      return `${at} does not let this client write to ${topic}; allow it Describe and Write there`
    case 'MESSAGE_TOO_LARGE':
      return `${at} takes no event of this size in ${topic}; set max.message.bytes of the topic to 1048576 or more`
    default:
      return `${at} did not ${place.topic === null ? 'let Gantry connect' : `take an event for ${topic}`} (${message})`
  }
}

/** The first fault with a protocol code on the way to the cause, else the last. */
function rootFault(thrown: unknown): KafkaFault {
  let found: KafkaFault = { message: String(thrown), type: null }
  for (let at = thrown; at instanceof Error; at = at.cause) {
    found = { message: at.message, type: typeOf(at) }
    if (found.type !== null) break
  }
  return found
}

function typeOf(error: Error): string | null {
  if ('type' in error && typeof error.type === 'string') return error.type
  // This one drops the code that it was made from.
  return error.name === 'KafkaJSSASLAuthenticationError' ? 'SASL_AUTHENTICATION_FAILED' : null
}

/**
 * Topics that the broker refuses to create, in words.
 *
 * @returns null when that is not what went wrong.
 */
export function topicRefusal(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('errors' in thrown) || !Array.isArray(thrown.errors)) return null
  const faults = thrown.errors.map((error) => ({ ...rootFault(error), topic: topicOf(error) }))
  const refused = faults.filter(({ type }) => type !== 'TOPIC_ALREADY_EXISTS')
  return refused.map(({ topic, type, message }) => `${topic}: ${type ?? ''} ${message}`).join('; ')
}

function topicOf(error: unknown): string {
  return error instanceof Error && 'topic' in error ? String(error.topic) : ''
}
