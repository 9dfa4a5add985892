/** The code of an error of the operating system (`ENOENT`), or an empty text. */
export function systemCode(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? code : ''
}
