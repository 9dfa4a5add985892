/** The image that ours is built on: the Dockerfile's own where it can be had, else one made of Debian's packages. */
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedFolder, install } from '../servers/cache'
import { engineOutput, has, installPackages } from './engine'
import { debianMirrors } from './registries'

/** What the made base holds; the same as the default base but for its patch numbers. */
const SUITE = 'trixie'
const NODE = '24.21.0'
const NPM = '11.21.2'
const MADE_BASE = `localhost/gantry-test-base:${SUITE}-node-${NODE}-${process.arch}`

/** As Debian's own slim images have it: no manuals and no translations, now and with what is installed later. */
const SLIM = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian']
const SLIM_RULES = SLIM.map((folder) => `path-exclude /${folder}/*\n`).join('')

/** @returns a name for the build argument BASE. @throws when the base is neither to be pulled nor to be made. */
export async function baseImage(dockerfile: string): Promise<string> {
  const wanted = /^ARG BASE=(\S+)$/m.exec(await readFile(dockerfile, 'utf8'))?.[1]
  if (wanted === undefined) throw new Error(`${dockerfile} has no line 'ARG BASE=...'`)
  for (const name of [wanted, MADE_BASE]) if (await isHere(name)) return name
  const refusal = await engineOutput('pull', wanted).then(
    () => null,
    (error: unknown) => String(error),
  )
  if (refusal === null) return wanted
  await importMade(refusal)
  return MADE_BASE
}

function isHere(image: string): Promise<boolean> {
  return engineOutput('image', 'inspect', image).then(
    () => true,
    () => false,
  )
}

async function importMade(refusal: string): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(`the base image cannot be pulled, and only root on Linux can make one:\n${refusal}`)
  }
  if (!has('debootstrap')) await installPackages(['debootstrap'])
  const folder = await cachedFolder(`image-base-${SUITE}-node-${NODE}-${process.arch}`, makeBase)
  // What the official image sets, so that nothing depends on which of the two it is.
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  await engineOutput('import', '--change', `ENV ${path}`, join(folder, 'base.tar'), MADE_BASE)
}

/** Debian as debootstrap makes it, with Node and npm from npm's own packages of them. */
async function makeBase(folder: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'gantry-base-'))
  try {
    const mirrors = await debianMirrors()
    const words = ['--variant=minbase', SUITE, root, ...(mirrors === null ? [] : [mirrors.main])]
    await install('debootstrap', words, { cwd: folder, debian: 'debootstrap' })
    if (mirrors !== null) await writeFile(join(root, 'etc/apt/sources.list'), sources(mirrors))
    await addNode(root)
    await makeSlim(root)
    await install('tar', ['-C', root, '-cf', join(folder, 'base.tar'), '.'], { cwd: folder, debian: 'tar' })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

function sources({ main, security }: { main: string; security: string | null }): string {
  const lines = [`deb ${main} ${SUITE} main`, `deb ${main} ${SUITE}-updates main`]
  return [...lines, ...(security === null ? [] : [`deb ${security} ${SUITE}-security main`]), ''].join('\n')
}

async function addNode(root: string): Promise<void> {
  const fetched = join(root, 'tmp', 'fetched')
  await mkdir(fetched)
  const node = `node-linux-${process.arch}`
  const words = ['install', '--prefix', fetched, '--no-save', '--ignore-scripts', `${node}@${NODE}`, `npm@${NPM}`]
  await install('npm', words, { cwd: fetched, debian: 'npm' })
  const move = (from: string, to: string): Promise<void> =>
    rename(join(fetched, 'node_modules', from), join(root, 'usr/local', to))
  await mkdir(join(root, 'usr/local/lib/node_modules'))
  await move(`${node}/bin/node`, 'bin/node')
  await move('npm', 'lib/node_modules/npm')
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  await rm(fetched, { recursive: true })
}

async function makeSlim(root: string): Promise<void> {
  await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/slim'), SLIM_RULES)
  const emptied = [...SLIM, 'var/lib/apt/lists', 'var/cache/apt/archives', 'var/log']
  for (const folder of emptied) {
    await rm(join(root, folder), { recursive: true, force: true })
    await mkdir(join(root, folder))
  }
}
