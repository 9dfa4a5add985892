import type { CompareRound } from '../../bench/compare'
import { caseLines, headLines } from '../../bench/report'
import { treeFigures } from '../../bench/tree-figures'

const MB = 2 ** 20

function round(gantryCpu: number, bareCpu: number): CompareRound {
  const looks = [
    { id: '1', pid: 1, command: 'node', cpuSeconds: gantryCpu / 100, peakRssBytes: 90 * MB },
    { id: '2', pid: 2, command: 'node /x/worker/main.js', cpuSeconds: gantryCpu / 100, peakRssBytes: 80 * MB },
  ]
  return {
    gantry: {
      ...{ cpuSeconds: gantryCpu, wallSeconds: gantryCpu / 2, bytes: 1_000, encodeCpuSeconds: 0.9 * gantryCpu },
      ...{ tree: treeFigures(looks, 1), read: { video: 1, audio: 1.2 } },
      checkCpuSeconds: { gate: gantryCpu / 200, verify: gantryCpu / 20 },
    },
    oneProcess: { cpuSeconds: bareCpu, wallSeconds: bareCpu / 2, bytes: 1_000 },
    processPerRung: { cpuSeconds: 2 * bareCpu, wallSeconds: bareCpu, bytes: 1_000 },
  }
}

const found = (lines: readonly string[], name: string): string =>
  lines
    .find((line) => line.trim().startsWith(name))
    ?.replaceAll(/ +/g, ' ')
    .trim() ?? ''

describe('the report of compared ladders', () => {
  const master = { widthPx: 1_280, heightPx: 720, seconds: 60, bytes: 1 }
  const lines = caseLines({
    ...{ kind: 'compare', master, rungs: ['240p', '360p', '480p', '720p'] },
    rounds: [round(104, 100), round(210, 200), round(103, 100)],
  })

  it('tells medians of times and of ratios, with their ends', () => {
    expect(lines[0]).toBe('4 rungs of a 720p master of 60 s (240p 360p 480p 720p), 3 rounds')
    expect(found(lines, 'gantry run')).toBe('gantry run, all of it 104.00 CPU s 52.00 s wall')
    expect(found(lines, 'gantry / one ffmpeg, CPU')).toBe(
      'gantry / one ffmpeg, CPU 1.040 (1.030 to 1.050) target at most 1.05: met',
    )
    expect(found(lines, 'gantry / one a rung, wall')).toContain('0.520')
  })

  it('says which target is missed', () => {
    expect(found(lines, "Node's share of CPU")).toBe("Node's share of CPU 0.020 target at most 0.03: met")
    expect(found(lines, 'gate / encoders, CPU')).toMatch(
      /^gate \/ encoders, CPU 0[.]0056 .*target at most 0[.]02: met$/,
    )
    expect(found(lines, 'gantry verify / encoders')).toMatch(/encoders 0[.]0556/)
    expect(found(lines, 'bytes read / master, audio')).toBe(
      'bytes read / master, audio 1.200 target at most 1.1: MISSED',
    )
    expect(found(lines, 'peak RSS')).toBe('peak RSS: scheduler 90 MB, worker 80 MB, ffmpeg 0 MB')
  })

  it('holds five rungs to the target of five', () => {
    const five = caseLines({ kind: 'compare', master, rungs: ['1', '2', '3', '4', '5'], rounds: [round(160, 100)] })
    expect(found(five, 'gantry / one a rung, CPU')).toBe('gantry / one a rung, CPU 0.800 target at most 0.72: MISSED')
  })
})

it('tells how much faster two workers are', () => {
  const of = (wallSeconds: number) => ({ wallSeconds, cpuSeconds: 30 })
  const rounds = [
    { one: of(34), two: of(20) },
    { one: of(30), two: of(20) },
  ]
  const lines = caseLines({ kind: 'scaling', seconds: 60, pieces: 12, rounds })
  expect(found(lines, 'speed of two')).toBe('speed of two / of one 1.600 (1.500 to 1.700) target at least 1.6: met')
})

it('tells of each rung what cutting changed', () => {
  const rungs = [{ id: '720p', whole: { bytes: 1_000, ssim: 0.98 }, pieces: { bytes: 985, ssim: 0.9799 } }]
  const lines = caseLines({ kind: 'quality', seconds: 120, pieces: 4, rungs })
  expect(found(lines, '720p: bytes')).toBe('720p: bytes / whole 0.985 target 1 ± 0.01: MISSED')
  expect(found(lines, '720p: SSIM')).toBe('720p: SSIM - 0.9800 -0.0001 target 0 ± 0.002: met')
})

it('holds memory to the same bound for any length, and the disk to nothing', () => {
  const peakRssBytes = { scheduler: 150 * MB, worker: 210 * MB, ffmpeg: 90 * MB, ffprobe: 0, redis: 0, other: 0 }
  const [times, scratch] = [
    { wallSeconds: 1, cpuSeconds: 2 },
    { pictures: 2_048, media: 1 },
  ]
  const lines = caseLines({
    kind: 'memory',
    masters: [{ ...times, seconds: 10_800, segments: 5_400, mp4Bytes: MB, peakRssBytes, scratch }],
  })
  expect(found(lines, 'peak RSS of scheduler')).toContain('150 target at most 200: met')
  expect(found(lines, 'peak RSS of worker')).toContain('210 target at most 200: MISSED')
  expect(found(lines, 'scratch of picture and sound')).toContain('1 target at most 0: MISSED')
  expect(found(lines, 'scratch of thumbnails')).toBe('scratch of thumbnails, kB 2')
})

it('begins with what it ran on', () => {
  const machine = { cpu: 'EPYC', cores: 2, memoryBytes: 24 * 2 ** 30, load: 3.21 }
  const versions = { node: '20.20.2', ffmpeg: '5.1.9' }
  const lines = headLines({ v: 1, at: '2026-01-01T00:00:00.000Z', machine, versions, cases: {} })
  expect(lines.join('\n')).toMatch(/ffmpeg 5[.]1[.]9, Node 20[.]20[.]2\n2 cores of EPYC, 24 GiB; load before 3[.]2/)
})
