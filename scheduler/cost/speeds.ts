/**
 * How much one slot does, measured.
 *
 * A slot-second is one second of one vCPU that does nothing but encode: ffmpeg's user and system time. Measured on
 * 2026-11-24 on a virtual machine of 2 vCPU (AMD EPYC, one thread a core), ffmpeg 5.1.9 of Debian 12, one thread an
 * encoder, crf 23, 27 and 34 capped as in the built-in ladders. The decoder's and the scaler's time is taken off.
 *
 * Encoders were measured on a camera master with much motion (1280x720 at 29.97). Other masters went 1.0 to 1.5 times as
 * fast, animation fastest; 360 lines 0.9 times, with AV1 half as fast in a clip of 3 s.
 */
import type { CostCodec, CostPreset } from './work'

/** Pixels a slot encodes in a second, in millions, at 8 bits. */
export const ENCODE_MPX: Readonly<Record<CostCodec, Readonly<Record<CostPreset, number>>>> = {
  h264: { ultrafast: 226, superfast: 89, veryfast: 49, faster: 30, fast: 23, medium: 20, slow: 14, slower: 7 },
  hevc: { ultrafast: 31, superfast: 18, veryfast: 14, faster: 14, fast: 11, medium: 9.7, slow: 3.6, slower: 0.9 },
  av1: { ultrafast: 57, superfast: 44, veryfast: 30, faster: 19, fast: 13, medium: 9, slow: 6, slower: 2.7 },
}

/** Time at 10 bits over time at 8 bits. Not measured for H.264, which ladders make at 8 bits only. */
export const TEN_BIT_FACTOR: Readonly<Record<CostCodec, number>> = { h264: 1.25, hevc: 1.25, av1: 1.28 }

/** Pixels a slot decodes in a second, in millions, by the master's codec. */
export const DECODE_MPX: Readonly<Record<string, number>> = {
  h264: 380,
  hevc: 105,
  vp8: 1_100,
  av1: 630,
  mpeg2video: 1_150,
  mpeg1video: 520,
  prores: 320,
  cinepak: 1_000,
}

/** For codecs that were not measured: the slow ones of those that were, so that the estimate is not too low. */
export const OTHER_DECODE_MPX = 200

/** Of the master's pixels, in millions a second: one scaler for each rung, bwdif, and the tone mapping in linear light. */
export const SCALE_MPX = 1_000
export const DEINTERLACE_MPX = 570
export const TONE_MAP_MPX = 45

/** Slot-seconds for a second of one channel. */
export const SOUND_COST: Readonly<Record<'aac' | 'opus', number>> = { aac: 0.01, opus: 0.005 }
/** Measuring its loudness, decoding included. */
export const LOUDNESS_COST = 0.006

/** A piece's start: its encoders, and what is decoded before it begins. */
export const PIECE_SECONDS = 0.25

/** The start of any other process. */
export const PROCESS_SECONDS = 0.08

/**
 * Slot-seconds a second of media: one MP4 from stored segments, and all pictures from stored keyframes. An MP4 starts no
 * process; on a loaded machine 3 h took 1.3 to 2.2 s (25 pictures a second, 132 MB) and 3.9 to 6.4 s (60 pictures a
 * second, two sounds, 1.35 GB), measured on 2026-11-26.
 */
export const REMUX_COST = 0.0006
export const THUMBNAIL_COST = 0.007

/** Processor time of the picture that workers encode at their start (worker/ffmpeg/test-picture.ts), with one thread. */
export const TEST_PICTURE_SECONDS = 0.35

/** Copying the coded pictures of a master without an index, our part of it included; see docs/costs.md. */
export const COPY_COST = 0.006
