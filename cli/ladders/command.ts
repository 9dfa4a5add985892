/** `gantry ladders ...`: reads the files that are meant and prints what was asked for. */
import type { Readable } from 'node:stream'
import { LADDER } from '../../ladders/language'
import { jsonSchemaText } from '../../language/json-schema'
import { parseLadder } from '../../ladders/parse'
import { builtInLadders, findLadder } from '../../scheduler/find-ladder'
import { checkEach } from '../input/text-files'
import type { LaddersOptions } from './arguments'
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
      return checkEach(options.files, context, (text, { name }) =>
        summaryPhrase(ladderSummary(parseLadder(text, name))),
      )
    case 'schema':
      print(jsonSchemaText(LADDER))
      return 0
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
