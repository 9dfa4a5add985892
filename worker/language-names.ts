/** Pure: what players are told of languages, for their menus of sounds and texts. */

/**
 * The tag as playlists want it: the shortest code of a language (`en` for `eng`, `de` for `ger` and `deu`).
 * Source: RFC 5646, 2.2.1, which RFC 8216, 4.3.4.1 asks for.
 */
export function languageTag(language: string | null): string | null {
  if (language === null) return null
  try {
    return Intl.getCanonicalLocales(language)[0] ?? language
  } catch {
    return language
  }
}

/**
 * Names by language, in English, since nothing says what the viewer speaks; numbered where one comes twice.
 *
 * @param unknown Name of a track that does not say its language.
 */
export function namesByLanguage(
  tracks: readonly { language: string | null; purpose?: string | null }[],
  unknown = 'Main',
): string[] {
  const english = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' })
  const seen = new Map<string, number>()
  return tracks.map(({ language, purpose = null }) => {
    const spoken = language === null ? unknown : englishName(english, language)
    const name = purpose === null ? spoken : `${spoken} (${purpose})`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name} ${count}`
  })
}

/** A tag may have the form of one and be none: `en-a` lacks what its `a` announces. */
function englishName(english: Intl.DisplayNames, language: string): string {
  try {
    return english.of(language) ?? language
  } catch {
    return language
  }
}
