import { parseArguments } from '../../cli/options'
import { readAssetRecord } from '../../cli/verify/asset-record'
import { decodedOf } from '../../cli/verify/decoded'
import { exitCodeOf, verifyReport } from '../../cli/verify/report'
import { readSegmentTables } from '../../cli/verify/segment-tables'
import type { Finding } from '../../media/gate/findings'
import { RULES, type RuleId } from '../../media/gate/rules'

const parse = (...words: string[]) =>
  parseArguments(['verify', ...words], { cwd: '/home/ada', version: '1', columns: 100 })

describe('gantry verify, as it is typed', () => {
  it.each([
    ['film', { kind: 'path', path: '/home/ada/film' }],
    ['/srv/film/master.m3u8', { kind: 'path', path: '/srv/film/master.m3u8' }],
    ['s3://media/films//one/', { kind: 's3', bucket: 'media', key: 'films/one' }],
    ['https://cdn.example.com/one/master.m3u8', { kind: 'web', url: 'https://cdn.example.com/one/master.m3u8' }],
  ])('takes %s', (word, asset) => {
    const options = { asset, json: false, deep: false, allowPrivate: false }
    expect(parse(word)).toEqual({ kind: 'verify', options })
  })

  it.each([
    ['', 'the name of the asset is empty'],
    ['http://cdn.example.com/master.m3u8', '--allow-private'],
    ['https://cdn.example.com/film/', 'ending in .m3u8'],
    ['https://cdn.example.com/master.m3u8?token=1', 'no query'],
    ['s3:///films', 's3://bucket/prefix'],
    ['ftp://example.com/master.m3u8', 'a path, s3:// or https://'],
  ])("refuses '%s'", (word, message) => {
    expect(parse(word)).toEqual({ kind: 'usage', message: expect.stringContaining(message) })
  })

  it('takes http:// where private addresses are allowed', () => {
    expect(parse('http://10.0.0.1/master.m3u8', '--allow-private', '--deep', '--json')).toMatchObject({
      options: { asset: { kind: 'web' }, json: true, deep: true, allowPrivate: true },
    })
  })
})

const finding = (rule: RuleId): Finding => ({
  ...{ rule, severity: RULES[rule].severity, source: RULES[rule].source },
  ...{ where: 'a.m3u8:2', message: 'it is\u001b[31m odd' },
})

describe('the report of gantry verify', () => {
  it.each([
    [[], 0],
    [['tag-unknown'], 0],
    [['target-uneven', 'tag-unknown'], 3],
    [['target-uneven', 'end-missing'], 1],
  ] as [RuleId[], number][])('ends for %j with code %d', (rules, code) => {
    expect(exitCodeOf(rules.map(finding))).toBe(code)
  })

  it('groups findings by rule, counts them, and prints no control character of others', () => {
    const lines = verifyReport('film', [finding('end-missing'), finding('end-missing'), finding('tag-unknown')], false)
    expect(lines).toHaveLength(8)
    expect(lines[0]).toContain('error end-missing: ')
    expect(lines.join('')).not.toContain('\u001b')
    expect(lines.at(-1)).toBe('film: 2 errors, 1 note')
    expect(verifyReport('film', [], false)).toEqual(['film: ok, nothing found'])
  })
})

describe('what lies with an asset', () => {
  it.each(['', 'null', '[]', '{"v":2}', '{"v":1}', '{"v":1,"assetId":5}'])('is no record of ours: %s', (text) => {
    expect(readAssetRecord(text)).toBeNull()
  })

  it('is read as far as it can be, and names nothing outside of the asset', () => {
    const video = [{ playlist: 'r1/v.m3u8', segments: 2, bytes: -1 }, { playlist: '../x.m3u8' }, 5]
    const mp4 = [
      { key: 'r1/a.mp4', bytes: 3, sha256: 'f' },
      { key: '/etc/passwd', bytes: 3 },
    ]
    const record = readAssetRecord(JSON.stringify({ v: 1, assetId: 'a', video, mp4, thumbnails: { poster: '//h/p' } }))
    expect(record?.renditions).toEqual([{ playlist: 'r1/v.m3u8', kind: 'video', segments: 2 }])
    expect([...(record?.recorded ?? [])]).toEqual([['r1/a.mp4', { bytes: 3, sha256: 'f' }]])
    expect(record?.named).toEqual([])
  })

  it('has tables that are read past the media, however large that says it is', async () => {
    const box = (type: string, size: number, there = size) => {
      const bytes = Buffer.alloc(there)
      bytes.writeUInt32BE(size, 0)
      bytes.write(type, 4, 'latin1')
      return bytes
    }
    const read = (bytes: Buffer) => (offset: number, length: number) =>
      Promise.resolve(bytes.subarray(offset, offset + length))
    const right = Buffer.concat([box('moof', 24), box('mdat', 200_000), box('moof', 32)])
    const { tables, mediaBytes } = await readSegmentTables(read(right), right.length)
    expect([tables.length, mediaBytes]).toEqual([56, 199_992])
    for (const wrong of [box('mdat', 100, 50), box('moof', 3, 20), Buffer.alloc(5), box('moof', 0xffffffff, 64)]) {
      await expect(readSegmentTables(read(wrong), wrong.length)).rejects.toMatchObject({
        code: 'FFMPEG_OUTPUT_INVALID',
      })
    }
  })

  it('is measured by packets and frames of each track', () => {
    const output = [
      'packet|codec_type=video|stream_index=0|pts_time=1.4|dts_time=1.4|duration_time=0.1|flags=K__',
      'frame|media_type=video|stream_index=0|key_frame=1',
      'packet|codec_type=data|stream_index=2|pts_time=0|flags=K__',
      'packet|codec_type=audio|stream_index=1|pts_time=N/A|duration_time=N/A|flags=K__',
      'stream|index=0|codec_name=h264|codec_type=video|width=64|height=36',
      'stream|index=1|codec_name=aac|codec_type=audio|channels=2',
    ].join('\n')
    expect(decodedOf(output)).toMatchObject([
      { kind: 'video', codecName: 'h264', widthPx: 64, packets: 1, frames: 1, startSeconds: 1.4, startsWithKey: true },
      { kind: 'audio', codecName: 'aac', channels: 2, packets: 1, frames: 0 },
    ])
  })
})
