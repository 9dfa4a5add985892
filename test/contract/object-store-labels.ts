/** What every store says of the labels of objects; which of them it can have differs. */
import type { StoreUnderTest } from '../support/store-actions'
import { storeActions } from '../support/store-actions'

export function describeLabels(underTest: () => StoreUnderTest): void {
  const { at, put } = storeActions(underTest)

  describe.each(['tags', 'metadata'] as const)('the %s of an object', (kind) => {
    it('are null where there is no object', async () => {
      expect(await underTest().store.labels(at('nothing'), kind)).toBeNull()
    })

    it('are what somebody attached, names and values as they were', async () => {
      const { store, label } = underTest()
      await put('a/b', 'x')
      if (label === null) {
        expect(await store.labels(at('a/b'), kind)).toEqual({})
        return
      }
      const labels = kind === 'tags' ? { team: 'video', 'a b': 'c/d = e', empty: '' } : { owner: 'me', 'a-b': 'c d' }
      await label('a/b', kind, labels)
      expect(await store.labels(at('a/b'), kind)).toEqual(labels)
    })
  })

  it('tells of an object without tags that it has none', async () => {
    await put('a', 'x')
    expect(await underTest().store.labels(at('a'), 'tags')).toEqual({})
  })
}
