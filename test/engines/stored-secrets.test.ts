import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const SECRET = 'quite-secret';

let engine: TestEngine;
let database: TestDatabase;

beforeAll(async () => {
  [engine, database] = await Promise.all([startEngine({ name: 'alpha' }), startDatabase()]);
});

afterAll(async () => {
  await engine.stop();
  await database.stop();
  await proveNothingIsLeft();
});

/** Everything that the database holds, as text. */
async function everything(): Promise<string> {
  const tables = await database.database.$queryRaw<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  const parts = await Promise.all(
    tables.map(({ name }) => database.database.$queryRawUnsafe<{ content: string | null }[]>(`select string_agg(t::text, ' ') as content from "${name}" t`)),
  );
  return parts
    .flat()
    .map(({ content }) => content)
    .join('\n');
}

test('a password in driver options is stored encrypted, and another key neither shows it nor makes the volume another one', async () => {
  const driverOptions = [
    { key: 'type', value: 'cifs' },
    { key: 'o', value: `username=u,password=${SECRET}` },
    { key: 'device', value: '//nas/x' },
  ];
  const asked = '{ volume(host: "alpha", name: "windows") { id options { key value } } }';
  const ids = new Set<string>();
  const sealed = new Set<string>();
  for (const key of ['the first key, which is long enough', 'the other key, which is long enough']) {
    const gateway = await startGateway({ hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: database.url, STOWAGE_SECRET_KEY: key } });
    try {
      await hostsAre(gateway, 'ONLINE');
      if (ids.size === 0) {
        await gateway.query(
          'mutation ($options: [KeyValueInput!]) { createVolume(input: { hosts: ["alpha"], name: "windows", driverOptions: $options }) { results { created } } }',
          {
            options: driverOptions,
          },
        );
      }
      await eventually(
        async () => {
          const { volume } = await gateway.query<{ volume: { id: string; options: { key: string; value: string }[] } }>(asked);
          expect(volume.options).toEqual(expect.arrayContaining(driverOptions));
          ids.add(volume.id);
        },
        { what: `an ADMIN is shown it, with ${key}` },
      );
      const row = await database.database.volume.findFirstOrThrow({ where: { name: 'windows', removedAt: null } });
      sealed.add(Buffer.from(row.sealedOptions ?? []).toString('hex'));
      expect(row.options).toMatchObject({ o: 'username=u,password=********' });
      const stored = await everything();
      expect(stored).toContain('windows');
      expect(stored).not.toContain(SECRET);
      expect(gateway.output()).not.toContain(SECRET);
    } finally {
      await gateway.stop();
    }
  }
  expect(ids.size).toBe(1);
  expect(sealed.size).toBe(2);
  expect(sealed).not.toContain('');

  // As it was stored before there was a place for it: it is sealed when the host is compared next.
  const plain = Object.fromEntries(driverOptions.map(({ key, value }) => [key, value]));
  await database.database.volume.updateMany({ where: { name: 'windows' }, data: { options: plain, sealedOptions: null } });
  expect(await everything()).toContain(SECRET);
  const gateway = await startGateway({ hosts: { alpha: engine.endpoint }, environment: { DATABASE_URL: database.url } });
  try {
    await eventually(
      async () => {
        expect(await everything()).not.toContain(SECRET);
      },
      { what: 'it is sealed' },
    );
    expect((await gateway.query<{ volume: { id: string } }>(asked)).volume.id).toBe([...ids][0]);
  } finally {
    await gateway.stop();
  }
}, 60_000);
