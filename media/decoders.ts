/**
 * The decoders that may touch a master. Everything else in an ffmpeg build stays shut: each decoder is code that parses
 * hostile bytes, and the rare ones are the least tested (CVE-2026-8461 was found in MagicYUV).
 *
 * In: what cameras, phones, editors, screen recorders, broadcast and twenty years of archives deliver. Of the lossless
 * capture codecs FFV1 (the archives' standard) and HuffYUV (the commonest before it); Lagarith, Ut Video, MagicYUV and
 * the like stay out, so do game formats, Indeo, CineForm, JPEG 2000 and every raw-photo format.
 * PNG is in because animation is exported as PNG in QuickTime and covers are PNG. Subtitle decoders are in because
 * ffmpeg and ffprobe open one for each subtitle track they see and ffprobe gives up where it may not.
 */

/** Codec as ffprobe names it, then ffmpeg's decoders for it; `-codec_whitelist` takes decoder names only. */
const VIDEO: Readonly<Record<string, readonly string[]>> = {
  h264: ['h264'],
  hevc: ['hevc'],
  // The native AV1 decoder needs hardware; the first of the two libraries that a build has is taken.
  av1: ['libdav1d', 'libaom-av1', 'av1'],
  vp8: ['vp8', 'libvpx'],
  vp9: ['vp9', 'libvpx-vp9'],
  vp6: ['vp6'],
  vp6a: ['vp6a'],
  vp6f: ['vp6f'],
  mpeg1video: ['mpeg1video'],
  mpeg2video: ['mpeg2video'],
  mpeg4: ['mpeg4'],
  msmpeg4v1: ['msmpeg4v1'],
  msmpeg4v2: ['msmpeg4v2'],
  msmpeg4v3: ['msmpeg4'],
  h263: ['h263'],
  h263p: ['h263p'],
  flv1: ['flv'],
  prores: ['prores'],
  dnxhd: ['dnxhd'],
  mjpeg: ['mjpeg'],
  png: ['png'],
  dvvideo: ['dvvideo'],
  cinepak: ['cinepak'],
  theora: ['theora'],
  vc1: ['vc1'],
  wmv1: ['wmv1'],
  wmv2: ['wmv2'],
  wmv3: ['wmv3'],
  rawvideo: ['rawvideo'],
  v210: ['v210'],
  qtrle: ['qtrle'],
  svq1: ['svq1'],
  svq3: ['svq3'],
  ffv1: ['ffv1'],
  huffyuv: ['huffyuv'],
  ffvhuff: ['ffvhuff'],
}

/** `aac_fixed` and other integer twins are for machines without floating point and stay out. */
const AUDIO: Readonly<Record<string, readonly string[]>> = {
  aac: ['aac'],
  aac_latm: ['aac_latm'],
  mp3: ['mp3float', 'mp3'],
  mp2: ['mp2', 'mp2float'],
  mp1: ['mp1', 'mp1float'],
  ac3: ['ac3'],
  eac3: ['eac3'],
  dts: ['dca'],
  truehd: ['truehd'],
  opus: ['opus', 'libopus'],
  vorbis: ['vorbis', 'libvorbis'],
  flac: ['flac'],
  alac: ['alac'],
  wmav1: ['wmav1'],
  wmav2: ['wmav2'],
  wmapro: ['wmapro'],
  amr_nb: ['amrnb'],
  amr_wb: ['amrwb'],
  // The two voices of old Flash video.
  nellymoser: ['nellymoser'],
  speex: ['speex', 'libspeex'],
  // AES3 sound in broadcast transport streams; sound of DV tapes.
  s302m: ['s302m'],
  dvaudio: ['dvaudio'],
  adpcm_ima_qt: ['adpcm_ima_qt'],
  adpcm_ima_wav: ['adpcm_ima_wav'],
  adpcm_ms: ['adpcm_ms'],
  adpcm_swf: ['adpcm_swf'],
  adpcm_yamaha: ['adpcm_yamaha'],
  adpcm_g722: ['g722'],
  pcm_alaw: ['pcm_alaw'],
  pcm_bluray: ['pcm_bluray'],
  pcm_dvd: ['pcm_dvd'],
  pcm_f32be: ['pcm_f32be'],
  pcm_f32le: ['pcm_f32le'],
  pcm_f64be: ['pcm_f64be'],
  pcm_f64le: ['pcm_f64le'],
  pcm_mulaw: ['pcm_mulaw'],
  pcm_s8: ['pcm_s8'],
  pcm_s16be: ['pcm_s16be'],
  pcm_s16le: ['pcm_s16le'],
  pcm_s24be: ['pcm_s24be'],
  pcm_s24le: ['pcm_s24le'],
  pcm_s32be: ['pcm_s32be'],
  pcm_s32le: ['pcm_s32le'],
  pcm_u8: ['pcm_u8'],
}

/** Subtitles that are text. */
const TEXT: Readonly<Record<string, readonly string[]>> = {
  subrip: ['subrip', 'srt'],
  ass: ['ass', 'ssa'],
  ssa: ['ssa', 'ass'],
  mov_text: ['mov_text'],
  webvtt: ['webvtt'],
  text: ['text'],
}

/** Opened, never fed: pictures of text are not mapped. */
const OTHER_SUBTITLES: readonly string[] = ['dvdsub'].concat([
  'dvbsub',
  'pgssub',
  'xsub',
  'cc_dec',
  'libzvbi_teletextdec',
])

/** Every allowed decoder, as `-codec_whitelist` takes them. A build need not have all of them. */
export const DECODERS: readonly string[] = [
  ...Object.values(VIDEO).flat(),
  ...Object.values(AUDIO).flat(),
  ...new Set(Object.values(TEXT).flat()),
  ...OTHER_SUBTITLES,
]

/**
 * Picture decoders that ffprobe may open besides, and nothing else may: covers in sound files. ffprobe opens a decoder
 * for each track after it has read the packets, with no packet to decode, and gives up on the whole file where it may
 * not. Its reading of packets still goes by DECODERS.
 */
export const COVER_DECODERS: readonly string[] = ['bmp', 'gif', 'tiff', 'webp']

/** Whether a track may be decoded. @param codec As ffprobe prints it in `codec_name`. */
export function isAllowedCodec(kind: 'video' | 'audio', codec: string): boolean {
  return Object.hasOwn(kind === 'video' ? VIDEO : AUDIO, codec)
}

/** Whether a subtitle track is text. @param codec As ffprobe prints it in `codec_name`. */
export function isTextCodec(codec: string): boolean {
  return Object.hasOwn(TEXT, codec)
}
