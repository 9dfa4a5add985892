/** Pure: figures at the reference's speeds to those of a fleet. */
import { stretchOf, type KnownSpeeds, type Stretch } from './known-speeds'
import { slotSecondsOf, type SlotSeconds } from './model'
import { pieceClass } from './piece-class'
import type { MasterWork } from './work'

/** What is learned of pieces is of the picture; all else goes by the machines. */
export function fleetSlotSeconds(work: MasterWork, known: KnownSpeeds): { slotSeconds: SlotSeconds; speeds: Stretch } {
  const name = work.picture === null ? null : pieceClass(work.picture, work.rungs)
  const [speeds, machines] = [stretchOf(known, name), stretchOf(known, null)]
  return { slotSeconds: stretched(slotSecondsOf(work), speeds.factor, machines.factor), speeds }
}

function stretched(reference: SlotSeconds, picture: number, rest: number): SlotSeconds {
  const { copy, sounds, captions, mp4, thumbnails } = reference
  const decode = picture * reference.decode
  const rungs = reference.rungs.map(({ id, slotSeconds }) => ({ id, slotSeconds: picture * slotSeconds }))
  const ofPicture = rungs.reduce((sum, { slotSeconds }) => sum + slotSeconds, decode)
  const atReference = reference.rungs.reduce((sum, { slotSeconds }) => sum + slotSeconds, reference.decode)
  return {
    ...{ copy: rest * copy, decode, rungs },
    sounds: sounds.map(({ id, slotSeconds }) => ({ id, slotSeconds: rest * slotSeconds })),
    ...{ captions: rest * captions, mp4: rest * mp4, thumbnails: rest * thumbnails },
    total: ofPicture + rest * (reference.total - atReference),
  }
}
