/** Compiles modules of the product for a plain Node process, file by file and without their types. */
import { transformFileSync } from '@swc/core'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @param modules Paths from the repository's root without `.ts`; what they import comes along. */
export function compileModules(folder: string, modules: readonly string[]): void {
  const wanted = [...modules]
  const made = new Set<string>()
  for (let module = wanted.pop(); module !== undefined; module = wanted.pop()) {
    if (made.has(module)) continue
    made.add(module)
    const { code } = transformFileSync(join(__dirname, '../..', `${module}.ts`), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    })
    const target = join(folder, `${module}.js`)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, code)
    for (const [, imported = ''] of code.matchAll(/require\("(\.[^"]+)"\)/g))
      wanted.push(join(dirname(module), imported))
  }
}
