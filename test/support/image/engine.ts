/** The program that builds and runs images: docker where its server answers, else podman. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { runProgram } from '../run-program'
import { install } from '../servers/cache'

export interface ContainerEngine {
  program: 'docker' | 'podman'
  /** Words before the subcommand. */
  before: readonly string[]
  /** What only this engine needs to build an image. */
  build: readonly string[]
  /** What only this engine needs to run a container. */
  run: readonly string[]
}

/** runc starts containers on machines that mix both versions of cgroups; crun does not. */
const DEBIAN_PACKAGES = ['podman', 'runc', 'debootstrap']
const PROCESSES = 4_096

let chosen: Promise<ContainerEngine> | null = null

/** @throws with the line that installs an engine, where there is none and none can be installed. */
export function containerEngine(): Promise<ContainerEngine> {
  return (chosen ??= chooseEngine())
}

async function chooseEngine(): Promise<ContainerEngine> {
  if (await answers('docker', ['version', '--format', '{{.Server.Version}}'])) {
    return { program: 'docker', before: [], build: proxyArguments(), run: [] }
  }
  if (!has('podman') || !has('runc')) await installPackages(DEBIAN_PACKAGES)
  return {
    program: 'podman',
    before: ['--runtime', 'runc'],
    // The image's own format has no health check. Steps of a build run without a container's cgroup.
    build: ['--format', 'docker', '--isolation', 'chroot'],
    run: ['--read-only-tmpfs=false', ...ownLimits()],
  }
}

/** Installs Debian packages where that is possible. @throws with the one line to run where it is not. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const words = ['install', '-y', '--no-install-recommends', ...packages]
  if (process.getuid?.() !== 0 || !has('apt-get')) {
    throw new Error(`the image cannot be tried here; as root run: apt-get ${words.join(' ')} (or start docker)`)
  }
  const options = {
    cwd: '/',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    debian: 'apt',
  }
  await install('apt-get', ['-qq', 'update'], options)
  await install('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...words], options)
}

export function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

/** Runs the engine to its end. @throws with what it said when it fails. */
export async function engineOutput(...words: readonly string[]): Promise<string> {
  const { program, before } = await containerEngine()
  const { code, stdout, stderr } = await runProgram(program, [...before, ...words])
  if (code === 0) return stdout.trim()
  throw new Error(
    `'${program} ${words.join(' ')}' ended with code ${String(code)}:\n${(stderr + stdout).slice(-4_000)}`,
  )
}

async function answers(program: string, argv: readonly string[]): Promise<boolean> {
  try {
    return (await runProgram(program, argv)).code === 0
  } catch {
    return false
  }
}

/** Docker knows these names and keeps them out of the image. Podman passes them on by itself. */
function proxyArguments(): string[] {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
  return names.filter((name) => process.env[name] !== undefined).flatMap((name) => ['--build-arg', name])
}

/**
 * Podman asks for more files and processes than a root without CAP_SYS_RESOURCE may give: take the files that this
 * process may open, and processes enough for any test.
 */
function ownLimits(): string[] {
  const files = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024'
  return ['--ulimit', `nofile=${files}:${files}`, '--ulimit', `nproc=${PROCESSES}:${PROCESSES}`]
}
