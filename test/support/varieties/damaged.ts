/** Damaged masters, and whole ones with nothing in a track: what decoding tells, and where the lines are. */
import { AAC, INTRA, lavfi, quarters, tones, waves, X264 } from './films'
import { changed, evenly, ffmpeg, remade, type Recipe, type RefusedVariety, type Variety } from './variety'

const film = ffmpeg(...lavfi(waves(25, 4)), ...tones(4, 440), ...X264, '-g', '25', ...AAC)
const MOVING = { widthPx: 320, heightPx: 240, times: evenly(100, 25), quarters: null }

/** Where the pictures and sounds of an MP4 lie. */
function media(file: Buffer): { from: number; length: number } {
  const at = file.indexOf('mdat')
  return { from: at + 4, length: file.readUInt32BE(at - 4) - 8 }
}

/** Single bits turned over, far apart. */
function flipped(count: number): Recipe {
  return changed(film, (file) => {
    const { from, length } = media(file)
    for (let one = 1; one <= count; one += 1) {
      const at = from + Math.floor((length * one) / (count + 1))
      file.writeUInt8(file.readUInt8(at) ^ 0x10, at)
    }
    return file
  })
}

/** A stretch that was never written, as on a broken disk; shares of the whole. */
function blank(start: number, end: number): Recipe {
  return changed(film, (file) => {
    const { from, length } = media(file)
    return file.fill(0, from + Math.floor(length * start), from + Math.floor(length * end))
  })
}

/** Tracks of the film once more, of which those of input 1 come after the end: they are described and have nothing. */
function partlyEmpty(...tracks: readonly { from: '0:v' | '0:a' | '1:v' | '1:a'; language?: string }[]): Recipe {
  return async (folder, name) => {
    const source = `${name}.film.mkv`
    await ffmpeg(...quarters({ rate: '5' }), ...tones(2, 440), ...INTRA, '-c:a', 'flac')(folder, source)
    const maps = tracks.flatMap(({ from, language = 'und' }, index) => {
      return ['-map', from, `-metadata:s:${index}`, `language=${language}`]
    })
    await ffmpeg('-i', source, '-itsoffset', '9', '-i', source, ...maps, '-c', 'copy', '-t', '2')(folder, name)
  }
}

const DAMAGE = [/reported damage/]
const EVEN = { widthPx: 320, heightPx: 180, times: evenly(10, 5) }
const EMPTY = [/nothing in the sound track/]

export const MENDED: readonly Variety[] = [
  {
    file: 'three-bits.mp4',
    make: flipped(3),
    expected: { picture: MOVING, sounds: [{ channels: 1, to: 4 }], warnings: DAMAGE },
  },
  {
    file: 'cut-media.mp4',
    make: changed(ffmpeg(...quarters({ seconds: 4 }), ...INTRA, '-movflags', '+faststart'), (file) =>
      file.subarray(0, Math.floor(file.length * 0.8)),
    ),
    expected: {
      // Four fifths of 100 pictures, but for the room of the index.
      picture: { widthPx: 320, heightPx: 180, times: evenly(79, 25) },
      sounds: [],
      warnings: [/past the end of the file/, /shorter than the master says/, /reported damage/],
    },
  },
  {
    file: 'french-empty.mkv',
    make: partlyEmpty({ from: '0:v' }, { from: '0:a', language: 'eng' }, { from: '1:a', language: 'fra' }),
    expected: { picture: EVEN, sounds: [{ channels: 1, language: 'eng', to: 2 }], warnings: EMPTY },
  },
  {
    file: 'first-sound-empty.mkv',
    make: partlyEmpty({ from: '0:v' }, { from: '1:a', language: 'eng' }, { from: '0:a', language: 'fra' }),
    expected: { picture: EVEN, sounds: [{ channels: 1, language: 'fra', to: 2 }], warnings: EMPTY },
  },
]

export const RUINED: readonly RefusedVariety[] = [
  { file: 'four-hundred-bits.mp4', make: flipped(400), code: 'SOURCE_UNREADABLE', says: /pictures .* are damaged/ },
  {
    file: 'blank-for-six-tenths.mp4',
    make: blank(0.3, 0.9),
    code: 'SOURCE_UNREADABLE',
    says: /pictures .* are damaged/,
  },
  { file: 'blank-but-for-the-head.mp4', make: blank(0.02, 1), code: 'SOURCE_UNREADABLE', says: /cannot be decoded/ },
  {
    file: 'sound-of-noise.mkv',
    make: remade(film, 'film.mp4', [], '-c', 'copy', '-bsf:a', 'noise=amount=1'),
    code: 'SOURCE_UNREADABLE',
    says: /cannot be decoded/,
  },
  {
    file: 'only-sound-empty.mkv',
    make: partlyEmpty({ from: '0:v' }, { from: '1:a' }),
    code: 'FFMPEG_NO_OUTPUT',
    says: /no sound could be decoded/,
  },
  {
    file: 'all-sounds-empty.mkv',
    make: partlyEmpty({ from: '0:v' }, { from: '1:a', language: 'eng' }, { from: '1:a', language: 'fra' }),
    code: 'FFMPEG_NO_OUTPUT',
    says: /any of the sound tracks/,
  },
  {
    file: 'picture-empty.mkv',
    make: partlyEmpty({ from: '1:v' }, { from: '0:a' }),
    code: 'FFMPEG_NO_OUTPUT',
    says: /nothing to decode/,
  },
]
