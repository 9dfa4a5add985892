import { SOURCE_FAILURES, type Failure } from './source-failures'

/**
 * Every failure the fleet can report, in one table: whether a retry can help, what it means, what to do.
 * `docs/errors.md` is held against this table by a test, in both directions.
 */
export const FAILURES = {
  API_USAGE: {
    retry: false,
    meaning: 'the command line or request is not understood',
    remedy: 'run `gantry --help` and give the command as shown there',
  },
  API_TOKEN: {
    retry: false,
    meaning: 'the request carries no token or a wrong one',
    remedy: 'send the token of GANTRY_WEBHOOK_TOKEN as `Authorization: Bearer` or as `?token=`',
  },
  API_EVENT_INVALID: {
    retry: false,
    meaning: 'an intake message is not an object event that Gantry understands',
    remedy:
      'point S3, EventBridge or SNS notifications at the intake, nothing else; the message is in the dead letters',
  },
  API_REQUEST_INVALID: {
    retry: false,
    meaning: 'a request asks for something that cannot be made of this master',
    remedy: 'mend the field named in the message and send the request again',
  },
  API_BUCKET_NOT_ALLOWED: {
    retry: false,
    meaning: 'an event names a bucket or prefix that masters are not taken from',
    remedy: 'add it to GANTRY_SOURCES, or stop the notification; the message is in the dead letters',
  },
  API_DESTINATION_NOT_ALLOWED: {
    retry: false,
    meaning: 'a request names a destination that it may not use',
    remedy: 'name one of the routes file, or add its bucket to GANTRY_DESTINATIONS; the message is in the dead letters',
  },
  API_ASSET_BUSY: {
    retry: true,
    meaning: 'the asset is being made as an earlier request asked for',
    remedy: 'nothing, the request is taken up again; when it ends in the dead letters, send it once more',
  },
  API_ASSET_UNKNOWN: {
    retry: false,
    meaning: 'no asset, or more than one, has this id',
    remedy: 'name one of those that `gantry status` lists, by its id or the first characters of it',
  },
  API_ASSET_STATE: {
    retry: false,
    meaning: 'what was asked for cannot be done with the asset as it stands',
    remedy: 'see `gantry status` for how it stands, and docs/runs.md for what can be done then',
  },
  API_CANCELLED: {
    retry: false,
    meaning: 'somebody cancelled the work on this asset',
    remedy: 'nothing, or `gantry retry` to make it after all; what was finished is kept',
  },
  API_DELETED: {
    retry: false,
    meaning: 'somebody deleted this asset',
    remedy: 'nothing, or `gantry run` or a request with `force` to make it again',
  },
  CONFIG_INVALID: {
    retry: false,
    meaning: 'a setting has a value that cannot be used',
    remedy: 'set the named variable to one of the values the message lists',
  },
  CONFIG_ROUTES_INVALID: {
    retry: false,
    meaning: 'the routes file says something that cannot be used',
    remedy: 'mend the fields that the message names; `gantry routes check FILE` tells the same',
  },
  CONFIG_TOOL_MISSING: {
    retry: false,
    meaning: 'a program that Gantry needs is not installed or does not start',
    remedy: 'run the install line in the message, then start again',
  },
  CONFIG_PORT_BUSY: {
    retry: false,
    meaning: 'a port that the process is to listen on is in use or may not be used',
    remedy: 'end the other process, or set the port named in the message to another one',
  },
  CONFIG_REDIS_EVICTS: {
    retry: false,
    meaning: 'Redis throws keys away when its memory is full, and would lose work in flight',
    remedy: 'set maxmemory-policy to noeviction in the parameter group or the configuration of Redis',
  },
  CONFIG_OUT_BUSY: {
    retry: false,
    meaning: 'another Gantry is working in the same output folder',
    remedy: 'wait for it to end, or give another folder with --out',
  },
  LADDER_INVALID: {
    retry: false,
    meaning: 'the ladder file does not follow the schema',
    remedy: 'mend the field named in the message; `ladders/default.yaml` is a working example',
  },
  LADDER_NOT_FOUND: {
    retry: false,
    meaning: 'no built-in ladder has this name and no file is at this path',
    remedy: 'use a built-in name from the message or the path of a YAML file',
  },
  ...SOURCE_FAILURES,
  STORE_NOT_FOUND: {
    retry: false,
    meaning: 'an object that should be in the store is not there',
    remedy: 'check that nobody deletes from the output or the state; submit the master again',
  },
  STORE_CONFLICT: {
    retry: false,
    meaning: 'a conditional write found another object in place',
    remedy: 'nothing by hand: the first writer has won and its object counts',
  },
  STORE_DENIED: {
    retry: false,
    meaning: 'the store refused the access',
    remedy: 'give the process read and write permission on the output and the state',
  },
  STORE_KEY_INVALID: {
    retry: false,
    meaning: 'a key leaves its bucket or has characters that cannot be stored',
    remedy: 'use a name without `..` parts and control characters',
  },
  STORE_UNAVAILABLE: {
    retry: true,
    meaning: 'the store did not answer, or answered with a passing error',
    remedy: 'nothing at first: it is tried again; if it lasts, look at the health of the store',
  },
  STORE_FULL: {
    retry: true,
    meaning: 'no space is left where an object or a scratch file was to be written',
    remedy: 'free space in the folder named in the message; the work is tried again',
  },
  FFMPEG_EXIT: {
    retry: true,
    meaning: 'ffmpeg ended with an error',
    remedy: 'read the last lines of its output in the report; report it when the master plays elsewhere',
  },
  FFMPEG_STALLED: {
    retry: true,
    meaning: 'ffmpeg made no progress for the time allowed',
    remedy: 'nothing at first: it is tried again; a master that stalls each time is damaged',
  },
  FFMPEG_LIMIT: {
    retry: false,
    meaning: 'decoding the master went over a limit on time, memory, frames or output',
    remedy: 'deliver a saner export of the master, or raise the limit named in the message',
  },
  FFMPEG_OUTPUT_INVALID: {
    retry: true,
    meaning: 'ffmpeg ended well but what it wrote is not what was planned',
    remedy: 'nothing at first: it is tried again; if it stays, report it with the report file',
  },
  FFMPEG_NO_OUTPUT: {
    retry: false,
    meaning: 'no picture or no sound could be decoded from a track that was to be encoded',
    remedy: 'play the master elsewhere; export it again if it is damaged',
  },
  OUTPUT_INVALID: {
    retry: false,
    meaning: 'what would be published breaks a rule of the gate; nothing of it was made public',
    remedy: 'read the findings of the event and docs/verify.md; `gantry retry` encodes anew; report it if it stays',
  },
  QUEUE_UNAVAILABLE: {
    retry: true,
    meaning: 'Redis did not answer',
    remedy: 'nothing at first: the work is kept in the state and goes on when Redis is back',
  },
  QUEUE_SHUTDOWN: {
    retry: true,
    meaning: 'the worker was asked to stop in the middle of a piece',
    remedy: 'nothing: the piece was handed back and another worker takes it',
  },
  QUEUE_LOST: {
    retry: true,
    meaning: 'another worker has taken over this piece',
    remedy: 'nothing: the other worker finishes it',
  },
  QUEUE_DROPPED: {
    retry: false,
    meaning: 'the run was closed while this piece was being made',
    remedy: 'nothing: the run was cancelled or superseded, or failed in another part',
  },
  QUEUE_POISON: {
    retry: false,
    meaning: 'several workers died while they worked on this piece',
    remedy: 'look at the memory of the workers and at the master; submit it again after the cause is mended',
  },
  QUEUE_BAD_JOB: {
    retry: false,
    meaning: 'a job in the queue does not have the form this version reads',
    remedy: 'run the same version of scheduler and workers, then submit the master again',
  },
  INTAKE_UNAVAILABLE: {
    retry: true,
    meaning: 'the queue of object events (SQS) did not answer, or refused',
    remedy: 'nothing at first: it is tried again and events wait in the queue; if it lasts, look at its URL and policy',
  },
  EVENTS_UNAVAILABLE: {
    retry: true,
    meaning: 'the event broker (Kafka) did not take an event',
    remedy: 'nothing at first: lifecycle events are kept in the state and sent when the broker is back',
  },
  QUEUE_INTERNAL: {
    retry: true,
    meaning: 'a fault inside Gantry itself',
    remedy: 'report it with the report file; it is tried again',
  },
} as const satisfies Record<string, Failure>

export type FailureCode = keyof typeof FAILURES
