/** A newer Node than the one that runs the tests: its binary, as an npm package has it. */
import { join } from 'node:path'
import { cachedFolder, install } from './servers/cache'

const VERSION = '24.21.0'

/** The path of the program. */
export async function node24(): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const folder = await cachedFolder(`${name}-${VERSION}`, (fresh) =>
    install('npm', ['install', '--prefix', fresh, '--no-save', '--ignore-scripts', `${name}@${VERSION}`], {
      cwd: fresh,
      debian: 'npm',
    }),
  )
  return join(folder, 'node_modules', name, 'bin', 'node')
}
