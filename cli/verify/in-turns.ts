/** Small reads at once: enough for a store far away, few enough for any. */
const AT_ONCE = 8

/** Each item once, in order of beginning; the first failure ends it. */
export async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const one = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as Item, index)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, one))
}
