import { ladderSchema } from '../../ladders/schema'
import { selectSound } from '../../ladders/select-sound'
import { audioFacts } from '../support/facts'
import { master } from '../support/ladder-masters'

const segment = { num: 4, den: 1 }
const stereo = { id: 'stereo', channels: 2, bitrateBps: 128_000 }
const surround = { id: 'surround', channels: 6, bitrateBps: 384_000 }
const soundsOf = (audio: object[], ...tracks: Parameters<typeof audioFacts>[0][]) => {
  const ladder = ladderSchema.parse({ name: 'x', rungs: [], audio })
  const [first, ...others] = tracks.map((track, index) => audioFacts({ streamIndex: index + 1, ...track }))
  return selectSound(ladder, master({ audio: first ?? null, otherAudio: others }), segment)
}
const ids = (made: ReturnType<typeof soundsOf>): string[] =>
  made.sounds.map(({ encode, groups }) => `${encode.id} ${encode.channels} in ${groups.join('+')}`)

describe('the forms of a sound', () => {
  it('are all made where the track has their channels', () => {
    expect(ids(soundsOf([stereo, surround], { channels: 6 }))).toEqual(['stereo 2 in stereo', 'surround 6 in surround'])
  })

  it('are left out with the reason where no track has them', () => {
    const made = soundsOf([stereo, surround], { channels: 2 })
    expect(ids(made)).toEqual(['stereo 2 in stereo'])
    expect(made.decisions).toEqual([{ id: 'surround', kept: false, reason: 'no sound track has 6 channels' }])
  })

  it('offer each language in each form: one that lacks it lends its other', () => {
    const made = soundsOf([stereo, surround], { channels: 6, language: 'en' }, { channels: 2, language: 'de' })
    expect(ids(made)).toEqual(['stereo 2 in stereo', 'surround 6 in surround', 'stereo-de 2 in stereo+surround'])
    expect(made.sounds.map(({ isDefault }) => isDefault)).toEqual([true, true, false])
  })

  it.each([
    [1, 1, 64_000],
    [2, 2, 128_000],
    [4, 2, 128_000],
    [8, 6, 384_000],
  ])('never mix up: a track of %i channels alone gets %i at %i b/s', (channels, expected, bitrateBps) => {
    const form = expected === 6 ? surround : { ...stereo }
    expect(soundsOf([form], { channels }).sounds[0]?.encode).toMatchObject({ channels: expected, bitrateBps })
  })

  it('take the one form there is down to what the track has', () => {
    expect(soundsOf([surround], { channels: 2 }).sounds[0]?.encode).toMatchObject({ channels: 2, bitrateBps: 128_000 })
  })

  it('join two single channels to left and right', () => {
    const [sound] = soundsOf([stereo], { channels: 1, pairedWith: 2 }).sounds
    expect(sound).toMatchObject({ streamIndexes: [1, 2], encode: { channels: 2 } })
  })

  it('have ids of their own, whatever the languages are called', () => {
    const made = soundsOf(
      [stereo],
      { language: 'en' },
      { language: 'pt-BR' },
      { language: 'pt-BR' },
      { language: null },
    )
    expect(made.sounds.map(({ encode }) => encode.id)).toEqual([
      ...['stereo', 'stereo-pt-br', 'stereo-pt-br-2', 'stereo-4'],
    ])
  })

  it('of Opus are at 48 kHz', () => {
    const [sound] = soundsOf([{ ...stereo, codec: 'opus' }], { sampleRateHz: 44_100 }).sounds
    expect(sound?.encode).toMatchObject({ codec: 'opus', sampleRateHz: 48_000 })
  })
})
