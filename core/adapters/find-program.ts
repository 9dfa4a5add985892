/** Where a program is, and how to install it where it is not. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { GantryError } from '../contract/errors'

export type ToolName = 'ffmpeg' | 'ffprobe' | 'setpriv' | 'prlimit' | 'nice'

const PACKAGES: Readonly<Record<ToolName, { apt: string; brew: string }>> = {
  ffmpeg: { apt: 'ffmpeg', brew: 'ffmpeg' },
  ffprobe: { apt: 'ffmpeg', brew: 'ffmpeg' },
  setpriv: { apt: 'util-linux', brew: 'util-linux' },
  prlimit: { apt: 'util-linux', brew: 'util-linux' },
  nice: { apt: 'coreutils', brew: 'coreutils' },
}

/**
 * The program's absolute path.
 *
 * @param program A name that is looked for in `searchPath`, or a path, absolute or from the current folder.
 * @param searchPath Folders as in PATH.
 */
export function findProgram(program: string, searchPath: string): string | null {
  if (program === '') return null
  const places = program.includes('/') ? [resolve(program)] : folders(searchPath).map((folder) => join(folder, program))
  return places.find(isProgram) ?? null
}

/** An empty part of PATH means the current folder (POSIX); that is not wanted here. */
function folders(searchPath: string): string[] {
  return searchPath.split(delimiter).filter((folder) => folder !== '')
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** CONFIG_TOOL_MISSING with the one line that installs the tool here. */
export function missingTool(
  tool: ToolName,
  got: { program: string; platform: NodeJS.Platform; why: string },
  cause?: unknown,
): GantryError {
  const line =
    got.platform === 'darwin' ? `brew install ${PACKAGES[tool].brew}` : `apt-get install ${PACKAGES[tool].apt}`
  const message = `${tool} cannot be run ('${got.program}' ${got.why}); install it with: ${line}`
  return new GantryError('CONFIG_TOOL_MISSING', message, { tool, program: got.program }, { cause })
}
