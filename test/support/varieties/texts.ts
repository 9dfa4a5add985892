/** Masters with text tracks of every kind, chapters, and texts that say nothing. */
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { AAC, quarters, tones, X264 } from './films'
import { evenly, ffmpeg, type ExpectedCaptions, type Recipe, type Variety } from './variety'

const WORDS = 'Grüße <b>&</b> 10 < 20'
const SUBRIP = `1\n00:00:00,200 --> 00:00:00,900\n${WORDS}\n\n2\n00:00:01,200 --> 00:00:01,800\nzwei\nZeilen\n`
const STYLED = `[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Loud,Arial,40,&H000000FF,-1,8

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.20,0:00:00.90,Loud,,0,0,0,,{\\pos(10,10)\\c&H00FF00&}Hello\\Nthere
`
const SILENT = '1\n00:00:00,500 --> 00:00:01,000\n \n'
const CHAPTERS =
  ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Two\n'

/** A film with these texts as further inputs. */
function told(texts: Readonly<Record<string, string>>, ...words: readonly string[]): Recipe {
  return async (folder, name) => {
    const inputs: string[] = []
    for (const [file, text] of Object.entries(texts)) {
      await writeFile(join(folder, `${name}.${file}`), text)
      inputs.push('-i', `${name}.${file}`)
    }
    // AAC would need time to swing in here, which Matroska adds to all times.
    const sound = name.endsWith('.mkv') ? ['-c:a', 'flac'] : AAC
    await ffmpeg(...quarters({ rate: '5' }), ...tones(2, 440), ...inputs, ...X264, ...sound, ...words)(folder, name)
  }
}

function variety(
  file: string,
  make: Recipe,
  captions: readonly ExpectedCaptions[],
  warnings: readonly RegExp[] = [],
): Variety {
  const picture = { widthPx: 320, heightPx: 180, times: evenly(10, 5) }
  return { file, make, expected: { picture, sounds: [{ channels: 1, to: 2 }], captions, warnings } }
}

const said = (language: string | null): ExpectedCaptions => ({ language, words: '00:00.900\nGr' })

export const TEXTS: readonly Variety[] = [
  variety('subrip.mkv', told({ 'a.srt': SUBRIP }, '-c:s', 'srt', '-metadata:s:s:0', 'language=fra'), [said('fr')]),
  variety('mov-text.mp4', told({ 'a.srt': SUBRIP }, '-c:s', 'mov_text', '-metadata:s:s:0', 'language=deu'), [
    said('de'),
  ]),
  variety('webvtt.mkv', told({ 'a.srt': SUBRIP }, '-c:s', 'webvtt'), [said(null)]),
  variety('styled.mkv', told({ 'a.ass': STYLED }, '-c:s', 'copy'), [{ language: null, words: 'Hello\nthere' }]),
  variety(
    'three-texts-two-languages.mkv',
    told(
      { 'a.srt': SUBRIP, 'b.srt': SUBRIP, 'c.srt': SUBRIP },
      ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map', '4', '-c:s', 'srt', '-disposition:s:1', 'forced'],
      ...['-metadata:s:s:0', 'language=eng', '-metadata:s:s:1', 'language=eng', '-metadata:s:s:2', 'language=ger'],
    ),
    [said('en'), { ...said('en'), isForced: true }, said('de')],
  ),
  variety('text-without-words.mkv', told({ 'a.srt': SILENT }, '-c:s', 'srt'), [], [/has no words/]),
  variety(
    'chapters.mov',
    told({ 'c.txt': CHAPTERS }, '-map', '0', '-map', '1', '-map_metadata', '2', '-map_chapters', '2'),
    [],
  ),
]
