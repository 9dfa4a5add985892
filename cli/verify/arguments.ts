/** `gantry verify ...` as typed data. */
import path from 'node:path'
import type { Command } from 'commander'
import { VERIFY_HELP } from '../help-text'

export interface VerifyOptions {
  asset: VerifiedAsset
  json: boolean
  /** Reads every byte and decodes it. */
  deep: boolean
  allowPrivate: boolean
}

export type VerifiedAsset =
  { kind: 'path'; path: string } | { kind: 's3'; bucket: string; key: string } | { kind: 'web'; url: string }

interface RawVerify {
  json?: true
  deep?: true
  allowPrivate?: true
}

/** @param cwd Absolute folder of the caller. */
export function addVerify(program: Command, cwd: string, tell: (options: VerifyOptions) => void): void {
  program
    .command('verify')
    .summary('say what is wrong with an HLS or DASH asset')
    .description(
      'Holds the playlists and the MPD of an asset, of Gantry or not, against each other and against the media.',
    )
    .argument('<asset>', 'folder, playlist or MPD, s3://bucket/prefix or https:// address of one')
    .option('--deep', 'read every byte and decode it; MPEG-TS is measured by that alone')
    .option('--json', 'print one JSON object')
    .option('--allow-private', 'read also by http:// and from private addresses')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${VERIFY_HELP}`)
    .action((given: string, raw: RawVerify, command: Command) => {
      const allowPrivate = raw.allowPrivate ?? false
      const asset = assetOf(given, cwd, allowPrivate, (message) => command.error(`error: ${message}`))
      tell({ asset, json: raw.json ?? false, deep: raw.deep ?? false, allowPrivate })
    })
}

function assetOf(given: string, cwd: string, allowPrivate: boolean, refuse: (message: string) => never): VerifiedAsset {
  if (given === '') refuse('the name of the asset is empty')
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(given) ?? []
  switch (scheme?.toLowerCase()) {
    case undefined:
      return { kind: 'path', path: path.resolve(cwd, given) }
    case 's3': {
      const [bucket = '', ...parts] = given.slice('s3://'.length).split('/')
      const key = parts.filter((part) => part !== '').join('/')
      if (bucket === '') refuse(`an asset in S3 must be s3://bucket/prefix, got '${given}'`)
      return { kind: 's3', bucket, key }
    }
    case 'http':
      if (!allowPrivate) refuse('http:// is read with --allow-private only; give https://')
      return webAsset(given, refuse)
    case 'https':
      return webAsset(given, refuse)
    default:
      return refuse(`an asset must be a path, s3:// or https://, got '${given}'`)
  }
}

function webAsset(given: string, refuse: (message: string) => never): VerifiedAsset {
  if (!URL.canParse(given)) refuse(`'${given}' is no URL`)
  const { pathname, search, username } = new URL(given)
  if (!/\.(m3u8|mpd)$/.test(pathname)) {
    refuse('an https:// address must be that of a playlist or an MPD, ending in .m3u8 or .mpd')
  }
  if (search !== '' || username !== '') refuse('an https:// address must have no query and no user')
  return { kind: 'web', url: given }
}
