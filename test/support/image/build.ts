/** The image of this checkout, built as its Dockerfile says. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseImage } from './base'
import { containerEngine, engineOutput } from './engine'
import { registrySettings } from './registries'

const ROOT = join(__dirname, '..', '..', '..')
/** Its earlier layers are kept by the engine and make the next build quick. */
const TAG = 'localhost/gantry-test:latest'

export interface BuiltImage {
  /** Of these very bytes, whatever the tag means later. */
  id: string
  base: string
  buildSeconds: number
  /** Of all layers, unpacked. */
  sizeBytes: number
  config: ImageConfig
  /** `CMD` and the words of the command. */
  healthCheck: string[]
}

/** The part of an image's configuration that both engines write the same way. */
export interface ImageConfig {
  User: string
  Env: string[]
  Entrypoint: string[]
  Cmd: string[]
  WorkingDir: string
  StopSignal: string
  Labels: Record<string, string>
  Volumes: Record<string, unknown>
  ExposedPorts: Record<string, unknown>
}

let built: Promise<BuiltImage> | null = null

/** Builds once in a process; the engine's cache does the rest. */
export function buildImage(): Promise<BuiltImage> {
  return (built ??= build())
}

async function build(): Promise<BuiltImage> {
  const engine = await containerEngine()
  const dockerfile = join(ROOT, 'Dockerfile')
  const base = await baseImage(dockerfile)
  const folder = await mkdtemp(join(tmpdir(), 'gantry-image-'))
  try {
    const idFile = join(folder, 'id')
    // Docker has no folders for a build; where it runs, packages are reached without more ado.
    const settings = engine.program === 'docker' ? [] : await registrySettings(folder)
    const startedMs = performance.now()
    await engineOutput(
      ...['build', '--network', 'host', '--build-arg', `BASE=${base}`, '--file', dockerfile],
      ...['--tag', TAG, '--iidfile', idFile, ...engine.build, ...settings, ROOT],
    )
    const buildSeconds = (performance.now() - startedMs) / 1_000
    const id = (await readFile(idFile, 'utf8')).trim()
    return { id, base, buildSeconds, ...(await inspect(id)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Healthcheck {
  Healthcheck?: { Test: string[] }
}

async function inspect(id: string): Promise<Pick<BuiltImage, 'sizeBytes' | 'config' | 'healthCheck'>> {
  const answer = JSON.parse(await engineOutput('image', 'inspect', id)) as [
    { Size: number; Config: ImageConfig & Healthcheck } & Healthcheck,
  ]
  const [{ Size, Config, Healthcheck }] = answer
  // Docker has it in the configuration, podman beside it.
  return { sizeBytes: Size, config: Config, healthCheck: (Config.Healthcheck ?? Healthcheck)?.Test ?? [] }
}
