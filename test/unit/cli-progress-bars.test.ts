import { renderBars, type BarOptions } from '../../cli/view/progress-bars'
import { unpainted } from '../../cli/view/style'
import { textWidth } from '../../cli/view/text-width'
import { accepted, at, failed, planned, progress, published, renditionDone, viewOf } from '../support/cli-events'

const LOOK: BarOptions = { columns: 80, rows: 30, colour: false, unicode: true, nowMs: at(20) }

/** One running asset, one of unknown length, and one in each other stage. */
const MIXED = viewOf(
  accepted('a', '/m/butterfly-720p30-aac.mp4'),
  planned('a', 100, ['360p', '720p', 'audio']),
  progress('a', '360p', 62.4, { speed: 3.2 }),
  progress('a', '720p', 61.2, { speed: 3.2 }),
  progress('a', 'audio', 100, { part: 'audio' }),
  renditionDone('a', 'audio', 'audio'),
  accepted('b', '/m/日本語の長い名前のビデオ🎬ファイル名.mov'),
  accepted('c', '/m/tree-cinepak-15fps-30s-no-audio-and-a-very-long-name.avi'),
  planned('c', null, ['360p']),
  progress('c', '360p', 34, { durationSeconds: null, speed: 12.25 }),
  failed('d'),
  accepted('e'),
  published('e'),
  planned('f', 12),
  accepted('g'),
  planned('g', 3, ['720p']),
  renditionDone('g', '720p'),
)

const MANY = viewOf(
  accepted('p'),
  published('p'),
  ...[...'bcdefghijk'].map((letter) => accepted(letter)),
  accepted('a'),
  planned('a', 100, ['360p', '720p']),
  progress('a', '360p', 50),
  progress('a', '720p', 50),
  failed('x'),
)

function drawn(look: Partial<BarOptions> = {}, view = MIXED): string {
  return `\n${renderBars(view, { ...LOOK, ...look }).join('\n')}\n`
}

describe('renderBars', () => {
  it('looks like this on 80 columns', () => {
    expect(drawn()).toBe(`
butterfly-720p30-aac.mp4      ━━━━━━━━━━━━━╸────────   62%    3.2x  0:12 left
  360p                        ━━━━━━━━━━━━━╸────────   62%    3.2x  0:11 left
  720p                        ━━━━━━━━━━━━━─────────   61%    3.2x  0:12 left
  audio                       ━━━━━━━━━━━━━━━━━━━━━━  100%          done
日本語の長い…ファイル名.mov   waiting
tree-cinepak-…-long-name.avi  ───━━━━━━─────────────         12.3x  0:34 done
  360p                        ───━━━━━━─────────────         12.3x  0:34 done
d.mp4                         failed: SOURCE_UNREADABLE
e.mp4                         ━━━━━━━━━━━━━━━━━━━━━━  100%          published
ffffffffff                    queued
g.mp4                         ━━━━━━━━━━━━━━━━━━━━━━  100%          finishing
1 of 7 published, 1 failed, 0:20 elapsed
`)
  })

  it('looks like this on 120 columns without UTF-8', () => {
    expect(drawn({ columns: 120, unicode: false })).toBe(`
butterfly-720p30-aac.mp4                     =========================>--------------   62%    3.2x  0:12 left
  360p                                       ========================>---------------   62%    3.2x  0:11 left
  720p                                       ========================>---------------   61%    3.2x  0:12 left
  audio                                      ========================================  100%          done
??????????????????.mov                       waiting
tree-cinepak-15fps-3...a-very-long-name.avi  ------------------------------======----         12.3x  0:34 done
  360p                                       ------------------------------======----         12.3x  0:34 done
d.mp4                                        failed: SOURCE_UNREADABLE
e.mp4                                        ========================================  100%          published
ffffffffff                                   queued
g.mp4                                        ========================================  100%          finishing
1 of 7 published, 1 failed, 0:20 elapsed
`)
  })

  it('gives up the speed, then the time left, then the bar where it is narrow', () => {
    const view = viewOf(accepted('a', '/m/holiday-film.mp4'), planned('a', 100, ['720p']), progress('a', '720p', 25))
    const line = (columns: number): string | undefined => renderBars(view, { ...LOOK, columns })[0]
    expect(line(60)).toBe('holiday-film.mp4  ━━━╸──────────   25%    2.0x  0:37 left')
    expect(line(50)).toBe('holiday-film.mp4  ━━━─────────   25%  0:37 left')
    expect(line(36)).toBe('holiday-film.mp4  ━━━─────────   25%')
    expect(line(24)).toBe('holiday-film.mp4  25%')
    expect(line(14)).toBe('holi….mp4  25%')
  })

  it.each([1, 2, 3, 5, 8, 13, 21, 34, 55, 80, 89, 144, 500])('is never wider than %i columns', (columns) => {
    for (const unicode of [true, false]) {
      for (const line of renderBars(MIXED, { ...LOOK, columns, unicode, colour: true })) {
        expect(textWidth(unpainted(line))).toBeLessThanOrEqual(columns)
      }
    }
  })

  it.each([1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 15, 16, 24, 200])(
    'leaves the line of the cursor free in %i rows',
    (rows) => {
      for (const view of [MIXED, MANY]) {
        const lines = renderBars(view, { ...LOOK, rows })
        expect(lines.length).toBeGreaterThan(0)
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
      }
    },
  )

  it('shows running assets first when not all fit, and counts the rest', () => {
    expect(drawn({ rows: 9 }, MANY)).toBe(`
a.mp4   ━━━━━━━━━━━━━━━━━━━━────────────────────   50%    2.0x  0:25 left
  360p  ━━━━━━━━━━━━━━━━━━━━────────────────────   50%    2.0x  0:25 left
  720p  ━━━━━━━━━━━━━━━━━━━━────────────────────   50%    2.0x  0:25 left
x.mp4   failed: SOURCE_UNREADABLE
b.mp4   waiting
c.mp4   waiting
… and 8 more waiting, 1 published
1 of 13 published, 1 failed, 0:20 elapsed
`)
    expect(drawn({ rows: 4 }, MANY)).toBe(`
a.mp4  ━━━━━━━━━━━━━━━━━━━━────────────────────   50%    2.0x  0:25 left
x.mp4  failed: SOURCE_UNREADABLE
… and 10 more waiting, 1 published
`)
  })

  it('says that nothing is heard, in place of a forecast that no longer holds', () => {
    const view = viewOf(accepted('a'), planned('a', 100, ['720p']), progress('a', '720p', 50))
    const [asset, rung] = renderBars(view, { ...LOOK, nowMs: at(47) })
    expect(asset).toMatch(/50% {10}silent 0:45$/)
    expect(rung).toMatch(/50%$/)
  })

  it('makes no escape sequence without colour, and closes each with it', () => {
    expect(drawn({ colour: false })).not.toContain('\u001b')
    const lines = renderBars(MIXED, { ...LOOK, colour: true })
    expect(lines.join('')).toContain('\u001b[31mfailed: SOURCE_UNREADABLE'.replace('failed', '  failed'))
    for (const line of lines) expect(line.split('\u001b[0m').length * 2 - 1).toBe(line.split('\u001b[').length)
    expect(lines.map(unpainted)).toEqual(renderBars(MIXED, LOOK))
  })

  it('draws only ASCII where the encoding is not UTF-8', () => {
    expect(drawn({ unicode: false })).toMatch(/^[\n -~]*$/)
  })

  it('draws nothing of a file name that a terminal would act on', () => {
    const view = viewOf(accepted('a', '/m/\u001b]0;title\u0007\u009b2J\r\n\u202egpj.mp4'), failed('b', 'x'))
    expect(drawn({}, view)).toMatch(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]*$/)
  })

  it('moves an open bar with the clock alone', () => {
    const early = drawn({ nowMs: at(20) })
    expect(drawn({ nowMs: at(20.2) })).not.toBe(early)
  })

  it('is empty before the first asset', () => {
    expect(renderBars(viewOf(), LOOK)).toEqual([])
  })
})
