/**
 * The judge of published assets is believed when it is silent, so it must not be blind: each defect planted into a copy
 * of a right asset is found, and the copy without one is right.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { eventsOf, runProduct } from '../support/product'
import { judgeAsset } from '../support/reading/judge'
import { copyAt, runFfmpeg, type Copy } from '../support/reading/plant'
import { inMp4s, inPictures, inSegments, inSound } from '../support/reading/plants-media'
import { inPlaylists } from '../support/reading/plants-playlists'

let folder: string
let source: string
/** Folder of the asset as it was published. */
let right: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-reading-'))
  source = join(folder, 'clip.mp4')
  await runFfmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=10:d=9', '-f', 'lavfi', '-i', 'sine=440:r=48000:d=9'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', source],
  )
  const { events, stderr } = await runProduct(source, '--out', join(folder, 'out'))
  const [published] = eventsOf(events, 'asset.published')
  if (published === undefined) throw new Error(`the clip was not published:\n${stderr}`)
  right = dirname(published.data.master)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the judge of published assets', () => {
  let copy: Copy
  let home: string
  beforeEach(() => {
    home = join(mkdtempSync(join(folder, 'copy-')), basename(right))
    mkdirSync(home)
    cpSync(right, home, { recursive: true })
    copy = copyAt(home)
  })
  afterEach(() => rmSync(dirname(home), { recursive: true, force: true }))

  it('finds nothing in a right asset, whatever folder it was moved to', async () => {
    expect(await judgeAsset(copy.at('master.m3u8'), source)).toEqual([])
  })

  it.each([...inPlaylists, ...inSegments, ...inSound, ...inMp4s, ...inPictures])(
    'finds $defect',
    async ({ plant, finding }) => {
      await plant(copy)
      expect(await judgeAsset(copy.at('master.m3u8'), source)).toContainEqual(expect.stringMatching(finding))
    },
  )

  it('finds an asset of another master: fewer pictures and less sound', async () => {
    const longer = join(home, 'longer.mp4')
    await runFfmpeg('-stream_loop', '1', '-i', source, '-t', '10', '-c', 'copy', longer)
    const findings = await judgeAsset(copy.at('master.m3u8'), longer)
    expect(findings).toContainEqual(expect.stringMatching(/240p: 90 pictures, the master decodes to \d{3}/))
    expect(findings).toContainEqual(expect.stringMatching(/sound lasts 9\.\d+ s, the master's ends at 1\d\.\d+ s/))
  })

  it('does not take a master that cannot be read for one without pictures', async () => {
    expect(await judgeAsset(copy.at('master.m3u8'), join(home, 'none.mp4'))).not.toEqual([])
  })
})
