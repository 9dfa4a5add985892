import { languageTag, namesByLanguage } from '../../worker/language-names'

describe('languages', () => {
  it('are tagged by their shortest code', () => {
    expect(['eng', 'ger', 'PT-br', null].map(languageTag)).toEqual(['en', 'de', 'pt-BR', null])
  })

  it.each(['en-a', 'eng-1'])('keep a tag that is none (%s), also as a name', (language) => {
    expect(languageTag(language)).toBe(language)
    expect(namesByLanguage([{ language }, { language }])).toEqual([language, `${language} 2`])
  })

  it('are named in English, numbered where one comes twice', () => {
    const tracks = [{ language: 'eng' }, { language: 'fra', purpose: 'SDH' }, { language: 'en' }, { language: null }]
    expect(namesByLanguage(tracks)).toEqual(['English', 'French (SDH)', 'English 2', 'Main'])
  })
})
