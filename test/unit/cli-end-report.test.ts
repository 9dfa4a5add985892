import type { AnyEvent } from '../../core/contract/event'
import { endReport, exitCodeOf, type ReportOptions } from '../../cli/view/end-report'
import { findPlayers } from '../../cli/view/players'
import { shellQuote } from '../../cli/view/shell-quote'
import { accepted, at, failed, planned, progress, published, viewOf } from '../support/cli-events'

const OPTIONS: ReportOptions = {
  nowMs: at(42),
  colour: false,
  unicode: true,
  platform: 'linux',
  players: ['ffplay', 'mpv'],
  demo: false,
  command: 'gantry run',
  outFolder: '/out',
}

function report(options: Partial<ReportOptions>, ...events: readonly AnyEvent[]): string {
  return `\n${endReport(viewOf(...events), { ...OPTIONS, ...options }).join('\n')}\n`
}

describe('endReport', () => {
  it('says where everything is, how to play it, what failed and what to do', () => {
    const events = [
      accepted('a', '/m/butterfly.mp4'),
      published('a', { master: "/out/it's here/master.m3u8", warnings: ['the sound is 40 ms shorter'] }),
      accepted('b', '/m/old.mov'),
      published('b', { second: -86_400 }),
      failed('x'),
    ]
    expect(report({}, ...events)).toBe(`
butterfly.mp4  published
  master  '/out/it'\\''s here/master.m3u8'
  play    ffplay '/out/it'\\''s here/master.m3u8'
  note    the sound is 40 ms shorter

old.mov  published already on 2025-12-31; nothing to do
  master  /out/b/master.m3u8
  play    ffplay /out/b/master.m3u8

x.mp4  failed: SOURCE_UNREADABLE
  reason  the file is damaged
  remedy  export the file again

1 published, 1 published before, 1 failed: 1:40 of media in 42.0 s, 2.4x
for a browser:  serve /out with any web server;
                Safari plays master.m3u8 itself, other browsers with hls.js
after mending:  run the same command again; only what failed is encoded
`)
  })

  it('says where the MPD is, and what plays it', () => {
    const events = [accepted('a', '/m/a.mp4'), published('a', { manifest: '/out/a b/manifest.mpd' })]
    const said = report({}, ...events)
    expect(said).toContain("\n  master  /out/a/master.m3u8\n  dash    '/out/a b/manifest.mpd'\n  play    ffplay")
    expect(said).toContain('\n                shaka-player and dash.js play manifest.mpd\n')
  })

  it('lists many a line each, and says once how to play', () => {
    const events = [...'abcd'].map((letter) => published(letter, { second: letter === 'b' ? -86_400 : 9 }))
    expect(report({}, ...events, failed('x'))).toBe(`
aaaaaaaaaa  /out/a/master.m3u8
bbbbbbbbbb  /out/b/master.m3u8  (published already on 2025-12-31)
cccccccccc  /out/c/master.m3u8
dddddddddd  /out/d/master.m3u8

x.mp4  failed: SOURCE_UNREADABLE
  reason  the file is damaged
  remedy  export the file again

3 published, 1 published before, 1 failed: 5:00 of media in 42.0 s, 7.1x
play one:  ffplay /out/NAME/master.m3u8
for a browser:  serve /out with any web server;
                Safari plays master.m3u8 itself, other browsers with hls.js
after mending:  run the same command again; only what failed is encoded
`)
  })

  it('names players to get where none is installed', () => {
    expect(report({ players: [] }, published('a'))).toContain('play it:  open master.m3u8 in VLC or mpv')
  })

  it('leads on from the demo', () => {
    expect(report({ demo: true, command: 'npm start --' }, published('a'))).toContain('your own:  npm start -- FILE')
  })

  it('says how an interrupted run goes on', () => {
    const text = report({}, accepted('a'), planned('a', 100), progress('a', '720p', 3))
    expect(text).toBe(`
0 published, 1 not finished
to go on:  run the same command again; finished pieces are kept
`)
  })

  it('counts no speed for what was encoded before', () => {
    expect(report({}, published('b', { second: -5 }))).toContain('\n0 published, 1 published before\n')
  })

  it('stays one line a fact and free of escapes, whatever a message holds', () => {
    expect(report({}, failed('x', 'two\nlines\u001b[31m'))).toContain('\n  reason  two?lines?[31m\n')
  })

  it('says where the output was found wrong, the first five of it', () => {
    const findings = [1, 2, 3, 4, 5, 6].map((line) => {
      return { rule: 'object-missing', where: `master.m3u8:${line}`, message: `r1/${line}\n is not there` }
    })
    const text = report({}, failed('x', 'it is not right', { findings }))
    expect(text).toContain(
      '\n  reason  it is not right\n  found   object-missing at master.m3u8:1: r1/1? is not there\n',
    )
    expect(text).toContain('master.m3u8:5: r1/5? is not there\n  found   and 1 more\n  remedy  ')
  })

  it('exits 0 only when all is published', () => {
    expect(exitCodeOf(viewOf(published('a'), published('b', { second: -5 })))).toBe(0)
    expect(exitCodeOf(viewOf(published('a'), failed('x')))).toBe(1)
    expect(exitCodeOf(viewOf(published('a'), accepted('b')))).toBe(1)
    expect(exitCodeOf(viewOf())).toBe(0)
  })
})

describe('shellQuote', () => {
  it.each([
    ['/plain/path-1.m3u8', '/plain/path-1.m3u8'],
    ['', "''"],
    ['with space', "'with space'"],
    ["it's", "'it'\\''s'"],
    ['$(rm -rf ~)`x`', "'$(rm -rf ~)`x`'"],
    ['~/x', "'~/x'"],
    ['übung', "'übung'"],
    ["new\nline's \\ end", "$'new\\x0aline\\'s \\\\ end'"],
    ['\u202egpj', "$'\\xe2\\x80\\xaegpj'"],
  ])('writes %j as %s', (word, quoted) => {
    expect(shellQuote(word, 'linux')).toBe(quoted)
  })

  it('uses double quotes on Windows', () => {
    expect(shellQuote('C:\\my films\\a.m3u8', 'win32')).toBe('"C:\\my films\\a.m3u8"')
    expect(shellQuote('C:\\films\\a.m3u8', 'win32')).toBe('C:\\films\\a.m3u8')
  })
})

describe('findPlayers', () => {
  const search = (env: Record<string, string>, there: string[], platform: NodeJS.Platform = 'linux') =>
    findPlayers({ env, platform, isExecutable: (path) => there.includes(path) })

  it('lists what is installed, ffplay first', () => {
    expect(search({ PATH: '/a:/b', DISPLAY: ':0' }, ['/a/vlc', '/b/ffplay'])).toEqual(['ffplay', 'vlc'])
    expect(search({ PATH: 'C:\\x;C:\\y' }, ['C:\\y\\mpv.exe'], 'win32')).toEqual(['mpv'])
  })

  it('lists none without a screen, and runs nothing from the working folder', () => {
    expect(search({ PATH: '/b' }, ['/b/ffplay'])).toEqual([])
    expect(search({ PATH: '', DISPLAY: ':0' }, ['ffplay', './ffplay'])).toEqual([])
  })
})
