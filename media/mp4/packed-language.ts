/** Languages as the header of a track writes them: three letters of ISO 639-2/T in fifteen bits (ISO/IEC 14496-12, 8.4.2). */

/** Each two-letter code (ISO 639-1) with the three-letter code of the same language. */
const CODES = [
  'aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bhbih bibis bmbam',
  'bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu dvdiv dzdzo',
  'eeewe elell eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg',
  'gngrn guguj gvglv hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii',
  'ikipk ioido isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau',
  'kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao ltlit lulub lvlav mgmlg mhmah mimri',
  'mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob ndnde nenep ngndo nlnld nnnno nonor nrnbl nvnav',
  'nynya ococi ojoji omorm orori ososs papan pipli plpol pspus ptpor quque rmroh rnrun roron rurus rwkin',
  'sasan scsrd sdsnd sesme sgsag sisin skslk slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe',
  'swswa tatam tetel tgtgk ththa titir tktuk tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb',
  'veven vivie vovol wawln wowol xhxho yiyid yoyor zazha zhzho zuzul',
].flatMap((line) => line.split(' '))
const THREE_LETTERS = new Map(CODES.map((pair) => [pair.slice(0, 2), pair.slice(2)]))
/** "Undetermined". */
const UNKNOWN = 'und'

/** `en-GB` gives `eng`. @param tag BCP 47 in canonical form, or null. */
export function threeLetters(tag: string | null): string {
  const [language = ''] = (tag ?? '').split('-')
  const code = THREE_LETTERS.get(language) ?? language
  return /^[a-z]{3}$/.test(code) ? code : UNKNOWN
}

/** Five bits a letter, each less 0x60. */
export function packedLanguage(tag: string | null): number {
  return Buffer.from(threeLetters(tag)).reduce((bits, letter) => bits * 32 + letter - 0x60, 0)
}
