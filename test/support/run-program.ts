import { spawn } from 'node:child_process'

export interface ProgramResult {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a program to its end; what it prints is text. */
export function runProgram(program: string, argv: readonly string[], cwd?: string): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** ffprobe's JSON for the entries asked for. */
export async function probeJson<T>(file: string, ...argv: string[]): Promise<T> {
  const { stdout } = await runProgram('ffprobe', ['-v', 'error', ...argv, '-of', 'json', file])
  return JSON.parse(stdout) as T
}
