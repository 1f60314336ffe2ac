import 'reflect-metadata';
import { graphql } from 'graphql';
import { v7 as newId } from 'uuid';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { makeContext } from '../../src/graphql/context.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { emptyPicture } from '../../src/inventory/picture.js';
import { applyChanges } from '../../src/inventory/store.js';
import { holdLease, startDatabase, type TestDatabase, testSealer } from '../harness/database.js';
import { servicesFor } from '../harness/services.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { containerFacts, look, seeAll, volumeFacts, volumeMount } from '../inventory/engine-states.js';

const schema = makeSchema();
let server: TestDatabase;
let counted: Database;
const statements: string[] = [];

beforeAll(async () => {
  server = await startDatabase();
  counted = openDatabase(server.url, { onStatement: (sql) => statements.push(sql) });
  const host = await addHost(server.database, { id: newHostId(), name: 'alpha', endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
  const names = Array.from({ length: 120 }, (_, index) => `volume-${String(index).padStart(3, '0')}`);
  const volumes = new Map(names.map((name) => [name, volumeFacts(name)]));
  const containers = new Map(
    names.map((name, index) => {
      const id = index.toString(16).padStart(64, '0');
      return [
        id,
        containerFacts(id, {
          name: `c-${name}`,
          state: 'RUNNING',
          startedAt: 1_000,
          mounts: [volumeMount(name), volumeMount('volume-000', '/second')].slice(0, index === 0 ? 1 : 2),
        }),
      ];
    }),
  );
  const lease = await holdLease(server.database, host.id);
  await applyChanges(server.database, testSealer, lease, host, look(emptyPicture(host), seeAll({ volumes, containers }), newId));
});

afterAll(async () => {
  await closeDatabase(counted);
  await server.stop();
  await proveNothingIsLeft();
});

const PAGE = `query ($first: Int!) {
  volumes(first: $first) {
    totalCount
    nodes {
      name host { name stats { volumes containers mounts sharedVolumes } }
      mounts { destination container { name host { name } volumesFrom { name } mounts { destination volume { name } } } }
      shares { identity writers readers containers { name } volumes { name } hosts { name } }
    }
  }
}`;

async function statementsFor(first: number): Promise<number> {
  const services = servicesFor(counted, server.url);
  statements.length = 0;
  const contextValue = makeContext(services, { id: 'test', name: 'test', role: 'ADMIN', hosts: null });
  const result = await graphql({ schema, source: PAGE, variableValues: { first }, contextValue });
  expect(result.errors).toBeUndefined();
  expect((result.data?.['volumes'] as { nodes: unknown[] }).nodes).toHaveLength(first);
  return statements.filter((sql) => !/^(begin|commit|rollback)/i.test(sql)).length;
}

/**
 * Page keys, page rows, count, host, host counts, mounts of volumes, shares, mounts of shares (with theirs), mounts of
 * containers, and up to twice each: containers (by mounts and by shares), volumes. Whether two ways to one table meet in one
 * statement depends on which answer comes first.
 */
const MOST_STATEMENTS = 14;

test('a page of volumes with host, mounts, containers and shares costs a bounded number of statements, however long it is', async () => {
  for (const first of [1, 2, 50, 100, 120, 100, 50]) expect(await statementsFor(first)).toBeLessThanOrEqual(MOST_STATEMENTS);
});

test('counting a list costs nothing when nobody asks for it', async () => {
  const services = servicesFor(counted, server.url);
  statements.length = 0;
  await graphql({
    schema,
    source: '{ volumes(first: 5) { nodes { name } } }',
    contextValue: makeContext(services, { id: 'test', name: 'test', role: 'ADMIN', hosts: null }),
  });
  expect(statements.filter((sql) => /count\(/i.test(sql))).toEqual([]);
});
