/** The test film of `gantry run --demo`: made by ffmpeg alone, without fonts, pictures or a network. */

export const DEMO_SECONDS = 20
export const DEMO_FILE = 'gantry-demo.mp4'

const FPS = 30

/** A thousandth is added since the time of a frame is a binary fraction and may lie just below the whole second. */
const IN_FLASH = "enable='lt(mod(t+0.001,1),0.1)'"

/** A zoom into the Mandelbrot set, coloured by a slowly turning gradient; half size, since it is soft anyway. */
const SCENERY = [
  `mandelbrot=s=640x360:r=${FPS}:start_scale=2.2:end_scale=0.05:end_pts=${DEMO_SECONDS * FPS}:maxiter=400:` +
    `inner=mincol:bailout=50,trim=duration=${DEMO_SECONDS},format=gray,format=gbrp[fractal]`,
  `gradients=s=320x180:r=${FPS}:d=${DEMO_SECONDS}:speed=0.004:seed=1:nb_colors=4:` +
    'c0=0x10264f:c1=0x1f8a9b:c2=0xf2a65a:c3=0x8a2e6d:x0=0:y0=0:x1=320:y1=180,' +
    'scale=640:360:flags=bicubic,format=gbrp[colours]',
  '[colours][fractal]blend=all_mode=overlay,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,' +
    'scale=1280:720:flags=bicubic,' +
    'drawbox=x=320:y=627:w=640:h=2:c=white@0.5:t=fill,drawbox=x=639:y=600:w=2:h=56:c=white@0.8:t=fill,' +
    `drawbox=x=0:y=0:w=1280:h=720:c=white@0.85:t=14:${IN_FLASH}[scenery]`,
]

/**
 * Seconds and tenths, cut out of a test picture that counts with drawn digits. It is started at 100 s, so that there
 * are always as many digits, and the first one is left out.
 */
const CLOCK = [
  `testsrc=s=320x180:r=${FPS}:decimals=1,trim=start=100:duration=${DEMO_SECONDS},setpts=PTS-STARTPTS,` +
    'format=gray,split[count1][count2]',
  '[count1]crop=64:52:192:64,pad=72:52:0:0:black,drawbox=x=63:y=44:w=4:h=4:c=white:t=fill[seconds]',
  '[count2]crop=32:52:256:64[tenths]',
  '[seconds][tenths]hstack,scale=iw*2:ih*2:flags=neighbor,split[mask][dark]',
  `color=white:s=208x104:r=${FPS}:d=${DEMO_SECONDS}[white];[white][mask]alphamerge[digits]`,
  `[dark]lut=y=val/2[half];color=black:s=208x104:r=${FPS}:d=${DEMO_SECONDS}[black];[black][half]alphamerge[shadow]`,
]

/** A ball that passes the middle at each whole second, where it flashes; and a line that grows to the end. */
const MOTION = [
  `color=white:s=56x56:r=${FPS}:d=${DEMO_SECONDS},format=yuva420p,` +
    "geq=lum=235:cb=128:cr=128:a='255*clip(28-hypot(X-27.5,Y-27.5),0,1)',split[disc1][disc2]",
  '[disc1]scale=28:28[ball]',
  `color=0xf2a65a:s=1280x8:r=${FPS}:d=${DEMO_SECONDS}[line]`,
  '[scenery][shadow]overlay=x=1032:y=52[with1]',
  '[with1][digits]overlay=x=1028:y=48[with2]',
  "[with2][ball]overlay=x='626+300*sin(PI*t)':y=614[with3]",
  `[with3][disc2]overlay=x=612:y=600:${IN_FLASH}[with4]`,
  `[with4][line]overlay=x='-1280+1280*t/${DEMO_SECONDS}':y=712,format=yuv420p[picture]`,
]

/** A soft chord, and a beep of a tenth of a second at each whole second, exactly with the flash. */
const SOUND =
  "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)+" +
  "0.06*(sin(2*PI*220*t)+sin(2*PI*277.18*t)+sin(2*PI*329.63*t))*(0.6+0.4*sin(2*PI*t/8))':" +
  `s=48000:d=${DEMO_SECONDS}:c=mono,aformat=channel_layouts=stereo[sound]`

/**
 * Words for ffmpeg that make the film: 20 s, 1280x720, 30 pictures a second, H.264 and AAC, moov first. The picture has
 * a clock and a flash, the sound a beep, so that lost frames and a shift between picture and sound can be seen. The
 * same ffmpeg build makes the same bytes. Takes about half of its length on two cores.
 *
 * @param outputPath Absolute, since a relative one could be read as an option or a protocol.
 */
export function demoArgs(outputPath: string): string[] {
  const graph = [...SCENERY, ...CLOCK, ...MOTION, SOUND].join(';')
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'],
    ...['-filter_complex', graph, '-map', '[picture]', '-map', '[sound]', '-t', String(DEMO_SECONDS)],
    ...['-c:v', 'libx264', '-preset', 'superfast', '-crf', '22', '-pix_fmt', 'yuv420p', '-g', String(2 * FPS)],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-c:a', 'aac', '-b:a', '160k', '-flags', '+bitexact', '-fflags', '+bitexact'],
    ...['-movflags', '+faststart', '-f', 'mp4', `file:${outputPath}`],
  ]
}
