import path from 'node:path'

/** Open a folder's master.m3u8 without a server. ffplay first: it comes with ffmpeg, which is there already. */
const PLAYERS = ['ffplay', 'mpv', 'vlc'] as const

export interface PlayerSearch {
  env: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  /** Whether a file is there and may be executed. */
  isExecutable: (path: string) => boolean
}

/** Players on the PATH, best first. None where there is no screen to play on. */
export function findPlayers({ env, platform, isExecutable }: PlayerSearch): string[] {
  const hasScreen = platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
  if (!hasScreen) return []
  const paths = platform === 'win32' ? path.win32 : path.posix
  const suffix = platform === 'win32' ? '.exe' : ''
  // An empty entry means the working folder: nothing is run from there.
  const folders = (env['PATH'] ?? '').split(paths.delimiter).filter((folder) => folder !== '')
  return PLAYERS.filter((player) => folders.some((folder) => isExecutable(paths.join(folder, player + suffix))))
}
