import { runProgram } from '../run-program'

/** What ffmpeg prints on stdout. @throws When it fails. */
export async function ffmpegOutput(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...words])
  if (code !== 0) throw new Error(`ffmpeg ${words.join(' ')} failed: ${stderr}`)
  return stdout
}
