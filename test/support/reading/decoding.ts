/** What comes out when ffmpeg decodes: pictures, samples, complaints. */
import { runProgram } from '../run-program'

/** Lines ffmpeg complains with when it decodes all of an input. */
export async function complaints(input: string, ...words: string[]): Promise<string[]> {
  const { stderr } = await runProgram('ffmpeg', ['-v', 'error', '-nostdin', ...words, '-i', input, '-f', 'null', '-'])
  return stderr.split('\n').filter((line) => line.trim() !== '')
}

/** What comes out of a playlist of pictures alone, and what ffmpeg says meanwhile. */
export async function decodePictures(playlist: string): Promise<{ pictures: number; complaints: string[] }> {
  const words = ['-v', 'error', '-nostdin', '-i', playlist, '-fps_mode', 'passthrough', '-f', 'framecrc', '-']
  const { stdout, stderr } = await runProgram('ffmpeg', words)
  const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')
  return { pictures: lines(stdout).filter((line) => !line.startsWith('#')).length, complaints: lines(stderr) }
}

/** Pictures that come out of an input; `stream` as in `-map`, by default the one ffmpeg itself takes. */
export async function pictureCount(input: string, stream?: string): Promise<number> {
  const map = stream === undefined ? [] : ['-map', stream]
  const words = ['-v', 'quiet', '-nostdin', '-i', input, ...map, '-an', '-sn', '-dn']
  const { stdout } = await runProgram('ffmpeg', [...words, '-fps_mode', 'passthrough', '-f', 'framecrc', '-'])
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}

export interface SoundSpan {
  startSeconds: number
  /** End of the last sample. */
  endSeconds: number
  /** All samples together; less than the span when there is a hole. */
  decodedSeconds: number
}

/** Where the decoded sound begins and ends; null when there is none. */
export async function soundSpan(input: string, stream?: string): Promise<SoundSpan | null> {
  const map = stream === undefined ? ['-map', '0:a:0'] : ['-map', stream]
  const words = ['-v', 'quiet', '-nostdin', '-i', input, ...map, '-ar', '48000']
  const { stdout } = await runProgram('ffmpeg', [...words, '-f', 'framecrc', '-'])
  const frames = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const cells = (line: string): number[] => line.split(',').map((cell) => Number(cell.trim()))
  const [first, last] = [frames[0], frames.at(-1)]
  if (first === undefined || last === undefined) return null
  const [, , firstPts = 0] = cells(first)
  const [, , lastPts = 0, lastDuration = 0] = cells(last)
  return {
    startSeconds: firstPts / 48_000,
    endSeconds: (lastPts + lastDuration) / 48_000,
    decodedSeconds: frames.reduce((sum, line) => sum + (cells(line)[3] ?? 0), 0) / 48_000,
  }
}
