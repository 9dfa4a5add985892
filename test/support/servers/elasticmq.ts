/** A real SQS server on loopback: ElasticMQ. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { javaClassPath } from './jars'
import { freePorts, startServer, type ServerProcess } from './server-process'

export interface SqsServer {
  endpoint: string
  region: string
  /** Any; it asks for none, the SDK does. */
  accessKeyId: string
  secretAccessKey: string
  process: ServerProcess
  queueUrl(name: string): string
  close(): Promise<void>
}

/** @param queues Names; each gets a dead letter queue `<name>-dead` that takes over after `maxReceives` deliveries. */
export async function startElasticMq(
  queues: readonly string[],
  options: { port?: number; maxReceives?: number } = {},
): Promise<SqsServer> {
  const classPath = await javaClassPath()
  const port = options.port ?? (await freePorts(1))[0] ?? 0
  const folder = await mkdtemp(join(tmpdir(), 'gantry-sqs-'))
  const config = join(folder, 'elasticmq.conf')
  await writeFile(config, configOf(queues, port, options.maxReceives ?? 5))
  const endpoint = `http://127.0.0.1:${port}`
  const server = await startServer({
    program: 'java',
    argv: ['-Xmx256m', `-Dconfig.file=${config}`, '-cp', classPath, 'org.elasticmq.server.Main'],
    isReady: async () => (await fetch(`${endpoint}/?Action=ListQueues`)).ok,
    limitMs: 60_000,
  })
  return {
    endpoint,
    region: 'us-east-1',
    accessKeyId: 'any',
    secretAccessKey: 'any',
    process: server,
    queueUrl: (name) => `${endpoint}/000000000000/${name}`,
    close: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configOf(queues: readonly string[], port: number, maxReceives: number): string {
  const blocks = queues.map(
    (name) => `  "${name}" { deadLettersQueue { name = "${name}-dead", maxReceiveCount = ${maxReceives} } }
  "${name}-dead" {}`,
  )
  return `node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
queues {
${blocks.join('\n')}
}
`
}
