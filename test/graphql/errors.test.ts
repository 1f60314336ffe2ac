import 'reflect-metadata';
import { INTERPRETED_RUNS } from '../../src/graphql/compile.js';
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

test.each([
  ['{ events(after: "nonsense") { nodes { type } } }', 'BAD_USER_INPUT'],
  ['{ hosts { name } volumes(after: "nonsense") { nodes { name } } }', 'BAD_USER_INPUT'],
  ['{ impact(storage: "nas.example:/x", host: "nobody") { composeProjects } }', 'BAD_USER_INPUT'],
])('what is wrong with %s is said in the same words each time, also when the query runs compiled', async (query, code) => {
  const answers = [];
  for (let round = 0; round < INTERPRETED_RUNS + 2; round += 1) answers.push(await gateway.send(query));
  const [first, ...others] = answers;
  expect(first).toMatchObject({ errors: [{ extensions: { code }, path: expect.any(Array) as unknown, locations: expect.any(Array) as unknown }] });
  for (const other of others) expect(other).toEqual(first);
});
