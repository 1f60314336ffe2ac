/** Bytes of a head after which it counts as no HTTP at all, such as TLS. */
const MAX_HEAD_BYTES = 64 * 1024;
const REQUEST_LINE = /^[A-Z]+ \S.* HTTP\/1\.[01]$/;
const HEAD_END = '\r\n\r\n';

/**
 * Picks the request lines out of the bytes of one HTTP/1.1 connection. Bodies are skipped by their stated length, so that
 * a file which holds something like a request is not taken for one.
 */
export class RequestLines {
  private pending = '';
  private skip = 0;
  private chunked = false;
  /** Set once the rest is no HTTP: after an upgrade, or from the start. */
  private opaque = false;

  constructor(private readonly found: (line: string) => void) {}

  /** Takes the next bytes of the connection. */
  push(bytes: Buffer): void {
    if (this.opaque) return;
    this.pending += bytes.toString('latin1');
    while (this.step());
  }

  /** True when something was taken from the pending text. */
  private step(): boolean {
    if (this.skip > 0) return this.skipBody();
    if (this.chunked) return this.readChunkSize();
    return this.readHead();
  }

  private skipBody(): boolean {
    const taken = Math.min(this.skip, this.pending.length);
    this.skip -= taken;
    this.pending = this.pending.slice(taken);
    return taken > 0;
  }

  private readChunkSize(): boolean {
    const end = this.pending.indexOf('\r\n');
    if (end < 0) return false;
    const size = Number.parseInt(this.pending, 16);
    this.pending = this.pending.slice(end + 2);
    // The line end after a chunk belongs to it; after the last chunk there is an empty line.
    this.skip = (Number.isNaN(size) ? 0 : size) + 2;
    this.chunked = size > 0;
    return true;
  }

  private readHead(): boolean {
    const end = this.pending.indexOf(HEAD_END);
    if (end < 0) {
      if (this.pending.length > MAX_HEAD_BYTES) this.giveUp();
      return false;
    }
    const head = this.pending.slice(0, end);
    this.pending = this.pending.slice(end + HEAD_END.length);
    const line = head.split('\r\n')[0] ?? '';
    if (!REQUEST_LINE.test(line)) {
      this.giveUp();
      return false;
    }
    this.found(line);
    if (/^upgrade:/im.test(head)) this.giveUp();
    this.skip = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    this.chunked = /^transfer-encoding:.*chunked/im.test(head);
    return true;
  }

  private giveUp(): void {
    this.opaque = true;
    this.pending = '';
  }
}
