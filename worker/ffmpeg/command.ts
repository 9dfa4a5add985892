/** The only file that knows fluent-ffmpeg: it turns a described command into argument words. */
import ffmpeg from 'fluent-ffmpeg'
import { GantryError } from '../../core/contract/errors'

export interface CommandInput {
  url: string
  /** Words that stand before its `-i`. */
  options: readonly string[]
}

export interface CommandOutput {
  /** `pipe:4`, or a fixed file name of our own in the attempt's folder. */
  target: string
  options: readonly string[]
}

export interface FfmpegCommand {
  inputs: readonly CommandInput[]
  /** A filter graph with labels, or null. */
  graph: string | null
  outputs: readonly CommandOutput[]
}

/** The documented way to words without a process; missing in the published types. */
interface ArgumentSource {
  _getArguments(): string[]
}

/**
 * The argument words of an ffmpeg command, one array element per word.
 *
 * fluent-ffmpeg (2.1.3, no longer maintained) reorders output options by category; it splits a
 * lone element that holds exactly one space, so words are passed spread, and a word with a space is refused unless it
 * has company.
 *
 * @throws QUEUE_INTERNAL on a list it would split.
 */
export function ffmpegWords(command: FfmpegCommand): string[] {
  const built = ffmpeg()
  for (const input of command.inputs) built.input(input.url).inputOptions(...safe(input.options))
  if (command.graph !== null) built.complexFilter(command.graph)
  for (const output of command.outputs) built.output(output.target).outputOptions(...safe(output.options))
  return (built as unknown as ArgumentSource)._getArguments()
}

function safe(words: readonly string[]): readonly string[] {
  if (words.length === 1 && words[0]?.includes(' ') === true) {
    throw new GantryError('QUEUE_INTERNAL', `a lone option with a space would be split: '${words[0]}'`)
  }
  return words
}
