/** Words of ffmpeg for the films that varieties are made of. */

export const RED = 'c82828'
export const GREEN = '28c828'
export const BLUE = '2828c8'
export const GREY = 'b4b4b4'
/** In reading order: what a right asset of the film of quarters shows. */
export const UPRIGHT = [RED, GREEN, BLUE, GREY] as const

export interface FilmShape {
  widthPx?: number
  heightPx?: number
  rate?: string
  seconds?: number
  /** Turned from RGB by this; the scaler's words. */
  matrix?: 'bt601' | 'bt709' | 'bt2020'
  range?: 'tv' | 'pc'
  format?: string
  /** Filters at the end. */
  then?: string
}

/** Four quarters of different colours: tells which way is up, and what became of the colours. */
export function quarters(shape: FilmShape = {}): string[] {
  const { widthPx = 320, heightPx = 180, rate = '25', seconds = 2, matrix = 'bt601', range = 'tv' } = shape
  const [left, top] = [Math.floor(widthPx / 2), Math.floor(heightPx / 2)]
  const part = (colour: string, width: number, height: number, label: string): string =>
    `color=0x${colour}:s=${width}x${height}:r=${rate}:d=${seconds},format=gbrp[${label}]`
  const chains = [
    part(RED, left, top, 'a'),
    part(GREEN, widthPx - left, top, 'b'),
    part(BLUE, left, heightPx - top, 'c'),
    part(GREY, widthPx - left, heightPx - top, 'd'),
    '[a][b]hstack[e]',
    '[c][d]hstack[f]',
    `[e][f]vstack,${converted({ matrix, range, ...shape })}[out0]`,
  ]
  return ['-f', 'lavfi', '-i', chains.join(';')]
}

function converted({ matrix = 'bt601', range = 'tv', format = 'yuv420p', then = '' }: FilmShape): string {
  const scale = /^(gbrp|rgb24)/.test(format) ? '' : `scale=out_color_matrix=${matrix}:out_range=${range},`
  return `${scale}format=${format}${then === '' ? '' : `,${then}`}`
}

/** A slanted wave that moves all the time, so that pictures and fields of different times differ everywhere. */
export function waves(rate: number, seconds: number, more = ''): string {
  const lum = `128+100*sin((X-150*T)/5+Y/9)`
  return `color=gray:s=320x240:r=${rate}:d=${seconds},format=yuv420p,geq=lum='${lum}':cb=128:cr=128${more}`
}

export function lavfi(film: string): string[] {
  return ['-f', 'lavfi', '-i', film]
}

/** A tone of 0.1 of full scale, one pitch a channel. */
export function tones(seconds: number, ...hz: readonly number[]): string[] {
  return tonesAt(48_000, seconds, hz)
}

export function tonesAt(sampleRateHz: number, seconds: number, hz: readonly number[], layout?: string): string[] {
  const waves = hz.map((pitch) => `0.1*sin(${pitch}*2*PI*t)`).join('|')
  return lavfi(`aevalsrc=${waves}:s=${sampleRateHz}:d=${seconds}${layout === undefined ? '' : `:c=${layout}`}`)
}

export const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12'] as const
export const INTRA = [...X264, '-g', '1'] as const
export const AAC = ['-c:a', 'aac'] as const
