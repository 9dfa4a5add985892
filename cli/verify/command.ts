/** `gantry verify`: reads an asset, lets the gate judge it, prints what it says. */
import { createLauncher } from '../../core/adapters/launcher'
import { readSettings } from '../../core/service/config'
import { judgeAsset } from '../../media/gate/gate'
import { makeTempFolder } from '../run/temp-folder'
import type { VerifyOptions } from './arguments'
import { openSource, type AssetSource, type SourceContext } from './asset-source'
import { createDeepLook } from './deep-look'
import { readAsset } from './read-asset'
import { exitCodeOf, verifyReport } from './report'

export interface VerifyContext extends SourceContext {
  print: (text: string) => void
  colour: boolean
}

/** @throws STORE_ codes where the asset cannot be read; CONFIG_ codes. */
export async function verifyCommand(options: VerifyOptions, context: VerifyContext): Promise<0 | 1 | 3> {
  const source = await openSource(options, context)
  try {
    const { description, findings: others } = await read(source, options, context)
    const findings = judgeAsset(description, others)
    const name = nameOf(options)
    const text = options.json
      ? JSON.stringify({ asset: name, master: description.master, deep: options.deep, findings })
      : verifyReport(name, findings, context.colour).join('\n')
    context.print(`${text}\n`)
    return exitCodeOf(findings)
  } finally {
    source.close()
  }
}

async function read(source: AssetSource, { deep }: VerifyOptions, { env, readFile, signal }: VerifyContext) {
  if (!deep) return readAsset(source, { deep: null, signal })
  const settings = readSettings(env, ['GANTRY_FFMPEG', 'GANTRY_FFPROBE'], readFile)
  const temp = await makeTempFolder()
  try {
    const launcher = createLauncher({ ffmpeg: settings.GANTRY_FFMPEG, ffprobe: settings.GANTRY_FFPROBE })
    return await readAsset(source, { deep: createDeepLook(launcher, temp.path), signal })
  } finally {
    await temp.remove()
  }
}

function nameOf({ asset }: VerifyOptions): string {
  switch (asset.kind) {
    case 'path':
      return asset.path
    case 's3':
      return `s3://${asset.bucket}/${asset.key}`
    case 'web':
      return asset.url
  }
}
