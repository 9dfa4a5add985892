/** A short clip, published once by the command, and copies of its folder for tests that break one. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { eventsOf, runProduct } from '../product'
import { copyAt, runFfmpeg, type Copy } from './plant'

export interface PublishedClip {
  /** For whatever a test makes beside it. */
  folder: string
  source: string
  /** Another one each time, in a folder of the asset's name. */
  copy(): ClipCopy
  close(): void
}

export interface ClipCopy {
  home: string
  copy: Copy
  remove(): void
}

/**
 * @param codecs Words of ffmpeg for the picture and the sound.
 * @param ladder Text of a ladder; the default one where there is none.
 */
export async function publishClip(
  seconds: number,
  codecs: readonly string[],
  ladder: string | null = null,
): Promise<PublishedClip> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-clip-'))
  const source = join(folder, 'clip.mp4')
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=640x360:r=10:d=${seconds}`]
  await runFfmpeg(...picture, '-f', 'lavfi', '-i', `sine=440:r=48000:d=${seconds}`, ...codecs, source)
  const ladderFile = join(folder, 'ladder.yaml')
  if (ladder !== null) writeFileSync(ladderFile, ladder)
  const words = ladder === null ? [] : ['--ladder', ladderFile]
  const { events, stderr } = await runProduct(source, '--out', join(folder, 'out'), ...words)
  const [published] = eventsOf(events, 'asset.published')
  if (published === undefined) throw new Error(`the clip was not published:\n${stderr}`)
  const right = dirname(published.data.master)
  return {
    ...{ folder, source },
    copy: () => {
      const home = join(mkdtempSync(join(folder, 'copy-')), basename(right))
      mkdirSync(home)
      cpSync(right, home, { recursive: true })
      return { home, copy: copyAt(home), remove: () => rmSync(dirname(home), { recursive: true, force: true }) }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
