/**
 * The judge of published assets is believed when it is silent, so it must not be blind: each defect planted into a copy
 * of a right asset is found, and the copy without one is right.
 */
import { join } from 'node:path'
import { judgeAsset } from '../support/reading/judge'
import { runFfmpeg, type Copy } from '../support/reading/plant'
import { publishClip, type PublishedClip } from '../support/reading/published-clip'
import { inMp4s, inPictures, inSegments, inSound } from '../support/reading/plants-media'
import { inPlaylists } from '../support/reading/plants-playlists'

let clip: PublishedClip
beforeAll(async () => {
  clip = await publishClip(9, ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'])
})
afterAll(() => clip.close())

describe('the judge of published assets', () => {
  let home: string
  let copy: Copy
  let remove: () => void
  beforeEach(() => {
    ;({ home, copy, remove } = clip.copy())
  })
  afterEach(() => remove())

  it('finds nothing in a right asset, whatever folder it was moved to', async () => {
    expect(await judgeAsset(copy.at('master.m3u8'), clip.source)).toEqual([])
  })

  it.each([...inPlaylists, ...inSegments, ...inSound, ...inMp4s, ...inPictures])(
    'finds $defect',
    async ({ plant, finding }) => {
      await plant(copy)
      expect(await judgeAsset(copy.at('master.m3u8'), clip.source)).toContainEqual(expect.stringMatching(finding))
    },
  )

  it('finds an asset of another master: fewer pictures and less sound', async () => {
    const longer = join(home, 'longer.mp4')
    await runFfmpeg('-stream_loop', '1', '-i', clip.source, '-t', '10', '-c', 'copy', longer)
    const findings = await judgeAsset(copy.at('master.m3u8'), longer)
    expect(findings).toContainEqual(expect.stringMatching(/240p: 90 pictures, the master decodes to \d{3}/))
    expect(findings).toContainEqual(expect.stringMatching(/sound lasts 9\.\d+ s, the master's ends at 1\d\.\d+ s/))
  })

  it('does not take a master that cannot be read for one without pictures', async () => {
    expect(await judgeAsset(copy.at('master.m3u8'), join(home, 'none.mp4'))).not.toEqual([])
  })
})
