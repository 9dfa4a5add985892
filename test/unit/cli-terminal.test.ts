import { EventEmitter } from 'node:events'
import { openTerminal, type TerminalSize } from '../../cli/view/terminal'
import { terminalTraits } from '../../cli/view/terminal-traits'
import { TinyScreen } from '../support/tiny-screen'

class FakeTty extends EventEmitter {
  columns = 20
  rows = 6
  accepts = true
  readonly writes: string[] = []
  screen = new TinyScreen(20, 6)

  write(text: string): boolean {
    this.writes.push(text)
    this.screen.write(text)
    return this.accepts
  }

  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    this.screen = this.screen.resized(columns, rows)
    this.emit('resize')
  }
}

let lines: string[]
let sizes: TerminalSize[]

function open(tty: FakeTty) {
  return openTerminal({
    stream: tty,
    nowMs: () => Date.now(),
    render: (size) => {
      sizes.push(size)
      return lines
    },
  })
}

beforeEach(() => {
  jest.useFakeTimers()
  lines = ['one', 'two']
  sizes = []
})
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

describe('openTerminal', () => {
  it('draws each frame in the place of the one before', () => {
    const tty = new FakeTty()
    tty.screen.write('$ gantry\n')
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    expect(tty.screen.text()).toBe('$ gantry\none\ntwo')
    lines = ['1', 'two', 'three']
    terminal.changed()
    jest.advanceTimersByTime(100)
    expect(tty.screen.text()).toBe('$ gantry\n1\ntwo\nthree')
    lines = ['end']
    terminal.changed()
    jest.advanceTimersByTime(100)
    expect(tty.screen.text()).toBe('$ gantry\nend')
    terminal.stop()
    expect(tty.screen.text()).toBe('$ gantry')
  })

  it('draws at most ten times a second however often something changes', () => {
    const tty = new FakeTty()
    const terminal = open(tty)
    for (let ms = 0; ms < 1000; ms++) {
      lines = [`frame ${ms}`]
      terminal.changed()
      terminal.log(`log ${ms}`)
      jest.advanceTimersByTime(1)
    }
    expect(tty.writes.length).toBeLessThanOrEqual(11)
    expect(tty.writes.length).toBeGreaterThanOrEqual(9)
    terminal.stop()
  })

  it('draws once a second when nothing changes, and writes nothing when the frame is the same', () => {
    const tty = new FakeTty()
    const terminal = open(tty)
    jest.advanceTimersByTime(5000)
    expect(sizes.length).toBe(6)
    expect(tty.writes).toHaveLength(1)
    terminal.stop()
  })

  it('writes log lines above the frame, also long ones, and keeps them at the end', () => {
    const tty = new FakeTty()
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    terminal.log('a log line of more than twenty columns')
    jest.advanceTimersByTime(100)
    expect(tty.screen.text()).toBe('a log line of more t\nhan twenty columns\none\ntwo')
    terminal.log('last words')
    terminal.stop()
    expect(tty.screen.text()).toBe('a log line of more t\nhan twenty columns\nlast words')
  })

  it('scrolls at the bottom of the screen without leaving parts of old frames', () => {
    const tty = new FakeTty()
    tty.screen.write('a\nb\nc\nd\ne\n')
    const terminal = open(tty)
    for (const next of [['1'], ['1', '2', '3'], ['1', '2', '3', '4', '5'], ['x']]) {
      lines = next
      terminal.changed()
      jest.advanceTimersByTime(100)
    }
    expect(tty.screen.text()).toBe('x')
    expect(tty.screen.history()).toEqual(['a', 'b', 'c', 'd', 'e'])
    terminal.stop()
    expect(tty.screen.text()).toBe('')
  })

  it('has the cursor shown and long lines broken again after each write', () => {
    const tty = new FakeTty()
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    terminal.log('x')
    jest.advanceTimersByTime(100)
    terminal.stop()
    for (const text of tty.writes) {
      expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'))
      expect(text.lastIndexOf('\u001b[?7h')).toBeGreaterThan(text.lastIndexOf('\u001b[?7l'))
    }
  })

  it('takes the broken lines of the old frame away when the terminal becomes narrower', () => {
    const tty = new FakeTty()
    lines = ['12345678901234567890', 'short']
    tty.screen.write('$\n')
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    lines = ['123456789', 'short']
    tty.resize(9, 6)
    jest.advanceTimersByTime(100)
    expect(tty.screen.text()).toBe('$\n123456789\nshort')
    expect(sizes.at(-1)).toEqual({ columns: 9, rows: 6 })
    terminal.stop()
  })

  it('takes the usual size where the terminal reports none', () => {
    const tty = new FakeTty()
    Object.assign(tty, { columns: 0, rows: undefined })
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    expect(sizes).toEqual([{ columns: 80, rows: 24 }])
    terminal.stop()
  })

  it('skips frames while the stream is full and goes on with the newest', () => {
    const tty = new FakeTty()
    tty.accepts = false
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    lines = ['skipped']
    terminal.changed()
    jest.advanceTimersByTime(500)
    expect(tty.writes).toHaveLength(1)
    lines = ['newest']
    tty.accepts = true
    tty.emit('drain')
    jest.advanceTimersByTime(100)
    expect(tty.screen.text()).toBe('newest')
    terminal.stop()
  })

  it('ends in silence when the terminal goes away', () => {
    const tty = new FakeTty()
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    tty.emit('error', new Error('EIO'))
    terminal.changed()
    terminal.log('x')
    terminal.stop()
    jest.advanceTimersByTime(5000)
    expect(tty.writes).toHaveLength(1)
  })

  it('lets go of the stream when it is stopped, once or twice', () => {
    const tty = new FakeTty()
    const terminal = open(tty)
    jest.advanceTimersByTime(0)
    terminal.stop()
    const { length } = tty.writes
    terminal.stop()
    terminal.changed()
    tty.emit('resize')
    expect(tty.writes).toHaveLength(length)
    expect(tty.listenerCount('resize') + tty.listenerCount('drain')).toBe(0)
  })
})

describe('terminalTraits', () => {
  const traits = (env: Record<string, string>, isTty = true, platform: NodeJS.Platform = 'linux') =>
    terminalTraits({ isTty, platform, env })

  it.each([
    [{ LANG: 'en_GB.UTF-8' }, true],
    [{ LANG: 'C' }, false],
    [{}, false],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'C.utf8' }, true],
    [{ LC_ALL: '', LANG: 'C.UTF-8' }, true],
  ])('reads the encoding from %p', (env, unicode) => {
    expect(traits(env).unicode).toBe(unicode)
  })

  it('has no colour for NO_COLOR, even when colour is forced; an empty NO_COLOR does not count', () => {
    expect(traits({ NO_COLOR: '1', FORCE_COLOR: '1' }).colour).toBe(false)
    expect(traits({ NO_COLOR: '' }).colour).toBe(true)
    expect(traits({ FORCE_COLOR: '1' }, false)).toMatchObject({ colour: true, interactive: false })
    expect(traits({ FORCE_COLOR: '0' }).colour).toBe(false)
  })

  it.each([
    [{ TERM: 'dumb' }, true],
    [{ CI: 'true' }, true],
    [{ TERM: 'xterm' }, false],
  ])('draws no frames with %p (terminal: %p)', (env, isTty) => {
    expect(traits(env, isTty)).toMatchObject({ interactive: false, colour: false })
  })
})
