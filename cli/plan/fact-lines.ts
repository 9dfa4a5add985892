/** What the probe found in a master, as labels and text. Pure. */
import type { AudioFacts, CaptionFacts, SourceFacts, VideoFacts } from '../../core/contract/source'
import { bitrateText, exactRateText, lengthText } from './figures'

export function factLines(facts: SourceFacts): [string, string][] {
  const sounds = [...(facts.audio === null ? [] : [facts.audio]), ...facts.otherAudio]
  const length = facts.durationSeconds === null ? 'length not given' : lengthText(facts.durationSeconds)
  return [
    ['container', `${facts.container}, ${length}`],
    ['picture', facts.video === null ? 'none' : pictureText(facts.video)],
    ...(sounds.length === 0 ? [['sound', 'none'] as [string, string]] : sounds.map(soundLine)),
    ...facts.captions.map(captionLine),
    ...facts.dropped.map(({ streamIndex, kind, codec, reason }): [string, string] => [
      'dropped',
      `track ${streamIndex}, ${kind}${codec === '' ? '' : ` ${codec}`}: ${reason}`,
    ]),
    ...facts.notes.map((note): [string, string] => ['note', note]),
  ]
}

const RANGES = { sdr: 'SDR', pq: 'HDR (PQ)', hlg: 'HDR (HLG)' } as const

function pictureText(video: VideoFacts): string {
  const coded = `${video.codedWidthPx}x${video.codedHeightPx}`
  const shown = `${video.displayWidthPx}x${video.displayHeightPx}`
  return [
    `${video.codec} ${coded}${shown === coded ? '' : ` shown as ${shown}`}`,
    `${exactRateText(video.fps)} a second`,
    `${video.bitDepth} bit`,
    RANGES[video.transfer],
    ...(video.fullRange ? ['full range'] : []),
    ...(video.rotationDegrees === 0 ? [] : [`turned by ${video.rotationDegrees} degrees`]),
    video.interlaced ? 'interlaced (each picture is made whole)' : 'progressive',
    ...(video.bitrateBps === null ? [] : [bitrateText(video.bitrateBps)]),
  ].join(', ')
}

const LAYOUTS: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' }

function soundLine(sound: AudioFacts): [string, string] {
  const { pairedWith, streamIndex, channels, language } = sound
  const layout = pairedWith === null ? (LAYOUTS[channels] ?? `${channels} channels`) : 'left and right'
  const tracks = pairedWith === null ? `track ${streamIndex}` : `tracks ${streamIndex} and ${pairedWith}`
  const words = [
    `${sound.codec} ${layout}`,
    `${sound.sampleRateHz / 1_000} kHz`,
    ...(language === null ? [] : [language]),
  ]
  return ['sound', `${words.join(', ')} (${tracks})`]
}

function captionLine({ codec, language, streamIndex, isForced, isForDeaf }: CaptionFacts): [string, string] {
  const marks = [...(isForced ? ['forced'] : []), ...(isForDeaf ? ['for the deaf'] : [])]
  return ['text', `${[codec, language ?? 'no language', ...marks].join(', ')} (track ${streamIndex})`]
}
