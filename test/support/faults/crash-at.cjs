'use strict'
/**
 * Loaded into a service before its own code (`node --require`): ends it by SIGKILL at one of the steps by which it
 * changes something outside of itself. A file says where: `before 2 PutObject state/gantry/open/<asset>` is the second
 * such step from now on. It is taken away when it fires, so the next process lives. Every step is noted in another file.
 */
const fs = require('node:fs')
const { S3Client } = require('@aws-sdk/client-s3')
const { FlowProducer, Job, Queue } = require('bullmq')
const { Kafka } = require('kafkajs')

const { GANTRY_TEST_CRASH_FILE: armedFile, GANTRY_TEST_STEPS_FILE: stepsFile } = process.env
const CHANGES = /^(Put|Copy|Delete|Create|Complete|Abort|Upload)/

let armed = ''
let met = 0

/** Ids and digests differ from asset to asset; the step is the same. */
function general(name) {
  return name
    .replace(/\/[^/]*-[a-z2-7]{10}\//, '/<home>/')
    .replace(/\d{13}\.[a-z2-7]{20}\.\d+$/, '<time>.<asset>.<run>')
    .replace(/[a-z2-7]{20}(?=\/|$)/, '<asset>')
    .replace(/[0-9a-f]{40}/, '<hash>')
}

/** @returns whether this is the step that the file names, and which moment of it. */
function momentOf(step) {
  fs.appendFileSync(stepsFile, `${step}\n`)
  let text
  try {
    text = fs.readFileSync(armedFile, 'utf8')
  } catch {
    return null
  }
  if (text !== armed) met = 0
  armed = text
  const [, moment, count, name] = /^(before|after) (\d+) (.*)$/.exec(text) ?? []
  if (name !== step) return null
  met += 1
  return met === Number(count) ? moment : null
}

function die() {
  fs.rmSync(armedFile, { force: true })
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

async function step(name, call) {
  const moment = momentOf(general(name))
  if (moment === 'before') return die()
  try {
    return await call()
  } finally {
    if (moment === 'after') await die()
  }
}

function watch(prototype, method, nameOf) {
  const original = prototype[method]
  prototype[method] = function (...args) {
    const name = nameOf.apply(this, args)
    return name === null ? original.apply(this, args) : step(name, () => original.apply(this, args))
  }
}

watch(S3Client.prototype, 'send', ({ constructor, input }) => {
  const verb = constructor.name.replace(/Command$/, '')
  return CHANGES.test(verb) ? `${verb} ${input.Bucket}/${input.Key}` : null
})
watch(FlowProducer.prototype, 'add', ({ name }) => `add flow ${name}`)
watch(Queue.prototype, 'add', (name) => `add job ${name}`)
watch(Job.prototype, 'remove', function () {
  return `remove job ${this.name}`
})

const producer = Kafka.prototype.producer
Kafka.prototype.producer = function (...args) {
  const made = producer.apply(this, args)
  watch(made, 'send', ({ messages }) => `send ${String(messages[0]?.headers?.ce_type)}`)
  return made
}
