import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from './problems.js';

/** AES-256-GCM (NIST SP 800-38D): 96-bit nonce, 128-bit tag. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of a sealed value, for the day the format changes. */
const FORMAT = 1;

/** Seals what is stored encrypted. `context` (e.g. the row's id) must be the same to open it: a value cannot be moved. */
export class Sealer {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = createHash('sha256').update('stowage sealing key\0').update(secret).digest();
  }

  seal(value: unknown, context: string): Uint8Array<ArrayBuffer> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return new Uint8Array(Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), sealed]));
  }

  /** Equal texts have equal fingerprints, and a fingerprint tells nothing of its text, however short that is, without the key. */
  fingerprint(text: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(createHmac('sha256', this.key).update('fingerprint\0').update(text).digest());
  }

  /** @throws {Problem} UNAVAILABLE when it was sealed with another key. */
  open(sealed: Uint8Array, context: string): unknown {
    const bytes = Buffer.from(sealed);
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
      const text = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
      return JSON.parse(text);
    } catch (error) {
      throw new Problem('UNAVAILABLE', 'Stored keys cannot be opened: STOWAGE_SECRET_KEY is not the one they were sealed with.', { cause: error });
    }
  }
}

/** The key from the settings, else the one in the data folder, made at first start. */
export async function readOrMakeSecretKey(given: string | undefined, dataDir: string): Promise<string> {
  if (given !== undefined) return given;
  const file = path.join(dataDir, 'secret-key');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  const made = randomBytes(32).toString('base64url');
  await writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}
