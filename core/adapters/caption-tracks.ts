/** Pure: which of a master's subtitle tracks are text that can be carried over. */
import type { CaptionFacts } from '../contract/source'
import { isTextCodec } from '../../media/decoders'
import type { ProbedStream } from './ffprobe-json'

/** In the container's order; two of one language and purpose are two, since nobody knows which one is meant. */
export function captionFacts(streams: readonly ProbedStream[]): CaptionFacts[] {
  return streams
    .filter(({ kind, codec }) => kind === 'subtitle' && isTextCodec(codec))
    .map(({ index, codec, language, isForced, isForDeaf }) => {
      return { streamIndex: index, codec, language, isForced, isForDeaf }
    })
}

/** Why a subtitle track is not carried over. */
export function whyNoCaptions({ codec }: ProbedStream): string {
  return PICTURE_CODECS.includes(codec)
    ? 'its subtitles are pictures, which cannot become text'
    : `its subtitles are of the kind '${codec}', which is not read`
}

const PICTURE_CODECS = ['dvd_subtitle', 'dvb_subtitle', 'hdmv_pgs_subtitle', 'xsub']
