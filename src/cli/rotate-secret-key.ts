import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readNewSecretKey, readSettings } from '../config.js';
import type { Database } from '../database/client.js';
import { forgetKeys, introduceKey, readSealingKeys } from '../database/sealing-keys.js';
import { countReadable, resealAll, type Resealed } from '../inventory/reseal.js';
import { badInput } from '../problems.js';
import { readOrMakeSecretKey, SECRET_FILE, Sealer } from '../sealing.js';
import { withDatabase } from './own-database.js';
import type { Output } from './output.js';

/**
 * Rotates STOWAGE_SECRET_KEY, while gateways run:
 *
 *     STOWAGE_SECRET_KEY=old STOWAGE_NEW_SECRET_KEY=new stowage rotate-secret-key
 *     (start every gateway anew with STOWAGE_SECRET_KEY=new)
 *     STOWAGE_SECRET_KEY=new stowage rotate-secret-key --finish
 *
 * Where the key is a file that the gateway has made, the gateway is stopped first, and one call does all of it. It may be
 * interrupted at any moment, and is then called again.
 */

/** Milliseconds for running gateways to take a new key up before anything is sealed with it. */
const SETTLE_MS = 3_000;
/** File of the next key, until it is the key. */
const NEXT_SECRET_FILE = `${SECRET_FILE}.new`;

/** Rotates the key; see above. @throws {SettingsError, Problem} */
export async function rotateSecretKey(environment: NodeJS.ProcessEnv, configFile: string | undefined, finishes: boolean, output: Output): Promise<void> {
  const settings = readSettings(environment, configFile);
  const told = await withDatabase(settings, async (database) => {
    const sealer = new Sealer(await readOrMakeSecretKey(settings.secretKey, settings.dataDir));
    sealer.learn(await readSealingKeys(database));
    await requireRightKey(database, sealer);
    if (settings.secretKey === undefined) return rotateFile(database, sealer, settings.dataDir);
    return finishes ? finish(database, sealer) : rotate(database, sealer, readNewSecretKey(environment));
  });
  const { resealed, unreadable, next } = told;
  const lines = [`${String(resealed)} sealed again.`];
  if (unreadable > 0) lines.push(`${String(unreadable)} were sealed with a key that is not known any more, and stay as they are.`);
  output.result(told, [...lines, next].join('\n'));
}

/** What was done, and what is to be done next, in words. */
interface Rotated extends Resealed {
  readonly next: string;
}

async function rotate(database: Database, sealer: Sealer, secret: string): Promise<Rotated> {
  await introduceKey(database, sealer, secret);
  await delay(SETTLE_MS);
  const done = await resealAll(database, sealer);
  return {
    ...done,
    next: 'Now start every gateway anew with the new STOWAGE_SECRET_KEY, and then call this with it and --finish. Until then the old one opens everything, too.',
  };
}

async function finish(database: Database, sealer: Sealer): Promise<Rotated> {
  if (sealer.currentKeyId !== sealer.ownKeyId) throw badInput('STOWAGE_SECRET_KEY is not the newest key. Call this with the new one.');
  const done = await resealAll(database, sealer);
  await forgetKeys(database);
  return { ...done, next: 'Done. What was sealed with any older key is sealed with this one, and the older ones open nothing any more.' };
}

/** With a key that no other gateway has. */
async function rotateFile(database: Database, sealer: Sealer, dataDir: string): Promise<Rotated> {
  const next = path.join(dataDir, NEXT_SECRET_FILE);
  let secret = (await readFile(next, 'utf8').catch(() => '')).trim();
  if (secret === '') {
    secret = randomBytes(32).toString('base64url');
    await writeSafely(next, `${secret}\n`);
  }
  await introduceKey(database, sealer, secret);
  const done = await resealAll(database, sealer);
  await rename(next, path.join(dataDir, SECRET_FILE));
  await forgetKeys(database);
  return { ...done, next: `Done. ${path.join(dataDir, SECRET_FILE)} holds the new key.` };
}

/** A wrong key must not be taken for the old one: what the right one has sealed would be left to it for good. */
async function requireRightKey(database: Database, sealer: Sealer): Promise<void> {
  const { readable, unreadable } = await countReadable(database, sealer);
  if (readable > 0 || unreadable === 0) return;
  throw badInput('STOWAGE_SECRET_KEY opens nothing of what is stored. It is not the key that the gateways have.');
}

/** On the disk before anything depends on it. */
async function writeSafely(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.part`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
}
