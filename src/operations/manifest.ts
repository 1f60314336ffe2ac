import { createHash } from 'node:crypto';
import type { TarEntry } from './tar-scan.js';

/** Bytes of an entry's digest that are kept: enough to tell any two entries apart. */
const DIGEST_BYTES = 16;

/** An entry as one line of JSON: all that an archive carries, and what two copies are compared by. */
export function entryLine({ path, type, mode, uid, gid, size, mtime, linkPath, device, attributes, sha256 }: TarEntry): string {
  // Engines keep no time for the root of a volume.
  return JSON.stringify([path, type, mode, uid, gid, size, path === '' ? 0 : mtime, linkPath, device, attributes, sha256]);
}

/** What a volume holds, entry by entry in the order of the archive, in 16 bytes each. */
export class Manifest {
  private digests = Buffer.alloc(DIGEST_BYTES * 1024);
  entries = 0;
  files = 0;
  contentBytes = 0;

  /** Takes the next entry; returns whether it is the one that `expected` has in this place. */
  add(entry: TarEntry, expected?: Manifest): boolean {
    const at = this.entries * DIGEST_BYTES;
    if (at === this.digests.length) this.digests = Buffer.concat([this.digests, Buffer.alloc(this.digests.length)]);
    createHash('sha256').update(entryLine(entry)).digest().copy(this.digests, at, 0, DIGEST_BYTES);
    this.entries += 1;
    if (entry.type === 'FILE') this.files += 1;
    this.contentBytes += entry.size;
    return expected === undefined || this.digests.compare(expected.digests, at, at + DIGEST_BYTES, at, at + DIGEST_BYTES) === 0;
  }

  equals(other: Manifest): boolean {
    return this.entries === other.entries && this.bytes.equals(other.bytes);
  }

  /** One digest of the whole, in hex. */
  get sha256(): string {
    return createHash('sha256').update(this.bytes).digest('hex');
  }

  private get bytes(): Buffer {
    return this.digests.subarray(0, this.entries * DIGEST_BYTES);
  }
}
