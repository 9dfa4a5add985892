/** How this machine reaches Debian's and npm's packages, for use inside a build. None of it stays in the image. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { runProgram } from '../run-program'

/** Where certificates are in the build, beside npm's settings; both Debian and the official Node image have the folder. */
const NPM_FOLDER = '/usr/local/etc'
const APT_FOLDER = '/etc/apt/apt.conf.d'

/** What an apt of another machine must know to reach the same mirrors; the rest of the settings is taste. */
const APT_SETTINGS = /^Acquire::(https?|ForceIPv[46]|Retries|Check-Valid-Until|Check-Date)\b.*";$/
const NPM_SETTINGS = ['registry', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl'] as const

/** Writes the settings into `folder`. @returns words for podman's `build`: folders that a build's steps see. */
export async function registrySettings(folder: string): Promise<string[]> {
  const npm = join(folder, 'npm')
  const apt = join(folder, 'apt')
  await Promise.all([npm, apt].map((path) => mkdir(path)))
  const settings = await npmSettings()
  const certificates = `${NPM_FOLDER}/certificates.pem`
  await writeFile(join(npm, 'certificates.pem'), await trusted(settings.get('cafile')))
  const kept = NPM_SETTINGS.flatMap((name) => (settings.has(name) ? [`${name}=${settings.get(name)}`] : []))
  await writeFile(join(npm, 'npmrc'), [...kept, `cafile=${certificates}`, ''].join('\n'))
  const own = [...(await aptSettings()), `Acquire::https::CaInfo "${certificates}";`, '']
  await writeFile(join(apt, 'host'), own.join('\n'))
  return ['--volume', `${npm}:${NPM_FOLDER}:ro`, '--volume', `${apt}:${APT_FOLDER}:ro`]
}

/** Where this machine takes Debian from; null on another system. */
export async function debianMirrors(): Promise<{ main: string; security: string | null } | null> {
  const lines = await lineOutput('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)'])
  const uri = (label: string): string | undefined =>
    lines.find((line) => line.startsWith(`Debian ${label} `))?.split(' ')[2]
  const main = uri('Debian')
  return main === undefined ? null : { main, security: uri('Debian-Security') ?? null }
}

/** Settings that are set; the others are null in npm's answer. */
async function npmSettings(): Promise<Map<string, string | boolean>> {
  const { stdout } = await runProgram('npm', ['config', 'list', '--json'], '/')
  const all = Object.entries(JSON.parse(stdout) as Record<string, unknown>)
  return new Map(all.flatMap(([name, value]) => (isSet(value) ? [[name, value] as const] : [])))
}

function isSet(value: unknown): value is string | boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'boolean'
}

/** npm takes a file in place of the certificates it comes with, so that these are in it too. */
async function trusted(cafile: unknown): Promise<string> {
  const files = [cafile, process.env['NODE_EXTRA_CA_CERTS']].filter((file) => typeof file === 'string')
  const own = await Promise.all([...new Set(files)].map((file) => readFile(file, 'utf8')))
  return [...rootCertificates, ...own].join('\n')
}

async function aptSettings(): Promise<string[]> {
  return (await lineOutput('apt-config', ['dump'])).filter((line) => APT_SETTINGS.test(line) && !line.includes(' "";'))
}

/** Nothing where the program is not there: it is not Debian, and there is nothing to pass on. */
async function lineOutput(program: string, argv: readonly string[]): Promise<string[]> {
  try {
    return (await runProgram(program, argv)).stdout.split('\n')
  } catch {
    return []
  }
}
