/** Java servers: Apache Kafka and ElasticMQ with all they need, from one Maven project. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedFolder, install } from './cache'

/** Changes with any version below. */
const VERSION = 'kafka-4.1.2-elasticmq-1.6.12'

const ARTIFACTS = [
  { group: 'org.apache.kafka', name: 'kafka_2.13', version: '4.1.2' },
  { group: 'org.elasticmq', name: 'elasticmq-server_2.13', version: '1.6.12' },
]

/** The class path of both servers, as `java -cp` takes it. */
export async function javaClassPath(): Promise<string> {
  const folder = await cachedFolder(`jars-${VERSION}`, async (fresh) => {
    await writeFile(join(fresh, 'pom.xml'), pom())
    const argv = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime']
    await install('mvn', argv, { cwd: fresh, debian: 'maven default-jre-headless' })
    if ((await readdir(join(fresh, 'lib'))).length === 0) throw new Error('maven copied no jar')
  })
  return join(folder, 'lib', '*')
}

function pom(): string {
  const dependencies = ARTIFACTS.map(
    ({ group, name, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  )
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>servers</artifactId><version>1</version>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`
}
