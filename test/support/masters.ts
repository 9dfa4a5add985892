/** The real masters of tests: a folder beside the repository, or the one that GANTRY_TEST_MEDIA names. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** One line of MANIFEST.tsv: what other tools measured, as text. */
export type Master = Readonly<Record<string, string>> & { readonly file: string; readonly expected: string }

/** @throws When the folder is missing: these tests are not skipped in silence. */
export function mastersFolder(): string {
  const folder = process.env['GANTRY_TEST_MEDIA'] ?? resolve(__dirname, '../../../shared/media')
  if (!existsSync(join(folder, 'MANIFEST.tsv'))) {
    throw new Error(`no test masters in '${folder}': set GANTRY_TEST_MEDIA to the folder that holds MANIFEST.tsv`)
  }
  return folder
}

export function readMasters(): Master[] {
  const [header = '', ...rows] = readFileSync(join(mastersFolder(), 'MANIFEST.tsv'), 'utf8').trim().split('\n')
  const names = header.split('\t')
  return rows.map((row) => {
    const cells = row.split('\t')
    const master = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
    return { ...master, file: master['file'] ?? '', expected: master['expected'] ?? '' }
  })
}
