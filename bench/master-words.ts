/** Pure: what a master of the bench is made of, as words for ffmpeg. */
export interface MasterForm {
  widthPx: number
  heightPx: number
  seconds: number
  maxBitrateBps: number
}

export interface Footage {
  /** In the folder of real masters; null for pictures that ffmpeg makes itself. */
  file: string | null
  seconds: number
}

/** With motion, cuts and a still camera; as long as they are, or as much as is wanted of them. */
const REEL: readonly { file: string; seconds: number }[] = [
  { file: 'butterfly-720p30-aac.mp4', seconds: 7 },
  { file: 'gopro-max-480p30-10s-data-tracks.mp4', seconds: 10 },
  { file: 'bunny-vp8-vorbis-720p24-30s.webm', seconds: 16 },
  { file: 'bikes-640x272-10s-no-audio.mp4', seconds: 9 },
  { file: 'rooftops-360p30-17s.mp4', seconds: 8 },
]

const FPS = 30
/** Grain, as cameras have it: what is too clean is too easy for an encoder. */
const GRAIN = 'noise=alls=8:allf=t'
const SOUND = 'anoisesrc=color=pink:sample_rate=48000:amplitude=0.2:seed=1'

/** The reel as often as it takes. */
export function footageFor(seconds: number, isThere: (file: string) => boolean): Footage[] {
  const reel: readonly Footage[] = REEL.filter(({ file }) => isThere(file))
  if (reel.length === 0) return [{ file: null, seconds }]
  const footage: Footage[] = []
  for (let left = seconds, index = 0; left > 0; index += 1) {
    const next = reel[index % reel.length] ?? { file: null, seconds: left }
    footage.push({ ...next, seconds: Math.min(left, next.seconds) })
    left -= next.seconds
  }
  return footage
}

/** Keyframes where x264 puts them by itself, two B-frames in a row at most: as cameras and exports have it. */
export function masterWords(form: MasterForm, footage: readonly Footage[]): string[] {
  const { widthPx, heightPx, seconds, maxBitrateBps } = form
  const fill = `scale=${widthPx}:${heightPx}:force_original_aspect_ratio=increase,crop=${widthPx}:${heightPx}`
  const parts = footage.map((part, index) => {
    return `[${index}:v:0]${fill},setsar=1,fps=${FPS},format=yuv420p,trim=end=${part.seconds},setpts=PTS-STARTPTS[p${index}]`
  })
  const all = footage.map((_, index) => `[p${index}]`).join('')
  const graph = [...parts, `${all}concat=n=${footage.length}:v=1:a=0,${GRAIN}[picture]`].join(';')
  return [
    ...footage.flatMap(({ file }) => (file === null ? ['-f', 'lavfi', '-i', made(form)] : ['-i', file])),
    ...['-f', 'lavfi', '-i', SOUND, '-filter_complex', graph, '-map', '[picture]', '-map', `${footage.length}:a`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-bf', '2'],
    ...['-maxrate', String(maxBitrateBps), '-bufsize', String(2 * maxBitrateBps)],
    ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-t', String(seconds)],
  ]
}

/** A flight into a fractal: detail and motion in all of the picture. */
function made({ widthPx, heightPx }: MasterForm): string {
  return `mandelbrot=size=${widthPx}x${heightPx}:rate=${FPS}:start_scale=0.5:end_scale=0.0001`
}

export function longWords(looped: string, loopSeconds: number, seconds: number): string[] {
  const more = Math.ceil(seconds / loopSeconds) - 1
  return ['-stream_loop', String(more), '-i', looped, '-map', '0', '-c', 'copy', '-t', String(seconds)]
}
