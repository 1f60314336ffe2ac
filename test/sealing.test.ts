import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readOrMakeSecretKey, SECRET_FILE, Sealer } from '../src/sealing.js';
import { makeTestFolder } from './harness/test-folder.js';

const value = { tls: { key: 'secret key' } };

test('what is sealed is opened by the same key in the same place only', () => {
  const sealed = new Sealer('key one').seal(value, 'host-1');
  expect(Buffer.from(sealed).toString('latin1')).not.toContain('secret');
  expect(new Sealer('key one').open(sealed, 'host-1')).toEqual(value);
  expect(() => new Sealer('key two').open(sealed, 'host-1')).toThrow(/STOWAGE_SECRET_KEY/);
  expect(() => new Sealer('key one').open(sealed, 'host-2')).toThrow(/STOWAGE_SECRET_KEY/);
});

test('a sealed value that was changed in any byte is refused', () => {
  const sealer = new Sealer('key');
  const sealed = sealer.seal(value, 'host-1');
  for (let index = 1; index < sealed.length; index += 1) {
    const changed = Uint8Array.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => sealer.open(changed, 'host-1')).toThrow();
  }
});

test('one value is sealed differently each time', () => {
  const sealer = new Sealer('key');
  expect(sealer.seal(value, 'host-1')).not.toEqual(sealer.seal(value, 'host-1'));
});

test('gateways that start at once in one folder make one key, which only they may read, and leave nothing else there', async () => {
  const root = await makeTestFolder('sealing');
  const folder = path.join(root, 'data');
  try {
    await mkdir(folder);
    const keys = await Promise.all(Array.from({ length: 8 }, () => readOrMakeSecretKey(undefined, folder)));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toHaveLength(43);
    expect(await readOrMakeSecretKey(undefined, folder)).toBe(keys[0]);
    expect(await readdir(folder)).toEqual([SECRET_FILE]);
    expect((await stat(path.join(folder, SECRET_FILE))).mode & 0o777).toBe(0o600);
    // As a full disk leaves it.
    await writeFile(path.join(folder, SECRET_FILE), '');
    expect(await readOrMakeSecretKey(undefined, folder)).toHaveLength(43);
  } finally {
    await rm(root, { recursive: true });
  }
});
