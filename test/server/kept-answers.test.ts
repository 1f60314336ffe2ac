import 'reflect-metadata';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';

let server: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  server = await startDatabase();
  gateway = await startGateway({ environment: { DATABASE_URL: server.url } });
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
  await proveNothingIsLeft();
});

test('a gateway gives an answer again without reading the inventory anew, until a revision is noted', async () => {
  const query = '{ containers { nodes { name } } }';
  const id = 'a'.repeat(64);
  const hostId = '00000000-0000-7000-8000-000000000001';
  await gateway.query(query);
  expect(await gateway.query(query)).toEqual({ containers: { nodes: [] } });
  // By hand and against the rules, so that only whoever reads the inventory anew can see it.
  await server.database.host.create({ data: { id: hostId, name: 'behind', endpoint: 'unix:///x', enabled: false, status: 'DISABLED' } });
  await server.database.container.create({
    data: { id: hostId, hostId, engineId: id, name: 'unnoticed', image: 'i', state: 'RUNNING', createdAt: new Date(), firstSeenAt: new Date() },
  });
  expect(await gateway.query(query)).toEqual({ containers: { nodes: [] } });
  await server.database.revision.create({ data: { hostId, number: 1 } });
  expect(await gateway.query(query)).toEqual({ containers: { nodes: [{ name: 'unnoticed' }] } });
});
