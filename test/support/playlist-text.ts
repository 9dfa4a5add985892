/** Playlists by their lines, and the errors of their readers. */

export const playlistText = (...lines: string[]): string => ['#EXTM3U', ...lines, ''].join('\n')

/** Matches an error of a playlist reader that names this line. */
export const faultAt = (line: number) =>
  expect.objectContaining({
    code: 'SOURCE_UNREADABLE',
    message: expect.stringMatching(new RegExp(`^playlist line ${line}: `)) as string,
    details: { line },
  })
