import { fileURLToPath } from 'node:url';
import { FolderStore, type BackupStore } from './backup-store.js';
import { S3Store } from './s3-store.js';
import { SealedStore } from './sealed-store.js';

/** The store of a setting, which was checked when it was read; with a key, what is in it is encrypted. */
export function openStore(url: string, key: string | undefined): { readonly store: BackupStore; readonly encrypts: boolean } {
  const store = url.startsWith('s3://') ? openBucket(url.slice('s3://'.length)) : new FolderStore(fileURLToPath(url));
  return key === undefined ? { store, encrypts: false } : { store: new SealedStore(store, key), encrypts: true };
}

function openBucket(place: string): S3Store {
  const [bucket = '', ...rest] = place.split('/');
  const prefix = rest.filter((part) => part !== '').join('/');
  return new S3Store(bucket, prefix === '' ? '' : `${prefix}/`);
}
