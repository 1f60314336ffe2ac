import { createHash, type Hash } from 'node:crypto';
import { Problem } from '../problems.js';

/**
 * Looks through a tar as it passes, without changing or keeping it: tells each entry with the sha256 of its bytes, and
 * refuses what would lead out of the volume. Names are taken byte for byte (as Latin-1), since a file's name need not be
 * UTF-8 (tar-stream would change such names). What is pushed has been looked through when `push` returns, so that a chunk
 * can be held back until its entries are known to be clean.
 */

const BLOCK = 512;
/** Bytes of the headers that extend another one (a long name, attributes). */
const MAX_EXTENSION_BYTES = 1024 * 1024;
/** Bytes of a name: eight times the longest that Linux takes in one call (PATH_MAX). */
const MAX_NAME_BYTES = 32_768;
/** Bytes of the names of all symbolic links of one tar, which are kept while it is read. */
const MAX_SYMLINK_BYTES = 256 * 1024 * 1024;

/** What an entry is: POSIX type flags under their names. */
export type EntryType = 'FILE' | 'HARD_LINK' | 'SYMLINK' | 'CHARACTER_DEVICE' | 'BLOCK_DEVICE' | 'DIRECTORY' | 'FIFO';

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'FILE',
  '\0': 'FILE',
  '1': 'HARD_LINK',
  '2': 'SYMLINK',
  '3': 'CHARACTER_DEVICE',
  '4': 'BLOCK_DEVICE',
  '5': 'DIRECTORY',
  '6': 'FIFO',
};

/** One entry; text in Latin-1, one character a byte. */
export interface TarEntry {
  /** Relative to the volume, without "./" and the slash of directories; empty for the volume's root. */
  readonly path: string;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since 1970; what is earlier counts as 0, since engines keep nothing earlier. */
  readonly mtime: number;
  readonly linkPath: string;
  /** Major and minor number of devices. */
  readonly device: string;
  /** Extended attributes as the tar has them, by name. */
  readonly attributes: readonly (readonly [string, string])[];
  /** Hex; empty for what has no bytes. */
  readonly sha256: string;
}

/** What a tar may hold at most. */
export interface TarLimits {
  /** Directory that every name must lie in, without slashes; it is not part of the paths that are told. Empty: any. */
  readonly root: string;
  readonly contentBytes: number;
  readonly entries: number;
}

/** A tar that is not clean. */
function badTar(message: string): Problem {
  return new Problem('CONFLICT', message);
}

/** Thrown for a tar that ends in its middle: an engine sends such a one when a file changes while it is read. */
export class UnfinishedTar extends Problem {
  constructor() {
    super('CONFLICT', 'The archive ends in its middle.');
  }
}

interface Header extends Omit<TarEntry, 'sha256'> {
  readonly flag: string;
}

/** Reads one tar. */
export class TarScanner {
  private rest: Buffer = Buffer.alloc(0);
  /** What the bytes to come are. */
  private state: 'HEADER' | 'BODY' | 'EXTENSION' | 'END' = 'HEADER';
  private remaining = 0;
  private padding = 0;
  private zeroBlocks = 0;
  private entry: Header | undefined;
  private hash: Hash | undefined;
  private extension: { flag: string; parts: Buffer[] } | undefined;
  private extended = new Map<string, string>();
  private attributes: [string, string][] = [];
  /** Kinds of the headers that extend the next entry, and their bytes. */
  private extensions = new Set<string>();
  private extensionBytes = 0;
  /** Symbolic links so far, and hard links to them, which lead on just as they do. */
  private readonly symlinks = new Set<string>();
  private symlinkBytes = 0;

  entries = 0;
  /** Bytes of files seen so far. */
  contentBytes = 0;

  constructor(
    private readonly limits: TarLimits,
    private readonly onEntry: (entry: TarEntry) => void,
  ) {}

  /** @throws {Problem} CONFLICT for what is no clean tar; LIMIT_EXCEEDED for one that holds too much. */
  push(chunk: Buffer): void {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = Buffer.alloc(0);
    let at = 0;
    while (at < data.length) {
      if (this.state === 'END') {
        // What follows the end is padding; anything else would be hidden from whoever reads as we do.
        if (data.subarray(at).some((byte) => byte !== 0)) throw badTar('The archive goes on after its end.');
        return;
      }
      if (this.remaining > 0) {
        const part = data.subarray(at, at + this.remaining);
        at += part.length;
        this.remaining -= part.length;
        if (this.state === 'BODY') {
          this.hash?.update(part);
          this.contentBytes += part.length;
        } else this.extension?.parts.push(part);
        if (this.remaining === 0) this.finish();
        continue;
      }
      if (this.padding > 0) {
        const skipped = Math.min(this.padding, data.length - at);
        at += skipped;
        this.padding -= skipped;
        continue;
      }
      if (data.length - at < BLOCK) {
        this.rest = Buffer.from(data.subarray(at));
        return;
      }
      this.header(data.subarray(at, at + BLOCK));
      at += BLOCK;
    }
  }

  /** To be called when the tar's bytes have ended. @throws {Problem} CONFLICT when the tar has not. */
  end(): void {
    if (this.state !== 'END') throw new UnfinishedTar();
  }

  private header(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      this.zeroBlocks += 1;
      if (this.zeroBlocks === 2) this.state = 'END';
      return;
    }
    if (this.zeroBlocks > 0) throw badTar('The archive has a hole.');
    checkSum(block);
    const flag = block.toString('latin1', 156, 157);
    const size = asCount(undefined, readNumber(block, 124, 12));
    if (flag === 'x' || flag === 'L' || flag === 'K') {
      this.extensionBytes += size;
      if (this.extensionBytes > MAX_EXTENSION_BYTES) throw badTar('The archive has a name or attributes of more than 1 MB.');
      // Readers differ in which of two counts; an engine must not read another name than was checked here.
      if (this.extensions.has(flag)) throw badTar('The archive has an entry with two names.');
      this.extensions.add(flag);
      this.extension = { flag, parts: [] };
      this.body('EXTENSION', size);
      return;
    }
    const type = TYPES[flag];
    if (type === undefined) throw badTar(`The archive has an entry of the unknown type ${JSON.stringify(flag)}.`);
    this.entries += 1;
    if (this.entries > this.limits.entries) throw new Problem('LIMIT_EXCEEDED', `The archive has more than ${String(this.limits.entries)} entries.`);
    const entry = this.describe(block, flag, type, size);
    this.checkPlace(entry);
    if (type === 'FILE' && this.contentBytes + entry.size > this.limits.contentBytes) {
      throw new Problem('LIMIT_EXCEEDED', `The archive holds more than the ${String(this.limits.contentBytes)} bytes that it may.`);
    }
    this.entry = entry;
    this.extended = new Map();
    this.attributes = [];
    this.extensions = new Set();
    this.extensionBytes = 0;
    this.hash = type === 'FILE' ? createHash('sha256') : undefined;
    this.body('BODY', type === 'FILE' ? entry.size : 0);
  }

  private describe(block: Buffer, flag: string, type: EntryType, size: number): Header {
    const extended = (key: string) => this.extended.get(key);
    const name = readText(block, 0, 100);
    const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? readText(block, 345, 155) : '';
    const link = extended('linkpath') ?? readText(block, 157, 100);
    const isDevice = type === 'CHARACTER_DEVICE' || type === 'BLOCK_DEVICE';
    const path = extended('path') ?? (prefix === '' ? name : `${prefix}/${name}`);
    // An engine makes a directory of it.
    if (type === 'FILE' && path.endsWith('/')) throw badTar('The archive has a file with the name of a directory.');
    return {
      flag,
      type,
      path: this.within(path),
      mode: readNumber(block, 100, 8) & 0o7777,
      uid: asCount(extended('uid'), readNumber(block, 108, 8)),
      gid: asCount(extended('gid'), readNumber(block, 116, 8)),
      size: type === 'FILE' ? asCount(extended('size'), size) : 0,
      mtime: asSeconds(extended('mtime'), readNumber(block, 136, 12)),
      linkPath: type === 'HARD_LINK' ? this.within(link) : type === 'SYMLINK' ? link : '',
      device: isDevice ? `${String(readNumber(block, 329, 8))}:${String(readNumber(block, 337, 8))}` : '',
      attributes: this.attributes.sort(([a], [b]) => (a < b ? -1 : 1)),
    };
  }

  /** Whatever is written must come to lie inside: no name leads out, and none through a link of the archive itself. */
  private checkPlace({ path, type, linkPath }: Header): void {
    const shown = JSON.stringify(path.slice(0, 200));
    if (path === '' && type !== 'DIRECTORY') throw badTar('The archive would replace the root of the volume.');
    if (this.leadsThroughLink(path)) throw badTar(`The archive has a file behind a symbolic link: ${shown}.`);
    if (this.symlinks.has(path)) throw badTar(`The archive has ${shown} twice.`);
    if (type === 'HARD_LINK') {
      if (linkPath === '' || this.leadsThroughLink(linkPath)) throw badTar(`The archive has a hard link that leads elsewhere: ${shown}.`);
    }
    if (type === 'SYMLINK' || (type === 'HARD_LINK' && this.symlinks.has(linkPath))) {
      this.symlinkBytes += path.length;
      if (this.symlinkBytes > MAX_SYMLINK_BYTES) throw new Problem('LIMIT_EXCEEDED', 'The archive has more symbolic links than can be followed.');
      this.symlinks.add(path);
    }
  }

  /** A name, relative to the root. */
  private within(name: string): string {
    if (name.length > MAX_NAME_BYTES) throw badTar(`The archive has a name of more than ${String(MAX_NAME_BYTES)} bytes.`);
    const path = cleanPath(name);
    const { root } = this.limits;
    if (root === '') return path;
    if (path === root) return '';
    if (!path.startsWith(`${root}/`)) throw badTar(`The archive has a name outside of the volume: ${JSON.stringify(path.slice(0, 200))}.`);
    return path.slice(root.length + 1);
  }

  private leadsThroughLink(path: string): boolean {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) if (this.symlinks.has(path.slice(0, at))) return true;
    return false;
  }

  private body(state: 'BODY' | 'EXTENSION', size: number): void {
    this.state = state;
    this.remaining = size;
    this.padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (size === 0) this.finish();
  }

  private finish(): void {
    this.state = 'HEADER';
    if (this.extension !== undefined) {
      const { flag, parts } = this.extension;
      this.extension = undefined;
      const bytes = Buffer.concat(parts);
      if (flag === 'x') this.readExtended(bytes);
      else this.extend(flag === 'L' ? 'path' : 'linkpath', readText(bytes, 0, bytes.length));
      return;
    }
    const { entry, hash } = this;
    if (entry === undefined) return;
    this.entry = undefined;
    this.hash = undefined;
    const { flag: _flag, ...told } = entry;
    this.onEntry({ ...told, sha256: hash?.digest('hex') ?? '' });
  }

  /** Records of the form "LENGTH key=value\n" (POSIX.1-2001, pax). */
  private readExtended(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    let at = 0;
    while (at < text.length) {
      const blank = text.indexOf(' ', at);
      const length = Number(text.slice(at, blank));
      const record = text.slice(blank + 1, at + length - 1);
      const equals = record.indexOf('=');
      if (blank < 0 || !Number.isInteger(length) || length <= 0 || at + length > text.length || equals < 1) throw badTar('The archive has broken attributes.');
      at += length;
      const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
      if (key.startsWith('GNU.sparse')) throw badTar('The archive has a sparse file in a form that is not understood.');
      if (key.startsWith('SCHILY.xattr.')) this.attributes.push([key.slice('SCHILY.xattr.'.length), value]);
      else this.extend(key, value);
    }
  }

  private extend(key: string, value: string): void {
    if (this.extended.has(key)) throw badTar('The archive has an entry with two names.');
    this.extended.set(key, value);
  }
}

/** @throws {Problem} CONFLICT for a path that is absolute or leads upward. */
function cleanPath(path: string): string {
  if (path.startsWith('/') || path.includes('\0')) throw badTar(`The archive has an absolute name: ${JSON.stringify(path.slice(0, 200))}.`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw badTar(`The archive has a name that leads out of the volume: ${JSON.stringify(path.slice(0, 200))}.`);
  return parts.join('/');
}

function readText(bytes: Buffer, from: number, length: number): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString('latin1', from, end < 0 || end > from + length ? from + length : end);
}

/** Octal digits, or, with the first bit set, the bytes of a large number. */
function readNumber(block: Buffer, from: number, length: number): number {
  const first = block[from] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = BigInt(first & 0x7f);
    for (let index = from + 1; index < from + length; index += 1) value = value * 256n + BigInt(block[index] ?? 0);
    // With all bits set it is negative.
    return first === 0xff ? -1 : Number(value);
  }
  const digits = readText(block, from, length).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw badTar('The archive has a broken header.');
  return Number.parseInt(digits, 8);
}

/** A number of things, from attributes where it stands there: readers differ in what they make of anything but digits. */
function asCount(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if ((text !== undefined && !/^\d{1,16}$/.test(text)) || !Number.isSafeInteger(value) || value < 0) throw badTar('The archive has a broken number.');
  return value;
}

function asSeconds(text: string | undefined, otherwise: number): number {
  if (text !== undefined && !/^-?\d{1,15}(\.\d*)?$/.test(text)) throw badTar('The archive has a broken time.');
  return Math.max(0, Math.trunc(text === undefined ? otherwise : Number(text)));
}

function checkSum(block: Buffer): void {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index += 1) if (index < 148 || index >= 156) sum += block[index] ?? 0;
  if (readNumber(block, 148, 8) !== sum) throw badTar('The archive has a damaged header.');
}
