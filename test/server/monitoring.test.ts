import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDatabase, silent } from '../harness/database.js';
import { promtoolProgram } from '../harness/engine-programs.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';
import { formatError } from '../../src/graphql/errors.js';
import { Metrics } from '../../src/metrics.js';
import { requestIdOf } from '../../src/server/request-id.js';

const MONITORING = fileURLToPath(new URL('../../monitoring/', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const HOSTS = '{ hosts { name status } }';

let gateway: TestGateway;
beforeAll(async () => {
  // Nobody listens there: the host is known, and away.
  gateway = await startGateway({ hosts: { away: 'unix:///nobody-listens-here.sock' }, environment: { STOWAGE_METRICS_PORT: '0' } });
});
afterAll(async () => {
  await gateway.stop();
  await proveNothingIsLeft();
});

const ask = (address: string, secret?: string) => fetch(address, secret === undefined ? {} : { headers: { authorization: `Bearer ${secret}` } });
const metricsOf = async () => (await ask(`${gateway.url}/metrics`, TEST_SECRET)).text();

/** The value of one series; undefined when there is none. */
async function valueOf(series: string): Promise<number | undefined> {
  const line = (await metricsOf()).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

/** The lines of the log that tell of requests, newest last. */
function requestLines(of = gateway): { readonly [key: string]: unknown }[] {
  return of
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('"msg":"request"}'))
    .map((line) => JSON.parse(line) as { readonly [key: string]: unknown });
}

/** Runs promtool. @throws {Error} with what it says. */
async function promtool(args: readonly string[], input = ''): Promise<void> {
  const running = promisify(execFile)(await promtoolProgram(), [...args], { cwd: MONITORING });
  running.child.stdin?.end(input);
  await running;
}

async function makeToken(input: object): Promise<string> {
  const { createToken } = await gateway.query<{ createToken: { secret: string } }>(
    'mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret } }',
    { input },
  );
  return createToken.secret;
}

test('metrics are for tokens that may see all hosts, and for nobody without one', async () => {
  const viewer = await makeToken({ name: 'scraper', role: 'VIEWER' });
  const narrowed = await makeToken({ name: 'narrowed', role: 'ADMIN', hosts: ['away'] });
  expect((await ask(`${gateway.url}/metrics`)).status).toBe(401);
  expect((await ask(`${gateway.url}/metrics`, narrowed)).status).toBe(403);
  await eventually(
    async () => {
      const { events } = await gateway.query<{ events: { nodes: unknown[] } }>(
        '{ events(filter: { types: [CALL_REFUSED] }) { nodes { actor address attributes } } }',
      );
      expect(events.nodes).toEqual([
        {
          actor: 'narrowed',
          address: '127.0.0.1',
          attributes: { code: 'FORBIDDEN', reason: expect.stringMatching(/^Metrics/) as string },
        },
      ]);
    },
    { what: 'that is journalled' },
  );
  const answer = await ask(`${gateway.url}/metrics`, viewer);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('stowage_host_up{host="away"} 0');
});

test('the port for metrics has them without a token, and health, and nothing else', async () => {
  const url = await eventually(
    () => {
      const found = /"url":"(http:[^"]+)\/metrics"/.exec(gateway.output())?.[1];
      if (found === undefined) throw new Error(gateway.output());
      return found;
    },
    { what: 'the log names the port' },
  );
  expect(await (await ask(`${url}/metrics`)).text()).toContain('stowage_hosts{status="UNREACHABLE"}');
  expect((await ask(`${url}/readyz`)).status).toBe(200);
  expect((await ask(`${url}/graphql`)).status).toBe(404);
});

test('promtool finds no fault in the metrics and the rules, and the rules do what they should', async () => {
  await promtool(['check', 'rules', 'stowage-alerts.yaml']);
  await promtool(['test', 'rules', 'stowage-alerts.test.yaml']);
  await gateway.query(HOSTS);
  await promtool(['check', 'metrics'], await metricsOf());
});

test('the dashboard and the rules name only metrics that there are', async () => {
  const text = await metricsOf();
  const told = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) => (type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`] : [name])),
  );
  const dashboard = JSON.parse(readFileSync(path.join(MONITORING, 'stowage-dashboard.json'), 'utf8')) as { panels: { targets: { expr: string }[] }[] };
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = readFileSync(path.join(MONITORING, 'stowage-alerts.yaml'), 'utf8');
  const named = [...expressions, rules].flatMap((each) => [...each.matchAll(/\b(stowage|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name));
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !told.has(name))).toEqual([]);
  // And every one of the gateway's own is looked at somewhere.
  const base = (name: string) => name.replace(/_(bucket|count)$/, '');
  const unseen = [...told].filter((name) => name.startsWith('stowage_') && !named.map(base).includes(base(name)));
  expect(unseen).toEqual([]);
});

test('a request has one line in the log, under the id that it came with or was given', async () => {
  const send = async (headers: Record<string, string>, query: string) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_SECRET}`, ...headers },
      body: JSON.stringify({ query }),
    });
  const given = await send({ 'x-request-id': 'proxy-17.4' }, 'query Looks { hosts { name } volume(host: "nowhere", name: "none") { id } }');
  expect(given.headers.get('x-request-id')).toBe('proxy-17.4');
  const own = (await send({ 'x-request-id': 'not an id' }, 'query Broken { nothing }')).headers.get('x-request-id') ?? '';
  expect(own).toMatch(/^[0-9a-f-]{36}$/);
  await eventually(
    () => {
      const lines = requestLines();
      expect(lines.filter(({ requestId }) => requestId === 'proxy-17.4')).toEqual([
        expect.objectContaining({
          path: '/graphql',
          operation: 'Looks',
          kind: 'query',
          status: 200,
          ms: expect.any(Number) as number,
          caller: expect.any(String) as string,
        }),
      ]);
      expect(lines.filter(({ requestId }) => requestId === own)).toEqual([expect.objectContaining({ problems: ['BAD_USER_INPUT'], status: 400 })]);
    },
    { what: 'both requests have their line' },
  );
  expect(gateway.output()).not.toContain(TEST_SECRET);
});

test('only an id of usual signs and length is taken from a request', () => {
  expect(requestIdOf({ 'x-request-id': 'Root=1-67891233-abcdef012345678912345678' })).toBe('Root=1-67891233-abcdef012345678912345678');
  for (const id of ['', ' ', 'a'.repeat(129), 'a b', 'a\tb', '{"a":1}', 'ä', '-a']) expect(requestIdOf({ 'x-request-id': id })).not.toBe(id);
});

test('a defect is answered with the id under which the log has it', () => {
  expect(formatError(new Error('a defect'), silent, 'proxy-18').extensions).toEqual({ code: 'INTERNAL', requestId: 'proxy-18' });
  expect(formatError(new Error('a defect'), silent).extensions).toEqual({ code: 'INTERNAL' });
});

test('a subscription over a WebSocket is told of while it lives, and has its line when it has ended', async () => {
  const client = gateway.client();
  const events = client.iterate({ query: 'subscription Watches { events { type } }', operationName: 'Watches' });
  const first = events.next();
  await eventually(
    async () => {
      expect(await valueOf('stowage_subscribers{state="live"}')).toBe(1);
    },
    { what: 'the subscription is told of' },
  );
  expect(await valueOf('stowage_subscription_groups')).toBe(1);
  await gateway.query('mutation { createToken(input: { name: "makes an event", role: VIEWER }) { secret } }');
  expect(await first).toMatchObject({ value: { data: { events: { type: 'TOKEN_CREATED' } } } });
  expect(await valueOf('stowage_events_total{type="TOKEN_CREATED"}')).toBeGreaterThanOrEqual(1);
  expect(await valueOf('stowage_event_lag_seconds_count')).toBeGreaterThanOrEqual(1);
  await events.return?.();
  await eventually(
    async () => {
      expect(await valueOf('stowage_subscribers{state="live"}')).toBe(0);
      expect(requestLines().filter(({ operation }) => operation === 'Watches')).toEqual([
        expect.objectContaining({ kind: 'subscription', requestId: expect.any(String) as string, ms: expect.any(Number) as number }),
      ]);
    },
    { what: 'it has ended' },
  );
});

test('clients cannot make series without end: names beyond the first hundred that worked are one', async () => {
  const metrics = new Metrics(['Known']);
  const answered = (operationName: string, problems: string[] = []) => {
    metrics.answered({ operationName, kind: 'query', seconds: 0.01, problems });
  };
  for (let index = 0; index < 500; index += 1) answered(`Wrong${String(index)}`, ['BAD_USER_INPUT']);
  for (let index = 0; index < 500; index += 1) answered(`Right${String(index)}`);
  answered('Known', ['INTERNAL']);
  const { text } = await metrics.tell();
  const names = new Set([...text.matchAll(/operation="([^"]+)"/g)].map(([, name]) => name));
  expect(names.size).toBe(101);
  expect(text).toContain('stowage_graphql_problems_total{operation="other",code="BAD_USER_INPUT"} 500');
  expect(text).toContain('stowage_graphql_problems_total{operation="Known",code="INTERNAL"} 1');
});

test('with the database away the port for metrics tells so, and /readyz what is not ready and why', async () => {
  const database = await startDatabase();
  const other = await startGateway({
    environment: { DATABASE_URL: database.url, STOWAGE_SECRET_KEY: 'one secret of all gateways here', STOWAGE_METRICS_PORT: '0' },
  });
  expect(await (await ask(`${other.url}/readyz`)).json()).toEqual({ status: 'ok', reasons: [], parts: { database: 'ok', journal: 'ok', gateway: 'ok' } });
  await database.stop();
  const url = /"url":"(http:[^"]+)\/metrics"/.exec(other.output())?.[1] ?? '';
  await eventually(
    async () => {
      const text = await (await ask(`${url}/metrics`)).text();
      expect(text).toContain('stowage_database_up 0');
      expect(text).toContain('stowage_ready 0');
      const ready = await ask(`${other.url}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ status: 'not ready', parts: { database: 'the database does not answer', gateway: 'ok' } });
    },
    { what: 'the gateway says that its database is away' },
  );
  expect((await ask(`${other.url}/livez`)).status).toBe(200);
  const check = promisify(execFile)(process.execPath, [COMMAND, 'health'], { env: { PATH: process.env['PATH'], STOWAGE_PORT: new URL(other.url).port } });
  await expect(check).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('is not ready: the database does not answer') as string });
  await other.stop();
});
