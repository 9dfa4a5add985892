/** Compiles modules of the product for a plain Node process, file by file and without their types. */
import { transformFileSync } from '@swc/core'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @param modules Paths from the repository's root without `.ts`; each needs its own imports in the list. */
export function compileModules(folder: string, modules: readonly string[]): void {
  for (const module of modules) {
    const { code } = transformFileSync(join(__dirname, '../..', `${module}.ts`), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    })
    const target = join(folder, `${module}.js`)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, code)
  }
}
