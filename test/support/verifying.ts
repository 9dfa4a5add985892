/** `gantry verify` in this process. */
import { readFileSync } from 'node:fs'
import type { Finding } from '../../media/gate/findings'
import type { VerifiedAsset } from '../../cli/verify/arguments'
import { verifyCommand } from '../../cli/verify/command'

export interface Verified {
  code: number
  findings: Finding[]
}

export async function verified(
  asset: string | VerifiedAsset,
  {
    deep = false,
    allowPrivate = false,
    env = process.env,
  }: {
    deep?: boolean
    allowPrivate?: boolean
    env?: Readonly<Record<string, string | undefined>>
  } = {},
): Promise<Verified> {
  let printed = ''
  const code = await verifyCommand(
    { asset: typeof asset === 'string' ? { kind: 'path', path: asset } : asset, json: true, deep, allowPrivate },
    {
      ...{ env, colour: false, signal: new AbortController().signal },
      print: (text) => (printed += text),
      readFile: (path) => readFileSync(path, 'utf8'),
    },
  )
  return { code, findings: (JSON.parse(printed) as { findings: Finding[] }).findings }
}

/** What is wrong with an asset or could be better, a line each; notes are not. */
export async function wrongWith(asset: string): Promise<string[]> {
  const { findings } = await verified(asset)
  return findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ rule, severity, where, message }) => `${severity} ${rule} at ${where}: ${message}`)
}

export function rulesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))]
}
