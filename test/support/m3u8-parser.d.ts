/** The package has no types of its own; what it gives is described where it is read. */
declare module 'm3u8-parser' {
  export class Parser {
    readonly manifest: unknown
    push(text: string): void
    end(): void
  }
}
