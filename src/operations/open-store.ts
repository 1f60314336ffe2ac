import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Problem } from '../problems.js';
import { FolderStore, type BackupStore } from './backup-store.js';
import { S3Store } from './s3-store.js';
import { SealedStore } from './sealed-store.js';

/** The backup store of a gateway, as its settings have it. */
export class Backups {
  /** What is written goes here. */
  readonly store: BackupStore;
  /** Whether what is written is encrypted. */
  readonly encrypts: boolean;

  constructor(
    private readonly plain: BackupStore,
    key: string | undefined,
  ) {
    this.encrypts = key !== undefined;
    this.store = key === undefined ? plain : new SealedStore(plain, key);
  }

  /** Writes what is to be read by anyone who has the store, and so is not encrypted. @throws {Problem} CONFLICT. */
  async putPlain(name: string, text: string, signal: AbortSignal): Promise<void> {
    await this.plain.put(name, Readable.from([Buffer.from(text)]) as AsyncIterable<Buffer>, signal);
  }

  /**
   * Opens an object of a backup that was made with or without encryption, whatever is written now.
   * @throws {Problem} NOT_FOUND, CONFLICT.
   */
  async read(name: string, encrypted: boolean, signal: AbortSignal): Promise<Readable> {
    if (encrypted && !this.encrypts) throw new Problem('CONFLICT', 'The backup is encrypted. Set STOWAGE_BACKUP_KEY to the key that it was made with.');
    return (encrypted ? this.store : this.plain).get(name, signal);
  }
}

/** The store of a setting, which was checked when it was read; with a key, what is written to it is encrypted. */
export function openStore(url: string, key: string | undefined): Backups {
  return new Backups(url.startsWith('s3://') ? openBucket(url.slice('s3://'.length)) : new FolderStore(fileURLToPath(url)), key);
}

function openBucket(place: string): S3Store {
  const [bucket = '', ...rest] = place.split('/');
  const prefix = rest.filter((part) => part !== '').join('/');
  return new S3Store(bucket, prefix === '' ? '' : `${prefix}/`);
}
