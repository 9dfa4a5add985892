import { replyPace } from '../../core/adapters/reply-pace'
import { unreadIn } from '../../core/adapters/unread-bytes'

const KIB = 1024
const POLICY = { firstBlockBytes: 512 * KIB, mostBlockBytes: 8 * 1024 * KIB, leastAheadBytes: 256 * KIB }
const { signal } = new AbortController()

/** A reader that takes `bytesPerSecond`, on a clock that jumps to whatever is waited for; sending takes no time. */
function reader(bytesPerSecond: number, sendBytesPerSecond = Infinity) {
  let [nowMs, sentBytes, takenBytes, starvedMs, looks] = [0, 0, 0, 0, 0]
  const pass = (ms: number): void => {
    const wanted = (bytesPerSecond * ms) / 1_000
    const taken = Math.min(wanted, sentBytes - takenBytes)
    starvedMs += ((wanted - taken) / bytesPerSecond) * 1_000
    takenBytes += taken
    nowMs += ms
  }
  const clock = { nowMs: () => nowMs, wait: (ms: number) => Promise.resolve(pass(ms)) }
  const unread = (): Promise<number> => {
    looks += 1
    return Promise.resolve(sentBytes - takenBytes)
  }
  const pace = replyPace(unread, clock, POLICY)
  return {
    pace,
    told: () => ({ seconds: nowMs / 1_000, starvedMs, looks }),
    /** Sends blocks until `bytes` are sent, and says how many the reader was behind at most. */
    send: async (bytes: number): Promise<number> => {
      let most = 0
      while (sentBytes < bytes) {
        const block = pace.blockBytes()
        sentBytes += block
        pass((block * 1_000) / sendBytesPerSecond)
        most = Math.max(most, sentBytes - takenBytes)
        await pace.room(sentBytes, signal)
      }
      return most
    },
  }
}

describe('reply pace', () => {
  it.each([100, 330, 800])('is ahead of a reader of %i KiB a second by a second and a half at most', async (kib) => {
    const slow = reader(kib * KIB)
    expect(await slow.send(30_000 * KIB)).toBeLessThanOrEqual(Math.max((256 + 512) * KIB, 1.5 * kib * KIB))
  })

  it.each([100, 330, 800, 2_000])('lets no reader of %i KiB a second wait', async (kib) => {
    const steady = reader(kib * KIB)
    await steady.send(30_000 * KIB)
    expect(steady.told().seconds).toBeGreaterThan(10)
    expect(steady.told().starvedMs).toBe(0)
  })

  it('looks no more than about twice a second', async () => {
    const steady = reader(330 * KIB)
    await steady.send(30_000 * KIB)
    expect(steady.told().looks).toBeLessThan(2 * steady.told().seconds + 60)
  })

  it('gives a fast reader the largest blocks and looks four times a second', async () => {
    const fast = reader(50_000 * KIB, 40_000 * KIB)
    await fast.send(400_000 * KIB)
    expect(fast.pace.isFast()).toBe(true)
    expect(fast.pace.blockBytes()).toBe(POLICY.mostBlockBytes)
    expect(fast.told().looks).toBeLessThan(4 * fast.told().seconds + 30)
  })

  it('is not misled by a reader that fills its queues first', async () => {
    const pace = { blocks: [] as number[] }
    let [nowMs, sent, taken] = [0, 0, 0]
    const clock = { nowMs: () => nowMs, wait: (ms: number) => Promise.resolve(void (nowMs += ms)) }
    const burst = replyPace(() => Promise.resolve(sent - taken), clock, POLICY)
    for (let n = 0; n < 3; n += 1) {
      pace.blocks.push(burst.blockBytes())
      sent += pace.blocks[n] ?? 0
      taken = sent
      nowMs += 50
      await burst.room(sent, signal)
    }
    expect(pace.blocks).toEqual([512 * KIB, 512 * KIB, 512 * KIB])
  })

  it('holds nothing back where nobody knows what was read', async () => {
    const clock = { nowMs: () => 0, wait: () => Promise.reject(new Error('it waits')) }
    await replyPace(() => Promise.resolve(null), clock, POLICY).room(1e12, signal)
  })

  it('stops waiting when the reply is over', async () => {
    const clock = { nowMs: () => 0, wait: () => Promise.reject(new Error('the reader is gone')) }
    await expect(replyPace(() => Promise.resolve(1e9), clock, POLICY).room(1e9, signal)).rejects.toThrow('gone')
  })
})

describe('unreadIn', () => {
  const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
  const line = (from: string, to: string, queues: string): string =>
    `   1: 0100007F:${from} 0100007F:${to} 01 ${queues} 00:00000000 00000000     0        0 1077 1 0000000000000000 20 4 30 10 -1\n`

  it('adds what was not sent off to what was not taken', () => {
    const text = `${HEAD}${line('B4CD', 'E958', '0031459A:00000000')}${line('E958', 'B4CD', '00000000:000B2F96')}`
    expect(unreadIn(text, 0xb4cd, 0xe958)).toBe(0x31459a + 0xb2f96)
  })

  it('counts what is on its way where the reader has closed its end', () => {
    expect(unreadIn(HEAD + line('000A', 'E958', '00000010:00000000'), 10, 0xe958)).toBe(16)
  })

  it('knows nothing of a connection that is not listed, nor of a listening port', () => {
    expect(unreadIn(HEAD + line('B4CD', '0000', '00000000:00000000'), 0xb4cd, 0xe958)).toBeNull()
    expect(unreadIn('', 1, 2)).toBeNull()
  })
})
