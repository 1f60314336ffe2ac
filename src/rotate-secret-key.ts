import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { readNewSecretKey, readSettings, SettingsError, type Settings } from './config.js';
import { closeDatabase, openDatabase, type Database } from './database/client.js';
import { startEmbeddedPostgres } from './database/embedded-postgres.js';
import { applyMigrations } from './database/migrations.js';
import { forgetKeys, introduceKey, readSealingKeys } from './database/sealing-keys.js';
import { countReadable, resealAll } from './inventory/reseal.js';
import { badInput, Problem } from './problems.js';
import { readOrMakeSecretKey, SECRET_FILE, Sealer } from './sealing.js';

/**
 * Rotates STOWAGE_SECRET_KEY, while gateways run:
 *
 *     STOWAGE_SECRET_KEY=old STOWAGE_NEW_SECRET_KEY=new node dist/rotate-secret-key.js
 *     (start every gateway anew with STOWAGE_SECRET_KEY=new)
 *     STOWAGE_SECRET_KEY=new node dist/rotate-secret-key.js --finish
 *
 * Where the key is a file that the gateway has made, the gateway is stopped first, and one call does all of it. It may be
 * interrupted at any moment, and is then called again.
 */

/** Milliseconds for running gateways to take a new key up before anything is sealed with it. */
const SETTLE_MS = 3_000;
/** File of the next key, until it is the key. */
const NEXT_SECRET_FILE = `${SECRET_FILE}.new`;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const arguments_ = process.argv.slice(2);
  if (arguments_.some((argument) => argument !== '--finish')) throw badInput('The only argument is --finish.');
  const log = pino({ level: 'warn' }, pino.destination(2));
  await withDatabase(settings, log, async (database) => {
    const sealer = new Sealer(await readOrMakeSecretKey(settings.secretKey, settings.dataDir));
    sealer.learn(await readSealingKeys(database));
    await requireRightKey(database, sealer);
    if (settings.secretKey === undefined) await rotateFile(database, sealer, settings.dataDir);
    else if (arguments_.includes('--finish')) await finish(database, sealer);
    else await rotate(database, sealer, readNewSecretKey(process.env));
  });
}

async function rotate(database: Database, sealer: Sealer, secret: string): Promise<void> {
  await introduceKey(database, sealer, secret);
  await delay(SETTLE_MS);
  await reseal(database, sealer);
  say('Now start every gateway anew with the new STOWAGE_SECRET_KEY, and then call this with it and --finish. Until then the old one opens everything, too.');
}

async function finish(database: Database, sealer: Sealer): Promise<void> {
  if (sealer.currentKeyId !== sealer.ownKeyId) throw badInput('STOWAGE_SECRET_KEY is not the newest key. Call this with the new one.');
  await reseal(database, sealer);
  await forgetKeys(database);
  say('Done. What was sealed with any older key is sealed with this one, and the older ones open nothing any more.');
}

/** With a key that no other gateway has. */
async function rotateFile(database: Database, sealer: Sealer, dataDir: string): Promise<void> {
  const next = path.join(dataDir, NEXT_SECRET_FILE);
  let secret = (await readFile(next, 'utf8').catch(() => '')).trim();
  if (secret === '') {
    secret = randomBytes(32).toString('base64url');
    await writeSafely(next, `${secret}\n`);
  }
  await introduceKey(database, sealer, secret);
  await reseal(database, sealer);
  await rename(next, path.join(dataDir, SECRET_FILE));
  await forgetKeys(database);
  say(`Done. ${path.join(dataDir, SECRET_FILE)} holds the new key.`);
}

async function reseal(database: Database, sealer: Sealer): Promise<void> {
  const { resealed, unreadable } = await resealAll(database, sealer);
  say(`${String(resealed)} sealed again.`);
  if (unreadable > 0) say(`${String(unreadable)} were sealed with a key that is not known any more, and stay as they are.`);
}

/** A wrong key must not be taken for the old one: what the right one has sealed would be left to it for good. */
async function requireRightKey(database: Database, sealer: Sealer): Promise<void> {
  const { readable, unreadable } = await countReadable(database, sealer);
  if (readable > 0 || unreadable === 0) return;
  throw badInput('STOWAGE_SECRET_KEY opens nothing of what is stored. It is not the key that the gateways have.');
}

async function withDatabase(settings: Settings, log: Logger, work: (database: Database) => Promise<void>): Promise<void> {
  const postgres = settings.databaseUrl === undefined ? await startEmbeddedPostgres(settings.dataDir, log) : undefined;
  try {
    const url = settings.databaseUrl ?? postgres?.url ?? '';
    await applyMigrations(url, log);
    const database = openDatabase(url);
    try {
      await work(database);
    } finally {
      await closeDatabase(database);
    }
  } finally {
    await postgres?.stop();
  }
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

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const expected = error instanceof SettingsError || error instanceof Problem;
    process.stderr.write(`${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
