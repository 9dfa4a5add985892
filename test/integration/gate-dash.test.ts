/** The gate on MPDs: silent where all is right, and each planted defect is found by its rule. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DASH_PLANTS } from '../support/dash-plants'
import { runFfmpeg, type Copy } from '../support/reading/plant'
import { publishClip, type PublishedClip } from '../support/reading/published-clip'
import { rulesOf, verified } from '../support/verifying'

const LADDER = `name: dashed
rungs:
  - { id: 240p, shortSidePx: 240, maxBitrateBps: 400_000, preset: ultrafast }
  - { id: 360p, shortSidePx: 360, maxBitrateBps: 900_000, preset: ultrafast }
packaging: { dash: true }
`

let clip: PublishedClip
beforeAll(async () => {
  const picture = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-pix_fmt', 'yuv420p']
  clip = await publishClip(10, [...picture, '-c:a', 'aac'], LADDER)
})
afterAll(() => clip.close())

describe('gantry verify of an asset with an MPD', () => {
  let home: string
  let copy: Copy
  let remove: () => void
  beforeEach(() => {
    ;({ home, copy, remove } = clip.copy())
  })
  afterEach(() => remove())

  it('finds nothing beside the playlists, alone, and by a decoder', async () => {
    expect(await verified(home)).toEqual({ code: 0, findings: [] })
    expect(await verified(copy.at('manifest.mpd'))).toEqual({ code: 0, findings: [] })
    expect(await verified(home, { deep: true })).toEqual({ code: 0, findings: [] })
  })

  it.each(DASH_PLANTS)('finds $defect by $rule', async ({ rule, plant }) => {
    plant(copy)
    expect(rulesOf((await verified(home)).findings)).toContain(rule)
  })

  it.each(['dash-times', 'dash-offset', 'dash-codecs', 'dash-picture', 'dash-bandwidth-low', 'object-missing'])(
    'finds what breaks %s also without the playlists',
    async (rule) => {
      for (const { plant } of DASH_PLANTS.filter((one) => one.rule === rule && one.defect !== 'the MPD is gone')) {
        const alone = clip.copy()
        plant(alone.copy)
        expect(rulesOf((await verified(alone.copy.at('manifest.mpd'))).findings)).toContain(rule)
        alone.remove()
      }
    },
  )

  it('ends with a finding for a hostile MPD', async () => {
    const wrap = (inside: string): string => `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="a">${inside}</MPD>`
    const list = '<SegmentList><SegmentTimeline><S t="0" d="1" r="999999999999999"/></SegmentTimeline></SegmentList>'
    const set = `<AdaptationSet mimeType="video/mp4"><Representation id="a" bandwidth="1">${list}</Representation></AdaptationSet>`
    const bodies: [string, string, string][] = [
      ['deep', '<a>'.repeat(900_000), 'dash-xml'],
      ['wide', wrap('<a/>'.repeat(1_100_000)), 'dash-xml'],
      ['long', ' '.repeat(33 * 2 ** 20), 'dash-xml'],
      ['nothing', '', 'dash-xml'],
      ['zero', '\0'.repeat(1_000), 'dash-xml'],
      ['repeats', wrap(`<Period>${set}</Period>`), 'dash-timeline'],
      ['periods', wrap('<Period/><Period/>'), 'dash-unread'],
    ]
    for (const [name, text, rule] of bodies) {
      writeFileSync(copy.at(`${name}.mpd`), text)
      expect(rulesOf((await verified(copy.at(`${name}.mpd`))).findings)).toContain(rule)
    }
  })
})

it("leaves ffmpeg's own MPD, of another form, with a note", async () => {
  const folder = mkdtempSync(join(clip.folder, 'ffmpeg-'))
  await runFfmpeg('-i', clip.source, '-c', 'copy', '-f', 'dash', join(folder, 'film.mpd'))
  const { code, findings } = await verified(join(folder, 'film.mpd'))
  expect(rulesOf(findings)).toEqual(['dash-unread'])
  expect(code).toBe(0)
})
