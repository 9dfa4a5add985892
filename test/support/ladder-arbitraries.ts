/** Any valid ladder and any master that a probe may tell of, for property tests. */
import fc from 'fast-check'
import { reduced, type Rational } from '../../core/contract/rational'
import type { AudioFacts, CaptionFacts, SourceFacts, VideoFacts } from '../../core/contract/source'
import { LADDER } from '../../ladders/language'
import { type Field } from '../../language/fields'
import { ladderSchema, type Ladder } from '../../ladders/schema'

type Draft = Record<string, unknown>

/** Any value a field allows by itself: taken from the schema, so that a new field is tried without a change here. */
function fieldValue(field: Field): fc.Arbitrary<unknown> {
  if (field.enum !== undefined) return fc.constantFrom(...field.enum)
  const { minimum = 0, maximum = 0, multipleOf } = field
  switch (field.type) {
    case 'integer':
    case 'number': {
      const step = multipleOf ?? (field.type === 'integer' ? 1 : 0.25)
      const steps = fc.integer({ min: Math.ceil(minimum / step), max: Math.floor(maximum / step) })
      return steps.map((count) => count * step)
    }
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(fieldValue(field.items ?? {}), { minLength: field.minItems ?? 0, maxLength: field.maxItems ?? 8 })
    case 'object':
      return recordOf(field)
    default:
      return textOf(field)
  }
}

function recordOf({ properties = {}, required = [] }: Field): fc.Arbitrary<Draft> {
  const model = Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, fieldValue(child)]))
  return fc.record(model, { requiredKeys: [...required] })
}

function textOf({ pattern = '', maxLength }: Field & { maxLength?: number }): fc.Arbitrary<string> {
  if (maxLength === undefined) return fc.stringMatching(new RegExp(pattern))
  const allowed = new RegExp(pattern, 'u')
  return fc.string({ maxLength: 40, unit: 'grapheme' }).filter((text) => allowed.test(text))
}

/** A draft whose fields are right, made to keep the rules between them. */
function withRules(draft: Draft): Ladder {
  const taken = new Set<unknown>()
  const audio = records(draft['audio']).map((form, index) => ({ ...form, ...roomFor(form), ...freeId(form, index) }))
  for (const { id } of audio) taken.add(id)
  const rungs = withRisingCaps(records(draft['rungs']).map(ruled)).filter(({ id }) => !taken.has(id) && taken.add(id))
  if (rungs[0] !== undefined && rungs.every((rung) => rung['required'] === false)) rungs[0]['required'] = true
  const gopSeconds = Number(draft['gopSeconds'] ?? 2)
  const segmentSeconds = Math.max(2, Math.min(10, Math.ceil(gopSeconds) * (Number.isInteger(gopSeconds) ? 1 : 2)))
  const canKeepHdr = rungs.some(({ bits }) => bits === 10)
  return ladderSchema.parse({
    ...draft,
    ...{ rungs, segmentSeconds },
    ...(audio.length > 0 && { audio }),
    gopSeconds: segmentSeconds % gopSeconds === 0 ? gopSeconds : 1,
    hdr: canKeepHdr ? draft['hdr'] : 'tone-map',
    thumbnails: { ...(draft['thumbnails'] as Draft | undefined), imageIntervalSeconds: 12, spriteIntervalSeconds: 12 },
  })

  function freeId(form: Draft, index: number): { id: unknown } {
    const id = form['id'] ?? 'audio'
    const own = taken.has(id) ? `form-${index}` : id
    taken.add(own)
    return { id: own }
  }
}

function records(list: unknown): Draft[] {
  return Array.isArray(list) ? list.map((entry: Draft) => ({ ...entry })) : []
}

function roomFor({ channels, bitrateBps }: Draft): Draft {
  return channels === 6 ? { bitrateBps: Math.max(192_000, Number(bitrateBps ?? 0)) } : {}
}

function ruled(rung: Draft): Draft {
  const { codec = 'h264', crf, bitrateBps, maxBitrateBps, ...rest } = rung
  const ownCrf = codec === 'av1' ? crf : Math.min(40, Number(crf ?? 23))
  const quality =
    bitrateBps === undefined
      ? { crf: ownCrf ?? 35 }
      : { bitrateBps: Math.min(Number(bitrateBps), Number(maxBitrateBps)) }
  if (codec !== 'h264') delete rest['profile']
  return { ...rest, ...quality, codec, maxBitrateBps, ...(codec === 'h264' && { bits: 8 }) }
}

/** The caps there are, dealt out anew in the order of the sizes. */
function withRisingCaps(rungs: readonly Draft[]): Draft[] {
  return ['h264', 'hevc', 'av1'].flatMap((codec) => {
    const own = rungs.filter((rung) => rung['codec'] === codec)
    const caps = own.map((rung) => Number(rung['maxBitrateBps'])).sort((a, b) => a - b)
    const rising = own.sort((a, b) => Number(a['shortSidePx']) - Number(b['shortSidePx']))
    return rising.map((rung, index) => {
      const maxBitrateBps = caps[index] ?? 100_000
      const bitrateBps = Math.min(Number(rung['bitrateBps']), maxBitrateBps)
      return { ...rung, maxBitrateBps, ...(rung['bitrateBps'] !== undefined && { bitrateBps }) }
    })
  })
}

/** Lists are short, so that most ladders look like somebody's. */
export const anyLadder: fc.Arbitrary<Ladder> = fieldValue(LADDER.root)
  .chain((draft) =>
    fc.shuffledSubarray(records((draft as Draft)['rungs'])).map((rungs) => ({ ...(draft as Draft), rungs })),
  )
  .map(withRules)

const side = fc.oneof(
  fc.integer({ min: 1, max: 8_192 }),
  fc.constantFrom(1, 2, 240, 359, 360, 719, 720, 1079, 1080, 2160),
)

const USUAL_RATES: readonly Rational[] = [
  ...[24_000, 30_000, 60_000, 120_000].map((num) => ({ num, den: 1_001 })),
  ...[1, 10, 24, 25, 30, 50, 60, 100, 120, 240].map((num) => ({ num, den: 1 })),
  { num: 1, den: 2 },
]
const anyRate: fc.Arbitrary<Rational> = fc.oneof(
  fc.constantFrom(...USUAL_RATES),
  fc
    .record({ den: fc.integer({ min: 1, max: 1_000_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ den, share }) => reduced({ num: Math.ceil((0.5 + 239.5 * share) * den), den })),
)
const anySeconds = fc.option(fc.double({ min: 0.01, max: 200_000, noNaN: true }))

const anyVideo: fc.Arbitrary<VideoFacts> = fc
  .record({
    codec: fc.constantFrom('h264', 'hevc', 'av1', 'vp9', 'mpeg2video', 'mpeg4', 'prores', 'ffv1'),
    ...{ displayWidthPx: side, displayHeightPx: side, fps: anyRate, durationSeconds: anySeconds },
    rotationDegrees: fc.constantFrom(0 as const, 90 as const, 180 as const, 270 as const),
    bitDepth: fc.constantFrom(8, 10, 12),
    transfer: fc.constantFrom('sdr' as const, 'pq' as const, 'hlg' as const),
    ...{ fullRange: fc.boolean(), interlaced: fc.boolean() },
    fieldOrder: fc.constantFrom('flagged', 'top-first', 'bottom-first'),
    colour: fc.constant({ primaries: 'bt709', curve: 'bt709', matrix: 'bt709' }),
    bitrateBps: fc.option(fc.integer({ min: 1, max: 2_000_000_000 })),
  })
  .map((facts) => ({
    ...{ streamIndex: 0, firstPicture: null, leadSeconds: 0, dataLines: 0, ...facts },
    ...{ codedWidthPx: facts.displayWidthPx, codedHeightPx: facts.displayHeightPx },
  }))

/** Tags as a probe lets them pass; several mean one language, and some no language there is. */
const anyLanguage = fc.option(
  fc.oneof(
    fc.constantFrom('en', 'eng', 'en-US', 'EN', 'de', 'ger', 'deu', 'pt-BR', 'zh-Hant-TW', 'sr-Latn', 'xx', 'qaa'),
    fc.stringMatching(/^[a-zA-Z]{2,3}(-[a-z0-9]{1,8}){0,2}$/),
  ),
)

const anySound = fc.record({
  ...{ codec: fc.constantFrom('aac', 'ac3', 'pcm_s16le', 'opus', 'mp3'), channels: fc.integer({ min: 1, max: 8 }) },
  ...{ isPair: fc.boolean(), language: anyLanguage, durationSeconds: anySeconds },
  sampleRateHz: fc.constantFrom(8_000, 22_050, 44_100, 48_000, 96_000, 192_000),
})

/** Two single channels are a pair at times; every track has its own place in the container. */
function soundsOf(
  tracks: readonly (Omit<AudioFacts, 'streamIndex' | 'pairedWith'> & { isPair: boolean })[],
): AudioFacts[] {
  return tracks.map(({ isPair, ...track }, index) => {
    const streamIndex = 1 + 2 * index
    return { ...track, streamIndex, pairedWith: isPair && track.channels === 1 ? streamIndex + 1 : null }
  })
}

const anyCaptions: fc.Arbitrary<CaptionFacts> = fc.record({
  ...{ codec: fc.constant('subrip'), language: anyLanguage, isForced: fc.boolean(), isForDeaf: fc.boolean() },
  streamIndex: fc.integer({ min: 20, max: 40 }),
})

/** Anything with a picture or a sound. */
export const anyMaster: fc.Arbitrary<SourceFacts> = fc
  .record({
    ...{ durationSeconds: anySeconds, bytes: fc.integer({ min: 1, max: 2 ** 45 }) },
    ...{ video: fc.option(anyVideo, { freq: 8 }), sounds: fc.array(anySound, { maxLength: 8 }) },
    captions: fc.array(anyCaptions, { maxLength: 4 }),
  })
  .filter(({ video, sounds }) => video !== null || sounds.length > 0)
  .map(({ sounds, ...facts }) => {
    const [audio = null, ...otherAudio] = soundsOf(sounds)
    return { ...facts, container: 'mp4' as const, audio, otherAudio, dropped: [], notes: [] }
  })
