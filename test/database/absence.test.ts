import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { toShownProblem } from '../../src/problems.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';

let server: TestDatabase;
let administrator: pg.Client;

beforeAll(async () => {
  server = await startDatabase();
  administrator = new pg.Client({ connectionString: server.url });
  await administrator.connect();
});

afterAll(async () => {
  await administrator.end();
  await server.stop();
});

/** What a user is shown of the failure of some work on a pool of its own, whose sessions have a setting. */
async function shownOf(setting: string, work: (database: Database) => Promise<unknown>): Promise<string> {
  const url = new URL(server.url);
  url.searchParams.set('options', `-c ${setting}`);
  const database = openDatabase(url.href);
  try {
    await work(database);
  } catch (error) {
    return toShownProblem(error).problem.code;
  } finally {
    await closeDatabase(database);
  }
  return 'done';
}

/** Ends every other session of the database, as its administrator may at any time. */
async function endSessions(): Promise<void> {
  await administrator.query(`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'`);
}

describe('what the database cannot do now is UNAVAILABLE, and no defect of the gateway', () => {
  test('a statement that is ended since it waits too long', async () => {
    await administrator.query('begin');
    await administrator.query('lock table host');
    try {
      for (const setting of ['lock_timeout=50ms', 'transaction_timeout=50ms']) {
        expect(await shownOf(setting, (database) => database.host.findMany())).toBe('UNAVAILABLE');
        expect(await shownOf(setting, (database) => database.$queryRaw`select 1 from host`)).toBe('UNAVAILABLE');
      }
    } finally {
      await administrator.query('rollback');
    }
  });

  test('a session that an administrator ends in the middle of a statement', async () => {
    for (const work of [
      (database: Database) => database.$queryRaw`select 1 from pg_sleep(20)`,
      (database: Database) => database.$transaction(async (transaction) => transaction.$queryRaw`select 1 from pg_sleep(20)`),
    ]) {
      const shown = shownOf('stowage.any=thing', work);
      await delay(500);
      await endSessions();
      expect(await shown).toBe('UNAVAILABLE');
    }
  });

  test('a session that is ended between two statements of a transaction', async () => {
    expect(
      await shownOf('stowage.any=thing', (database) =>
        database.$transaction(async (transaction) => {
          await transaction.$queryRaw`select 1 as one`;
          await endSessions();
          await delay(100);
          await transaction.$queryRaw`select 1 as one`;
        }),
      ),
    ).toBe('UNAVAILABLE');
  });

  test('a database that is read-only', async () => {
    expect(await shownOf('default_transaction_read_only=on', (database) => database.journalTrim.create({ data: { id: 1, position: 1n } }))).toBe('UNAVAILABLE');
    expect(await shownOf('default_transaction_read_only=on', (database) => database.$executeRaw`delete from journal`)).toBe('UNAVAILABLE');
  });

  test('a database that has no connection left', async () => {
    const name = 'few_connections';
    await administrator.query(`create role ${name} login password 'known' connection limit 0`);
    const url = new URL(server.url);
    url.username = name;
    url.password = 'known';
    const database = openDatabase(url.href);
    try {
      const failure: unknown = await database.$queryRaw`select 1`.catch((error: unknown) => error);
      expect(toShownProblem(failure).problem.code).toBe('UNAVAILABLE');
    } finally {
      await closeDatabase(database);
      await administrator.query(`drop role ${name}`);
    }
  });
});

test('a statement that is wrong is a defect of the gateway', async () => {
  expect(await shownOf('stowage.any=thing', (database) => database.$queryRaw`select nothing from nowhere`)).toBe('INTERNAL');
  expect(await shownOf('stowage.any=thing', (database) => database.$queryRaw`select 1 / 0`)).toBe('INTERNAL');
});
