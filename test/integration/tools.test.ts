import { readdir, rm } from 'node:fs/promises'
import { createLauncher } from '../../core/adapters/launcher'
import { checkTools } from '../../core/adapters/tools'
import { launcher, makeFolder, scripted } from '../support/launching'

let folder: string
beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(() => rm(folder, { recursive: true }))

describe('checkTools', () => {
  it('tells the versions and a digest of each build', async () => {
    const tools = await checkTools(launcher, folder)
    expect(tools.ffmpeg).toEqual({
      version: expect.stringMatching(/^ffmpeg \S+$/),
      digest: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    expect(tools.ffprobe.version).toMatch(/^ffprobe \S+$/)
    expect(await checkTools(launcher, folder)).toEqual(tools)
    expect(await readdir(folder)).toEqual([])
  })

  it.each<[NodeJS.Platform, string]>([
    ['linux', 'apt-get install ffmpeg'],
    ['darwin', 'brew install ffmpeg'],
  ])('gives the install line for %s', async (platform, line) => {
    const absent = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'no-such-ffprobe', platform })
    await expect(checkTools(absent, folder, platform)).rejects.toMatchObject({
      code: 'CONFIG_TOOL_MISSING',
      message: expect.stringContaining(line),
    })
  })

  it('does not take another program for ffmpeg', async () => {
    await expect(checkTools(await scripted(folder, 'echo hello'), folder, 'linux')).rejects.toMatchObject({
      code: 'CONFIG_TOOL_MISSING',
      message: expect.stringContaining('hello'),
    })
  })
})
