/** Waiting with an end to it. */

/** What the promise gives, or a rejection after `limitMs`; the promise itself goes on unheard. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    const waitMs = Math.max(0, Math.round(limitMs))
    timer = setTimeout(() => reject(new Error(`no answer within ${waitMs} ms`)), waitMs)
  })
  try {
    return await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when the promise is settled, or after `limitMs`. */
export async function settledWithin(promise: Promise<unknown>, limitMs: number): Promise<void> {
  await within(promise, limitMs).catch(() => undefined)
}
