/** Bytes that are read from a socket at once, at most. */
const BUFFER_BYTES = 256 * 1024;
/** Buffers that are kept while nobody needs them: 8 MB, about what four transfers have under way. */
const MOST_FREE = 32;

/**
 * Memory that archives are read into, and that is used again. Node takes new memory for all that it reads; with gigabytes
 * going by, the collector then marks the gateway's whole heap every few megabytes, which takes more time than the transfer.
 *
 * Whoever has a part of an archive may keep it as long as they like: only memory that is given back is used again.
 */
export class ArchiveMemory {
  private readonly ours = new WeakSet<ArrayBufferLike>();
  private readonly free = new Set<ArrayBufferLike>();

  /** A buffer that nobody else has. */
  take(): Buffer {
    for (const memory of this.free) {
      this.free.delete(memory);
      return Buffer.from(memory);
    }
    const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.ours.add(buffer.buffer);
    return buffer;
  }

  /** Takes memory back that nobody will look at any more; memory of other origin is left alone. */
  giveBack(memory: ArrayBufferLike): void {
    if (this.ours.has(memory) && this.free.size < MOST_FREE) this.free.add(memory);
  }
}

/** That of all archives of this process. */
export const archiveMemory = new ArchiveMemory();

/**
 * Gives memory back whose parts were used in the order in which they came: all but that of the last part, of which more may be
 * to come.
 */
export class PassedMemory {
  private passed: ArrayBufferLike[] = [];

  /** Hears of the next part. */
  pass(part: Buffer): void {
    if (this.passed.at(-1) !== part.buffer) this.passed.push(part.buffer);
  }

  /** To be called when nobody needs any more what has passed so far. */
  giveBack(): void {
    for (const memory of this.passed.slice(0, -1)) archiveMemory.giveBack(memory);
    this.passed = this.passed.slice(-1);
  }
}
