/**
 * The part of a terminal that frames are drawn with: lines that break at the edge, scrolling, moving up, clearing, and
 * re-breaking of lines when the width changes. Colours and modes other than breaking are taken and ignored.
 */
export class TinyScreen {
  readonly #columns: number
  readonly #rows: number
  /** All rows ever, each with whether it goes on in the next; the last `rows` of them are seen. */
  #cells: { text: string; goesOn: boolean }[] = [{ text: '', goesOn: false }]
  #row = 0
  #column = 0
  #breaks = true

  constructor(columns: number, rows: number) {
    this.#columns = columns
    this.#rows = rows
  }

  write(text: string): void {
    for (const [part, escape] of text.matchAll(/\u001b\[([?\d]*[a-zA-Z])|[^\u001b]/gu)) {
      if (escape !== undefined) this.#obey(escape)
      else this.#put(part)
    }
  }

  /** What is on the screen, without blank ends of lines and blank lines at the end. */
  text(): string {
    return this.#cells
      .slice(this.#top())
      .map((row) => row.text.trimEnd())
      .join('\n')
      .trimEnd()
  }

  /** What has scrolled out at the top. */
  history(): string[] {
    return this.#cells.slice(0, this.#top()).map((row) => row.text.trimEnd())
  }

  /** The same content on a screen of another size, with long lines broken anew. */
  resized(columns: number, rows: number): TinyScreen {
    const screen = new TinyScreen(columns, rows)
    screen.write(
      this.#cells
        .map((row) => row.text + (row.goesOn ? '' : '\n'))
        .join('')
        .replace(/\n+$/, '\n'),
    )
    return screen
  }

  #top(): number {
    return Math.max(0, this.#cells.length - this.#rows)
  }

  #put(character: string): void {
    if (character === '\n') {
      this.#nextRow(false)
      return
    }
    if (character === '\r') {
      this.#column = 0
      return
    }
    if (this.#column === this.#columns) {
      if (this.#breaks) this.#nextRow(true)
      else this.#column--
    }
    const row = this.#cells[this.#row]
    if (!row) throw new Error('the cursor left the screen')
    row.text = row.text.slice(0, this.#column).padEnd(this.#column) + character + row.text.slice(this.#column + 1)
    this.#column++
  }

  #nextRow(goesOn: boolean): void {
    const row = this.#cells[this.#row]
    if (row) row.goesOn = goesOn
    this.#row++
    this.#column = 0
    if (this.#row === this.#cells.length) this.#cells.push({ text: '', goesOn: false })
  }

  #obey(escape: string): void {
    const row = this.#cells[this.#row]
    if (escape === '?7l') this.#breaks = false
    else if (escape === '?7h') this.#breaks = true
    else if (escape.endsWith('A')) this.#row = Math.max(this.#top(), this.#row - Number(escape.slice(0, -1)))
    else if (row && escape === '2K') row.text = ''
    else if (row && escape === '0K') row.text = row.text.slice(0, this.#column)
    else if (escape === '0J') this.#clearBelow()
    else if (!escape.startsWith('?25') && !escape.endsWith('m')) throw new Error(`unknown escape ${escape}`)
  }

  #clearBelow(): void {
    if (this.#row === this.#top() && this.#column === 0) {
      throw new Error('clears the whole screen: tmux would copy it into its history')
    }
    for (const below of this.#cells.slice(this.#row)) below.text = ''
  }
}
