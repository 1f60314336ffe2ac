import 'reflect-metadata';
import { parse } from 'graphql';
import { v7 as newId } from 'uuid';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { makeContext } from '../../src/graphql/context.js';
import { makeExecutor } from '../../src/graphql/executor.js';
import { isKeepable } from '../../src/graphql/keepable.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { addHost, changeHost, markOnline, markUnreachable, newHostId, removeHost, type Host } from '../../src/inventory/hosts.js';
import type { Lease } from '../../src/inventory/lease.js';
import { RevisionReader } from '../../src/inventory/revision.js';
import { applyChanges, loadPicture } from '../../src/inventory/store.js';
import { AnswerCache } from '../../src/server/answer-cache.js';
import { holdLease, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { servicesFor } from '../harness/services.js';
import { containerFacts, look, seeAll, volumeFacts, volumeMount } from '../inventory/engine-states.js';

const schema = makeSchema();
const execute = makeExecutor(schema);
const server = ownDatabase();
let host: Host;
let lease: Lease;

beforeEach(async () => {
  host = await addHost(server.database, { id: newHostId(), name: `h${newHostId()}`, endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
  lease = await holdLease(server.database, host.id);
});

/** Has the host's engine show these volumes and containers, and what is new written. */
async function show(volumes: readonly string[], state: 'RUNNING' | 'PAUSED' = 'RUNNING'): Promise<void> {
  const id = 'a'.repeat(64);
  const engine = {
    volumes: new Map(volumes.map((name) => [name, volumeFacts(name)])),
    containers: new Map([[id, containerFacts(id, { name: 'user', state, startedAt: 1_000, mounts: volumes.slice(0, 1).map((name) => volumeMount(name)) })]]),
  };
  const picture = await loadPicture(server.database, testSealer, host);
  await applyChanges(server.database, testSealer, lease, host, look(picture, seeAll(engine), newId));
}

/** A cache as one gateway has it, with connections of its own, and how often it had an answer made. */
function gatewayWith(database: Database, text: string) {
  const document = parse(text);
  const revisions = new RevisionReader(database);
  const cache = new AnswerCache(() => revisions.read(), 10_000_000);
  const services = servicesFor(database, server.url);
  const gateway = {
    made: 0,
    async ask(): Promise<string> {
      const { body } = await cache.answer('the question', async () => {
        gateway.made += 1;
        const context = makeContext(services, { id: 'test', name: 'test', role: 'ADMIN', hosts: null });
        const result = await execute({ document, operationName: undefined, variables: undefined, context });
        if (result.errors !== undefined) throw new Error(String(result.errors[0]));
        const answer = { status: 200, headers: [], body: JSON.stringify(result.data), operation: undefined, problems: [] };
        return { answer, keepable: isKeepable(schema, document, undefined, undefined) };
      });
      return body;
    },
  };
  return gateway;
}

test('no answer is older than the last event that was journalled before it was asked for, in two gateways, while much changes', async () => {
  const database = openDatabase(server.url);
  try {
    const query = `{ volumes(first: 200, filter: { hosts: ["${host.name}"] }) { nodes { name } } }`;
    const gateways = [gatewayWith(server.database, query), gatewayWith(database, query)];
    const names: string[] = [];
    let done = false;
    let answers = 0;
    const write = async () => {
      for (let index = 0; index < 60; index += 1) {
        await show([...names, `v${String(index)}`]);
        names.push(`v${String(index)}`);
      }
      done = true;
    };
    const reader = async (gateway: (typeof gateways)[number]) => {
      while (!done) {
        const journalled = [...names];
        const answer = await gateway.ask();
        answers += 1;
        const missing = journalled.filter((name) => !answer.includes(`"${name}"`));
        expect(missing).toEqual([]);
      }
    };
    await Promise.all([write(), ...gateways.flatMap((gateway) => Array.from({ length: 6 }, () => reader(gateway)))]);
    const made = gateways.reduce((sum, gateway) => sum + gateway.made, 0);
    // Else nothing would have been tested: most answers came from what was kept.
    expect(answers).toBeGreaterThan(made);
  } finally {
    await closeDatabase(database);
  }
});

describe('a kept answer is given out until the inventory changes, and not after', () => {
  const QUESTION =
    '{ hosts { name status statusReason labels { key } } containers { nodes { name state } } volumes { nodes { name mounts { id } } } events(first: 500) { nodes { type } } }';
  const engine = { id: 'x', version: '24.0', apiVersion: '1.43', os: 'linux', arch: 'amd64' };

  test.each<[string, () => Promise<unknown>]>([
    ['a volume came', () => show(['data', 'more'])],
    ['a container was paused, which is no event', () => show(['data'], 'PAUSED')],
    ['a host has another name', () => changeHost(server.database, host.id, { name: `renamed-${newHostId()}` }, 'test')],
    ['a host has other labels', () => changeHost(server.database, host.id, { labels: { zone: 'b' } }, 'test')],
    ['a host is disabled', () => changeHost(server.database, host.id, { enabled: false }, 'test')],
    ['a host cannot be reached', () => markUnreachable(server.database, lease, 'nobody is there')],
    ['a host is there', () => markOnline(server.database, lease, engine, new Date())],
    ['a host is gone', () => removeHost(server.database, host, 'test')],
    [
      'events are not kept any more',
      () =>
        server.database.$transaction([
          server.database.$executeRaw`delete from journal where position <= 2`,
          server.database
            .$executeRaw`insert into journal_trim (id, position) values (1, 2) on conflict (id) do update set position = journal_trim.position + 1`,
        ]),
    ],
  ])('%s', async (_what, change) => {
    await show(['data']);
    const gateway = gatewayWith(server.database, QUESTION);
    await gateway.ask();
    const before = await gateway.ask();
    const { made } = gateway;
    expect(await gateway.ask()).toBe(before);
    expect(gateway.made).toBe(made);
    await change();
    expect(await gateway.ask()).not.toBe(before);
    expect(gateway.made).toBe(made + 1);
  });

  test('a host was seen again, which no kept answer shows', async () => {
    const gateway = gatewayWith(server.database, '{ hosts { lastSeenAt } }');
    for (let round = 0; round < 3; round += 1) await gateway.ask();
    expect(gateway.made).toBe(3);
  });
});

test('requests that come together under one revision have their answer made once', async () => {
  const gateway = gatewayWith(server.database, '{ hosts { name } }');
  await gateway.ask();
  await gateway.ask();
  await changeHost(server.database, host.id, { labels: { zone: 'c' } }, 'test');
  const { made } = gateway;
  await Promise.all(Array.from({ length: 50 }, () => gateway.ask()));
  expect(gateway.made).toBe(made + 1);
});

test.each([
  ['{ volumes { nodes { name } } }', true],
  ['{ hosts { name lastSyncedAt } }', false],
  ['{ ...all } fragment all on Query { hosts { lastSeenAt } }', false],
  ['{ node(id: "x") { id ... on Operation { state } } }', false],
  ['{ operations { nodes { id } } }', false],
  ['{ events { nodes { operation { id } } } }', false],
  ['{ volumes { nodes { backups { totalCount } } } }', false],
  ['{ volumes(filter: { unusedFor: "P1D" }) { totalCount } }', false],
  ['mutation { syncHosts { results { host { name } } } }', false],
  ['subscription { events { type } }', false],
])('whether the answer to %s is kept: %s', (text, keepable) => {
  expect(isKeepable(schema, parse(text), undefined, undefined)).toBe(keepable);
});

test('what a variable says of the clock counts, too', () => {
  const document = parse('query ($filter: VolumeFilter) { volumes(filter: $filter) { totalCount } }');
  expect(isKeepable(schema, document, undefined, { filter: { search: 'x' } })).toBe(true);
  expect(isKeepable(schema, document, undefined, { filter: { unusedFor: 'P1D' } })).toBe(false);
});
