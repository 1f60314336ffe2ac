import 'reflect-metadata';
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql';
import { v7 as newId } from 'uuid';
import { makeContext } from '../../src/graphql/context.js';
import { makeExecutor, type Executor } from '../../src/graphql/executor.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { emptyPicture } from '../../src/inventory/picture.js';
import { applyChanges } from '../../src/inventory/store.js';
import { holdLease, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { servicesFor } from '../harness/services.js';
import { bindMount, containerFacts, look, seeAll, volumeFacts, volumeMount } from '../inventory/engine-states.js';

const schema = makeSchema();
const server = ownDatabase();
let execute: Executor;

beforeAll(async () => {
  execute = makeExecutor(schema, 1);
  const password = { type: 'cifs', o: 'username=u,password=secret', device: '//nas/media' };
  const exported = { type: 'nfs', o: 'addr=nas.example,rw', device: ':/export' };
  for (const name of ['alpha', 'beta']) {
    const host = await addHost(server.database, { id: newHostId(), name, endpoint: `unix:///${name}`, labels: { zone: 'a' }, credentials: null }, 'test');
    await server.database.host.update({
      where: { id: host.id },
      data: { engine: { version: '24', apiVersion: '1.43', os: 'linux', arch: 'amd64', name: 'x' } },
    });
    const volumes = new Map([
      ['plain', volumeFacts('plain', { labels: { team: 'red', 'com.docker.compose.project': 'shop' } })],
      ['media', volumeFacts('media', { options: password })],
      ['export', volumeFacts('export', { options: exported })],
      ['unused', volumeFacts('unused')],
    ]);
    const [web, worker, taker] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
    const containers = new Map([
      [web, containerFacts(web, { name: 'web', state: 'RUNNING', startedAt: 1_000, mounts: [volumeMount('plain'), volumeMount('export'), bindMount('/etc')] })],
      [
        worker,
        containerFacts(worker, {
          name: 'worker',
          state: 'RUNNING',
          startedAt: 2_000,
          mounts: [volumeMount('plain', '/p', true), volumeMount('media'), bindMount('/etc/x')],
        }),
      ],
      [taker, containerFacts(taker, { name: 'taker', labels: { 'com.docker.compose.service': 's' }, mounts: [volumeMount('plain')], volumesFrom: ['web'] })],
    ]);
    const lease = await holdLease(server.database, host.id);
    await applyChanges(server.database, testSealer, lease, host, look(emptyPicture(host), seeAll({ volumes, containers }), newId));
  }
});

/** How deep fields are followed below each list. */
const DEPTH = 3;
/** What only an engine can answer, and none runs here. */
const ASKED_OF_ENGINES = new Set(['FileConnection']);
/** Where each type of the inventory is listed. */
const LISTS: Readonly<Record<string, string>> = {
  Volume: 'volumes { nodes',
  Container: 'containers { nodes',
  Share: 'shares { nodes',
  Host: 'hosts',
  Finding: 'findings { nodes',
  LifecycleEvent: 'events { nodes',
};

type Path = readonly string[];

function fieldsOf(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter((field) => !ASKED_OF_ENGINES.has(getNamedType(field.type).name));
}

/** Every way from an object of a type to a leaf, over at most so many fields. */
function pathsFrom(type: GraphQLObjectType, depth: number): Path[] {
  return fieldsOf(type).flatMap((field): Path[] => {
    const inner = getNamedType(field.type);
    if (!isCompositeType(inner)) return [[field.name]];
    if (depth === 1 || !isObjectType(inner)) return [];
    return pathsFrom(inner, depth - 1).map((path) => [field.name, ...path]);
  });
}

function selectionOf(paths: readonly Path[]): string {
  const byFirst = new Map<string, Path[]>();
  for (const [first = '', ...rest] of paths) byFirst.set(first, [...(byFirst.get(first) ?? []), rest]);
  return [...byFirst].map(([field, rest]) => (rest[0]?.length === 0 ? field : `${field} { ${selectionOf(rest)} }`)).join(' ');
}

function documentOf(type: string, paths: readonly Path[]): DocumentNode {
  const list = LISTS[type] ?? '';
  const document = parse(`{ ${list} { ${selectionOf(paths)} } ${list.includes('{') ? '}' : ''} }`);
  expect(validate(schema, document)).toEqual([]);
  return document;
}

function run(document: DocumentNode): Promise<ExecutionResult> {
  const context = makeContext(servicesFor(server.database, server.url), { id: 'test', name: 'test', role: 'ADMIN', hosts: null });
  return execute({ document, operationName: undefined, variables: undefined, context });
}

/** What stands at a path in a list's objects, lists on the way kept. */
function at(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) return value.map((item) => at(item, path));
  const [first, ...rest] = path;
  if (first === undefined || value === null || value === undefined) return value;
  return at((value as Record<string, unknown>)[first], rest);
}

function listOf(type: string, { data, errors }: ExecutionResult): unknown {
  expect(errors).toBeUndefined();
  const list = Object.values(data ?? {})[0];
  return type === 'Host' ? list : (list as { nodes: unknown }).nodes;
}

test.each(Object.keys(LISTS))(
  'every field of a %s and of what it leads to is the same asked for alone as beside all others, run at first and compiled',
  async (name) => {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`${name} is no type of objects`);
    const paths = pathsFrom(type, DEPTH);
    expect(paths.length).toBeGreaterThan(10);
    const whole = listOf(name, await run(documentOf(name, paths)));
    expect((whole as unknown[]).length).toBeGreaterThan(1);
    for (const path of paths) {
      const document = documentOf(name, [path]);
      const expected = { path, values: at(whole, path) };
      expect({ path, values: at(listOf(name, await run(document)), path) }).toEqual(expected);
      expect({ path, values: at(listOf(name, await run(document)), path) }).toEqual(expected);
    }
  },
);

test('every object is found again by its id, with its type', async () => {
  for (const name of ['Volume', 'Container', 'Share', 'Host', 'LifecycleEvent']) {
    const whole = listOf(name, await run(documentOf(name, [['id'], ['__typename']].slice(0, 1)))) as { id: string }[];
    for (const { id } of whole) {
      const document = parse(`{ node(id: ${JSON.stringify(id)}) { __typename id } }`);
      for (let round = 0; round < 2; round += 1) expect(await run(document)).toEqual({ data: { node: { __typename: name, id } } });
    }
  }
  expect(isInterfaceType(schema.getType('Node'))).toBe(true);
});
