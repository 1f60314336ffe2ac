import { startDatabase, type TestDatabase } from './database.js';
import { proveNothingIsLeft } from './stand.js';

/**
 * A PostgreSQL for the tests of one file: it is started before all that the file itself does before its tests, and stopped after
 * the last of them, with nothing left behind. Call it at the beginning of the file.
 */
export function ownDatabase(): Omit<TestDatabase, 'stop'> {
  let server: TestDatabase | undefined;
  beforeAll(async () => {
    server = await startDatabase();
  });
  afterAll(async () => {
    await server?.stop();
    await proveNothingIsLeft();
  });
  const started = (): TestDatabase => {
    if (server === undefined) throw new Error('the database is there for tests, and for what is done before and after them');
    return server;
  };
  return {
    get url() {
      return started().url;
    },
    get database() {
      return started().database;
    },
  };
}
