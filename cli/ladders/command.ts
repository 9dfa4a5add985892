/** `gantry ladders ...`: reads the files that are meant and prints what was asked for. */
import { readdir, readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { asGantryError } from '../../core/contract/errors'
import { LADDER } from '../../ladders/language'
import { jsonSchemaText } from '../../language/json-schema'
import { parseLadder } from '../../ladders/parse'
import { printable } from '../../language/printable'
import type { Ladder } from '../../ladders/schema'
import { findLadder } from '../../scheduler/find-ladder'
import type { LadderFile, LaddersOptions } from './arguments'
import { inSchemaOrder, ladderYaml } from './ladder-yaml'
import { ladderSummary, summaryLines, summaryPhrase } from './summary'

export interface LaddersContext {
  /** Holds `<name>.yaml` files. */
  builtInFolder: string
  stdin: Readable
  /** Width that lists are broken to. */
  columns: number
  print: (text: string) => void
}

/**
 * @returns 0, or 1 when a file that was to be checked is wrong or cannot be read.
 * @throws LADDER_NOT_FOUND, LADDER_INVALID for a ladder that was to be shown.
 */
export async function laddersCommand(options: LaddersOptions, context: LaddersContext): Promise<0 | 1> {
  const { builtInFolder, print } = context
  switch (options.action) {
    case 'list': {
      const summaries = (await builtInLadders(builtInFolder)).map(ladderSummary)
      print(options.json ? jsonText(summaries) : `${summaryLines(summaries, context.columns).join('\n')}\n`)
      return 0
    }
    case 'show': {
      const ladder = await findLadder(options.ladder, builtInFolder)
      print(options.json ? jsonText(inSchemaOrder(ladder, LADDER.root)) : ladderYaml(ladder))
      return 0
    }
    case 'check':
      return checkFiles(options.files, context)
    case 'schema':
      print(jsonSchemaText(LADDER))
      return 0
  }
}

/** By name, the default one first. */
async function builtInLadders(folder: string): Promise<Ladder[]> {
  const names = (await readdir(folder)).flatMap((file) => /^(.*)\.yaml$/.exec(file)?.[1] ?? [])
  const order = (name: string): string => (name === 'default' ? '' : name)
  const sorted = names.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return Promise.all(sorted.map((name) => findLadder({ name }, folder)))
}

/** One after the other, so that the lines come in the order of the files. */
async function checkFiles(files: readonly LadderFile[], { stdin, print }: LaddersContext): Promise<0 | 1> {
  let code: 0 | 1 = 0
  for (const file of files) {
    const { isRight, report } = await checkFile(file, stdin)
    print(`${report}\n`)
    if (!isRight) code = 1
  }
  return code
}

async function checkFile({ name, path }: LadderFile, stdin: Readable): Promise<{ isRight: boolean; report: string }> {
  let content: string
  try {
    content = path === null ? await text(stdin) : await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { isRight: false, report: `${printable(name)}: cannot be read (${reason})` }
  }
  try {
    const summary = ladderSummary(parseLadder(content, name))
    return { isRight: true, report: `${printable(name)}: ok (${summaryPhrase(summary)})` }
  } catch (thrown) {
    return { isRight: false, report: asGantryError(thrown).message }
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
