import { parsePeakRss, parseTimes } from '../../bench/procfs'
import { parseSsim } from '../../bench/quality'
import { median, ratioByRound, spreadOf, sum } from '../../bench/statistics'
import { judge, TARGETS } from '../../bench/targets'
import { later, treeFigures, type ProcessLook } from '../../bench/tree-figures'

describe('statistics', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
    [[], NaN],
  ])('the median of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle)
  })

  it('leaves the values as they were given', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('compares within each round, so that a slow round does not count for one side only', () => {
    const { median: ratio, least, most } = ratioByRound([11, 22, 33], [10, 20, 33])
    expect([least, ratio, most]).toEqual([1, 1.1, 1.1])
    expect(ratioByRound([1, 1], [1])).toMatchObject({ median: NaN })
  })

  it('tells nothing of no rounds', () => {
    expect(spreadOf([])).toEqual({ median: NaN, least: NaN, most: NaN })
    expect(sum([])).toBe(0)
  })
})

describe('texts of procfs', () => {
  it('are read behind a name that looks like fields', () => {
    const stat = '42 (a) 1 2) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 1000 200 30 10 11 0 98765 1 2'
    expect(parseTimes(stat)).toEqual({ ownSeconds: 2, endedChildrenSeconds: 12, startTicks: 98_765 })
  })

  it('tell of no memory where a process has none any more', () => {
    expect(parsePeakRss('Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t  120 kB\nVmRSS:\t  100 kB\n')).toBe(122_880)
    expect(parsePeakRss('Name:\tnode\nState:\tZ (zombie)\n')).toBe(0)
  })
})

describe('figures of a tree of processes', () => {
  const look = (pid: number, command: string, cpuSeconds: number, peakRssBytes: number): ProcessLook => {
    return { id: `${pid}@1`, pid, command, cpuSeconds, peakRssBytes }
  }

  it('are summed by kind, and the largest of a kind is told', () => {
    const looks = [
      look(1, '/usr/bin/node bin/gantry.js run x', 1, 10),
      look(2, '/usr/bin/node /a/dist/worker/main.js', 2, 20),
      look(3, '/usr/bin/node --initial-old-space-size=64 /a/dist/worker/main.js', 4, 15),
      look(4, '/opt/ffmpeg-linux-x86_64-v9 -i worker/main.js.mp4', 8, 30),
      look(5, 'ffprobe x', 16, 5),
      look(6, 'redis-server *:0', 32, 6),
      look(7, 'setpriv --pdeathsig KILL -- ffmpeg', 64, 7),
    ]
    expect(treeFigures(looks, 1)).toEqual({
      cpuSeconds: { scheduler: 1, worker: 6, ffmpeg: 8, ffprobe: 16, redis: 32, other: 64 },
      peakRssBytes: { scheduler: 10, worker: 20, ffmpeg: 30, ffprobe: 5, redis: 6, other: 7 },
      processes: 7,
    })
  })

  it('keep what a process was when it is ending', () => {
    const before = look(4, 'ffmpeg -i x', 3, 30)
    expect(later(before, look(4, '', 4, 0))).toEqual(look(4, 'ffmpeg -i x', 4, 30))
    expect(later(look(4, 'nice ffmpeg', 0, 1), before)).toEqual(before)
  })
})

describe('targets', () => {
  it('are met at their border and not beyond it', () => {
    expect([1.05, 1.051].map((value) => judge(value, TARGETS.bare))).toEqual([true, false])
    expect([1.6, 1.59].map((value) => judge(value, TARGETS.scaling))).toEqual([true, false])
    expect([-0.002, 0.0021].map((value) => judge(value, TARGETS.pieceSsim))).toEqual([true, false])
  })

  it('are met by no figure that is none', () => {
    expect(Object.values(TARGETS).filter((target) => judge(NaN, target))).toEqual([])
  })
})

it('reads the likeness of all planes from the words of ffmpeg', () => {
  const line = '[Parsed_ssim_4 @ 0x55] SSIM Y:0.957112 (13.6) U:0.98 (17.9) V:0.99 (21) All:0.967923 (14.9)'
  expect(parseSsim(`Stream mapping:\n${line}\n`)).toBe(0.967923)
  expect(parseSsim('Conversion failed!')).toBeNull()
})
