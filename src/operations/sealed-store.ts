import { Readable } from 'node:stream';
import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import { Problem } from '../problems.js';
import type { BackupStore } from './backup-store.js';

/** Keeps what another store keeps in the age format (age-encryption.org/v1), so that `age -d` opens it, too. */
export class SealedStore implements BackupStore {
  constructor(
    private readonly inner: BackupStore,
    /** AGE-SECRET-KEY-1… */
    private readonly identity: string,
  ) {}

  async put(name: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(this.identity));
    await this.inner.put(name, asBuffers(await encrypter.encrypt(asWeb(chunks))), signal);
  }

  async get(name: string, signal: AbortSignal): Promise<Readable> {
    const sealed = await this.inner.get(name, signal);
    const decrypter = new Decrypter();
    decrypter.addIdentity(this.identity);
    try {
      const opened = await decrypter.decrypt(asWeb(sealed as AsyncIterable<Buffer>));
      return Readable.from(explained(opened, sealed), { objectMode: false });
    } catch (error) {
      sealed.destroy();
      throw error instanceof Problem ? error : damaged(error);
    }
  }

  remove(name: string): Promise<void> {
    return this.inner.remove(name);
  }

  location(name: string): string {
    return this.inner.location(name);
  }
}

async function* explained(opened: ReadableStream<Uint8Array>, sealed: Readable): AsyncGenerator<Buffer> {
  try {
    yield* asBuffers(opened);
  } catch (error) {
    // What the store below says is wrong with it is no damage.
    throw error instanceof Problem ? error : damaged(error);
  } finally {
    sealed.destroy();
  }
}

function damaged(cause: unknown): Problem {
  return new Problem('CONFLICT', 'The backup is damaged, or encrypted with another key than STOWAGE_BACKUP_KEY.', { cause });
}

function asWeb(chunks: AsyncIterable<Buffer>): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(chunks, { objectMode: false })) as ReadableStream<Uint8Array>;
}

async function* asBuffers(stream: ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0])) yield Buffer.from(chunk as Uint8Array);
}
