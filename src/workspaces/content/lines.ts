const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines; a line may be tens of MB and is joined once, when it is complete. */
export class Lines {
  private parts: Buffer[] = [];

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const parts = [...this.parts, chunk.subarray(start, end)];
      this.parts = [];
      this.onLine(Buffer.concat(parts).toString('utf8'));
      start = end + 1;
    }
    if (start < chunk.length) this.parts.push(chunk.subarray(start));
  }
}
