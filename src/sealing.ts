import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { badInput, Problem } from './problems.js';

/** AES-256-GCM (NIST SP 800-38D): 96-bit nonce, 128-bit tag. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of a sealed value, for the day the format changes. */
const FORMAT = 1;

/** Characters of a key's id: its hash, by which it is recognised and not found. */
const ID_CHARACTERS = 16;
/** A key of which nobody has written that it came after another. */
const FIRST_GENERATION = 0;

/** A key, sealed with another one, so that whoever has that one finds it. */
export interface WrappedKey {
  readonly id: string;
  /** Id of the key that it is sealed with. */
  readonly wrappedBy: string;
  /** The key with the highest is the one that seals. */
  readonly generation: number;
  readonly wrapped: Uint8Array;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
  readonly generation: number;
}

/**
 * Seals what is stored encrypted. `context` (e.g. the row's id) must be the same to open it: a value cannot be moved.
 *
 * Beside the key of its own secret it may know others ({@link learn}): while STOWAGE_SECRET_KEY is rotated, gateways with
 * the one and with the other secret open all that any of them has sealed, and seal with the newest.
 */
export class Sealer {
  private readonly own: string;
  private keys: readonly Key[];

  constructor(secret: string) {
    const key = makeKey(secret, FIRST_GENERATION);
    this.own = key.id;
    this.keys = [key];
  }

  /** Id of the key of its own secret. */
  get ownKeyId(): string {
    return this.own;
  }

  /** Id of the key that seals. */
  get currentKeyId(): string {
    return this.current.id;
  }

  /** Takes up the keys that those it knows open. Keys that it knows already stay, whatever is given. */
  learn(wrapped: readonly WrappedKey[]): void {
    const known = new Map(this.keys.map((key) => [key.id, key]));
    for (let found = true; found;) {
      found = false;
      for (const { id, wrappedBy, generation, wrapped: sealed } of wrapped) {
        const by = known.get(wrappedBy);
        if (by === undefined || known.get(id)?.generation === generation) continue;
        const opened = openWith(by.bytes, sealed, wrapContext(id));
        if (typeof opened !== 'string') continue;
        known.set(id, { id, bytes: Buffer.from(opened, 'base64'), generation });
        found = true;
      }
    }
    this.keys = [...known.values()];
  }

  /**
   * What is to be written down so that another secret's key seals from now on: whoever knows any key of this sealer finds
   * it, and whoever has the new secret finds those of this sealer. undefined when it is the one that seals already.
   * @throws {Problem} BAD_USER_INPUT for a secret that was in use before.
   */
  wrapFor(secret: string): WrappedKey[] | undefined {
    const next = makeKey(secret, this.current.generation + 1);
    if (next.id === this.current.id) return undefined;
    if (this.keys.some(({ id }) => id === next.id)) throw badInput('This secret was in use before. Take another one.');
    return [
      ...this.keys.map((key) => wrap(next, key)),
      ...this.keys.map((key) => wrap(key, next)),
      // By itself, so that its own holder knows of its generation, too.
      wrap(next, next),
    ];
  }

  seal(value: unknown, context: string): Uint8Array<ArrayBuffer> {
    return sealWith(this.current.bytes, value, context);
  }

  /** Whether a value is sealed with the key that seals now. */
  isCurrent(sealed: Uint8Array, context: string): boolean {
    return openWith(this.current.bytes, sealed, context) !== undefined;
  }

  /**
   * Equal texts have equal fingerprints, and a fingerprint tells nothing of its text, however short that is, without the
   * key: the oldest that is known, so that they stay the same while another comes into use.
   */
  fingerprint(text: string): Uint8Array<ArrayBuffer> {
    const oldest = this.keys.reduce((one, other) => (other.generation < one.generation ? other : one));
    return new Uint8Array(createHmac('sha256', oldest.bytes).update('fingerprint\0').update(text).digest());
  }

  /** @throws {Problem} UNAVAILABLE when it was sealed with another key. */
  open(sealed: Uint8Array, context: string): unknown {
    for (const { bytes } of this.keys) {
      const value = openWith(bytes, sealed, context);
      if (value !== undefined) return value;
    }
    throw new Problem('UNAVAILABLE', 'Stored keys cannot be opened: STOWAGE_SECRET_KEY is not the one they were sealed with.');
  }

  private get current(): Key {
    return this.keys.reduce((one, other) => (other.generation > one.generation ? other : one));
  }
}

function makeKey(secret: string, generation: number): Key {
  const bytes = createHash('sha256').update('stowage sealing key\0').update(secret).digest();
  const id = createHash('sha256').update('stowage sealing key id\0').update(bytes).digest('hex').slice(0, ID_CHARACTERS);
  return { id, bytes, generation };
}

function wrap(key: Key, by: Key): WrappedKey {
  const wrapped = sealWith(by.bytes, key.bytes.toString('base64'), wrapContext(key.id));
  return { id: key.id, wrappedBy: by.id, generation: key.generation, wrapped };
}

function wrapContext(id: string): string {
  return `sealing key ${id}`;
}

function sealWith(key: Buffer, value: unknown, context: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return new Uint8Array(Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), sealed]));
}

/** undefined when it was sealed with another key, for another context, or was changed. */
function openWith(key: Buffer, sealed: Uint8Array, context: string): unknown {
  const bytes = Buffer.from(sealed);
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  // Of a shorter one less would be compared.
  if (tag.length !== TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
    const text = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Name of the file of the made key, in the data folder. */
export const SECRET_FILE = 'secret-key';

/** The key from the settings, else the one in the data folder, made at first start. */
export async function readOrMakeSecretKey(given: string | undefined, dataDir: string): Promise<string> {
  if (given !== undefined) return given;
  const file = path.join(dataDir, SECRET_FILE);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  // Several gateways may share a folder, and start at once: the first one's key is that of all, and is there whole or not at all.
  const own = `${file}.${randomBytes(8).toString('hex')}`;
  await writeFile(own, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    await link(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // What is there and was empty a moment ago is another one's, or was left by a full disk.
    if ((await readFile(file, 'utf8')).trim() === '') await rename(own, file);
  } finally {
    await rm(own, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}
