/** What a master that was encoded in pieces must have in common with the same one encoded whole, as tests. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decoded, packets, soundDigest, type Encoded } from './encoding'

/** One master in pieces and whole; made before the tests run. */
export type BothEncodes = () => { cut: Encoded; whole: Encoded }

export function testPictures(both: BothEncodes): void {
  it.each(['all', 'half'])('has the same pictures at the same times in rung %s', async (rung) => {
    const { cut, whole } = both()
    const [ofCut, ofWhole] = [await decoded(cut, rung), await decoded(whole, rung)]
    expect(ofCut).toEqual(ofWhole)
  })

  it('has decode times that rise over every join, and one init segment', async () => {
    const { cut } = both()
    const times = await packets(cut, 'video', 'all')
    const falls = times.flatMap(({ dts }, index) => (dts <= (times[index - 1]?.dts ?? -Infinity) ? [index] : []))
    expect(falls).toEqual([])
    const names = readdirSync(join(cut.run, 'video', 'all'))
    expect(names.filter((name) => name.startsWith('init'))).toHaveLength(1)
  })
}

export function testSound(both: BothEncodes): void {
  it('has the same sound', async () => {
    const { cut, whole } = both()
    const [id = ''] = readdirSync(join(whole.run, 'audio'))
    expect(await packets(cut, 'audio', id)).toEqual(await packets(whole, 'audio', id))
    expect(await soundDigest(cut, id)).toBe(await soundDigest(whole, id))
  })
}
