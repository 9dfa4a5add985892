/** The index of a copy of coded pictures, from the fragments that ffmpeg writes. */
import { GantryError } from '../core/contract/errors'
import { TIMELINE_OFFSET_SECONDS, type RemuxJob } from '../core/contract/job'
import type { PictureCopy } from '../core/contract/markers'
import { boxes, invalid, type Box } from '../media/mp4/boxes'
import { readInit, type InitFacts } from '../media/mp4/init'
import { surveyPictures, type PictureSurveyor } from '../media/mp4/picture-survey'
import { progressiveFile } from '../media/mp4/progressive-layout'
import { createTables, type TableBuilder } from '../media/mp4/progressive-tables'
import { eachSample } from '../media/mp4/sample-runs'

export interface CopyIndex {
  init(bytes: Uint8Array): void
  /**
   * Takes the tables of a fragment, and gives its media.
   *
   * @throws FFMPEG_OUTPUT_INVALID when it is not one moof and one mdat that belong to each other; FFMPEG_LIMIT over the
   * job's limit on pictures.
   */
  fragment(bytes: Uint8Array): Uint8Array
  /** @throws FFMPEG_NO_OUTPUT when there was no sample. */
  end(): Omit<PictureCopy, 'objects'> & { head: Uint8Array }
}

interface Track {
  init: Uint8Array
  facts: InitFacts
  tables: TableBuilder
  survey: PictureSurveyor
}

export function copyIndex(job: RemuxJob): CopyIndex {
  let track: Track | null = null
  let samples = 0
  return {
    init: (bytes) => {
      const facts = readInit(bytes)
      track = { init: bytes, facts, tables: createTables(facts.timescaleHz), survey: surveyOf(job, facts) }
    },
    fragment: (bytes) => {
      if (track === null) throw invalid('a fragment stands before its init segment')
      const { moof, media } = partsOf(bytes)
      samples += addSamples(track, bytes, moof, media.byteLength)
      if (samples > job.limits.maxFrames) throw tooMany(job)
      return media
    },
    end: () => {
      if (track === null || samples === 0) {
        throw new GantryError('FFMPEG_NO_OUTPUT', 'there is nothing in the picture track of the master')
      }
      return indexOf(track)
    },
  }
}

/** @returns How many there are. */
function addSamples({ facts, tables, survey }: Track, bytes: Uint8Array, moof: Box, mediaBytes: number): number {
  let [count, sampleBytes] = [0, 0]
  eachSample(bytes, moof, facts.defaults, (sample) => {
    tables.add(sample)
    survey.add(sample)
    count += 1
    sampleBytes += sample.bytes
  })
  if (sampleBytes === mediaBytes) return count
  throw invalid(`the samples of a fragment take ${sampleBytes} bytes, its media has ${mediaBytes}`)
}

/** The file shows its first picture at 0, which all versions of ffmpeg read alike; pieces add the rest again. */
function indexOf({ init, facts, tables, survey }: Track): ReturnType<CopyIndex['end']> {
  const { editTicks, timescaleHz } = facts
  const { firstTicks, endTicks, ...found } = survey.end()
  const shown = { zeroTicks: firstTicks - editTicks, endTicks: endTicks - editTicks }
  const { head } = progressiveFile([{ init, tables: tables.end(), ...shown, language: null, isEnabled: true }])
  return { head: Buffer.concat(head), timescaleHz, firstTicks: masterTicks(firstTicks, facts), ...found }
}

/** A time of a fragment as a decoder of the master has it. */
function masterTicks(presentationTicks: number, { editTicks, timescaleHz }: InitFacts): number {
  return presentationTicks - editTicks - TIMELINE_OFFSET_SECONDS * timescaleHz
}

/** Lines are on the asset's timeline; whatever is near the nominal grid is far from a line, so no snapping is needed. */
function surveyOf({ lines, source }: RemuxJob, facts: InitFacts): PictureSurveyor {
  const startSeconds = source.clip?.inSeconds ?? 0
  return surveyPictures(lines.ticks, (ticks) =>
    Math.round((masterTicks(ticks, facts) / facts.timescaleHz - startSeconds) * lines.timescaleHz),
  )
}

function partsOf(bytes: Uint8Array) {
  const level = boxes(bytes)
  const [moof, mdat] = ['moof', 'mdat'].map((type) => level.find((box) => box.type === type))
  if (moof === undefined || mdat === undefined) throw invalid('a fragment is not one moof and one mdat')
  return { moof, media: bytes.subarray(mdat.payload, mdat.end) }
}

function tooMany({ limits }: RemuxJob): GantryError {
  const found = `the master has more than ${limits.maxFrames} coded pictures`
  return new GantryError('FFMPEG_LIMIT', `${found}: its timestamps are not believable`)
}
