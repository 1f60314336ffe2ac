import 'reflect-metadata';
import {
  getNamedType,
  getNullableType,
  graphql,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from 'graphql';
import pg from 'pg';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { makeContext } from '../../src/graphql/context.js';
import { formatError } from '../../src/graphql/errors.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { fillInventory, fillWithExceptions } from '../bench/inventory-rows.js';
import { silent, startDatabase, type TestDatabase } from '../harness/database.js';
import { servicesFor } from '../harness/services.js';
import { proveNothingIsLeft } from '../harness/stand.js';

const SIZE = { hosts: 12, volumes: 240, containers: 120, mounts: 360 };
/** Milliseconds after which a statement is ended here. */
const STATEMENT_MS = 400;

const schema = makeSchema();
let server: TestDatabase;
let counted: Database;
const statements: string[] = [];

beforeAll(async () => {
  server = await startDatabase();
  await fillInventory(server.url, SIZE);
  await fillWithExceptions(server.url, SIZE);
  await write(`
    update host set engine = '{"version": "24", "apiVersion": "1.43", "os": "linux", "arch": "amd64"}';
    update volume set options = '{"type": "tmpfs"}', annotations = '{"owner": "me"}';
    update container set volumes_from = array[md5('container1')::uuid];
    insert into share_mount (share_id, mount_id) select s.id, m.id from share s cross join (select id from mount order by id limit 3) m where s.kind <> 'VOLUME';
    insert into backup (id, host_id, host_name, volume_id, volume_name, created_at, size_bytes, content_bytes, file_count, entry_count, sha256, manifest_sha256,
        location, encrypted, quiesce, consistent)
      select md5('backup' || n || v.id)::uuid, v.host_id, 'h', v.id, v.name, now(), 1, 1, 1, 1, 'a', 'b', 'c', false, 'LIVE', true
      from volume v cross join generate_series(1, 3) n where v.removed_at is null;
    insert into backup_policy (volume_id, cron, quiesce, keep_last, keep_daily, keep_weekly, requested_by, next_run_at)
      select id, '0 3 * * *', 'LIVE', 1, 1, 1, 'test', now() from volume where removed_at is null;
    insert into volume_size (volume_id, measured_at, size_bytes)
      select id, now() - n * interval '1 day', n from volume cross join generate_series(1, 3) n where removed_at is null;
    insert into operation (id, kind, state, requested_by, source_volume_id, target_volume_id, backup_id, problem_code, problem_message)
      select md5('operation' || v.id)::uuid, 'BACKUP', 'FAILED', 'test', v.id, v.id, md5('backup1' || v.id)::uuid, 'ENGINE_ERROR', 'it did not work'
      from volume v where v.removed_at is null;
    update journal set container_id = m.container_id, share_id = s.id, operation_id = md5('operation' || m.volume_id)::uuid
      from mount m left join share s on s.volume_id = m.volume_id where m.volume_id = journal.volume_id`);
  const heard = openDatabase(server.url, { onStatement: (sql) => statements.push(sql), readTimeoutMs: STATEMENT_MS });
  counted = heard;
});

afterAll(async () => {
  await closeDatabase(counted);
  await server.stop();
  await proveNothingIsLeft();
});

async function write(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** The database as queries may use it: whoever asks Prisma's client for rows fails. */
const readsOnly = (): Database => ({ readRows: counted.readRows, readNow: counted.readNow }) as Database;

async function run(source: string, variableValues: Record<string, unknown> = {}) {
  statements.length = 0;
  const contextValue = makeContext(servicesFor(readsOnly(), server.url), { id: 'test', name: 'test', role: 'ADMIN', hosts: null });
  return graphql({ schema, source, variableValues, contextValue });
}

/** What a document answers; fails when that is an error. */
async function ask<Data>(source: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const { data, errors } = await run(source, variables);
  expect({ source, errors }).toEqual({ source, errors: undefined });
  return data as Data;
}

/** Where objects of each type are to be had, `$first` or more of them. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  Volume: ['volumes(first: $first)', 'nodes'],
  Host: ['volumes(first: $first)', 'nodes', 'host'],
  Container: ['containers(first: $first)', 'nodes'],
  Mount: ['containers(first: $first)', 'nodes', 'mounts'],
  Share: ['shares(first: $first)', 'nodes'],
  Finding: ['findings(first: $first)', 'nodes'],
  LifecycleEvent: ['events(first: $first)', 'nodes'],
  Operation: ['operations(first: $first)', 'nodes'],
  Backup: ['backups(first: $first)', 'nodes'],
};
/** One of them is all that a query has, and what leads on from it is of a type above. */
const SINGLE = new Set(['Impact', 'PrunePlan', 'SparedVolume']);
/** What only an engine can answer. */
const ASKED_OF_ENGINES = new Set(['FileConnection']);

const compositeFields = (type: GraphQLObjectType) => Object.values(type.getFields()).filter((field) => isCompositeType(getNamedType(field.type)));
const isPlumbing = ({ name }: GraphQLNamedType) => /(Connection|Edge)$/.test(name);

/** Types that queries lead to, with fields that lead on. */
function typesInQueries(): GraphQLObjectType[] {
  const seen = new Set<GraphQLNamedType>();
  const walk = (type: GraphQLNamedType) => {
    if (seen.has(type)) return;
    seen.add(type);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(walk);
    if (isObjectType(type)) for (const field of compositeFields(type)) walk(getNamedType(field.type));
  };
  const query = schema.getQueryType();
  if (query) for (const field of compositeFields(query)) walk(getNamedType(field.type));
  return [...seen].filter((type) => isObjectType(type)).filter((type) => compositeFields(type).length > 0);
}

/** What to ask of a field: leaves of what it leads to, and how many those are where it can be asked. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return '{ id }';
  const leaves = Object.values(type.getFields()).filter(({ type: inner }) => !isCompositeType(getNamedType(inner)));
  const names = leaves.map(({ name }) => name).filter((name) => name !== 'totalCount');
  const nodes = type.getFields()['nodes'];
  if (nodes === undefined) return `{ ${names.join(' ')} }`;
  return `{ ${type.getFields()['totalCount'] === undefined ? '' : 'totalCount'} nodes ${selectionOf(nodes)} pageInfo { hasNextPage endCursor } }`;
}

/** All that stands at the end of a way. */
function objectsAt(data: unknown, way: readonly string[]): Record<string, unknown>[] {
  if (Array.isArray(data)) return data.flatMap((item) => objectsAt(item, way));
  const [first, ...rest] = way;
  if (first === undefined || data === null) return data === null ? [] : [data as Record<string, unknown>];
  return objectsAt((data as Record<string, unknown>)[first.replace(/\(.*/, '')], rest);
}

const isThere = (value: unknown): boolean => {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  const { nodes } = value as { nodes?: unknown[] };
  return nodes === undefined || nodes.length > 0;
};

const CASES = typesInQueries()
  .filter((type) => !isPlumbing(type) && !SINGLE.has(type.name))
  .flatMap((type) =>
    compositeFields(type)
      .filter((field) => !ASKED_OF_ENGINES.has(getNamedType(field.type).name))
      .map((field): [string, GraphQLObjectType, GraphQLField<unknown, unknown>] => [`${type.name}.${field.name}`, type, field]),
  );

test.each(CASES)('%s costs as many statements for many objects as for two', async (_name, type, field) => {
  const way = WAYS[type.name];
  if (way === undefined) throw new Error(`${type.name} has fields that lead on, and it is not said where many of it are to be had`);
  const selection = `${field.name} ${selectionOf(field)}`;
  const document = `query ($first: Int!) { ${way.join(' { ')} { ${selection} } ${' }'.repeat(way.length - 1)} }`;
  const objects = objectsAt(await ask(document, { first: 2 }), way);
  const few = statements.length;
  expect(objects.length).toBeGreaterThan(0);
  const many = objectsAt(await ask(document, { first: 100 }), way);
  expect(many.length).toBeGreaterThanOrEqual(50);
  // What leads nowhere proves nothing.
  expect(many.filter((object) => isThere(object[field.name])).length).toBeGreaterThan(2);
  expect(statements.length).toBeLessThanOrEqual(few);
});

test('lists within lists show the same for each object as asked for it alone', async () => {
  interface Page {
    readonly totalCount?: number;
    readonly nodes: unknown[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string | null };
  }
  const page = (field: string, counted: boolean) =>
    `{ ${counted ? 'totalCount' : ''} nodes { ${field === 'sizes' ? 'measuredAt sizeBytes' : 'id'} } pageInfo { hasNextPage hasPreviousPage endCursor } }`;
  const lists: readonly [type: string, all: string, field: string, rest: string, counted: boolean][] = [
    ['Host', 'hosts { id LIST }', 'volumes', 'orderBy: { field: SIZE, direction: DESC }', true],
    ['Host', 'hosts { id LIST }', 'volumes', 'filter: { hosts: ["host-3", "nowhere"], shared: true, states: [IN_USE, REMOVED] }', true],
    ['Host', 'hosts { id LIST }', 'containers', 'filter: { states: [RUNNING, REMOVED] }', true],
    ['Volume', 'volumes(first: 20) { nodes { id LIST } }', 'events', '', false],
    ['Volume', 'volumes(first: 20) { nodes { id LIST } }', 'backups', '', true],
    ['Volume', 'volumes(first: 20) { nodes { id LIST } }', 'sizes', '', false],
    ['Volume', 'volumes(first: 20) { nodes { id LIST } }', 'sizes', 'newestFirst: true', false],
  ];
  for (const [type, all, field, rest, isCounted] of lists) {
    let after: string | null = null;
    for (let round = 0; round < 2; round += 1) {
      const list: string = `${field}(first: 2, after: ${JSON.stringify(after)}${rest === '' ? '' : `, ${rest}`}) ${page(field, isCounted)}`;
      const together = Object.values(await ask<Record<string, { nodes?: unknown[] } | unknown[]>>(`{ ${all.replace('LIST', list)} }`))[0];
      const objects = (Array.isArray(together) ? together : (together?.nodes ?? [])) as (Record<string, Page> & { id: string })[];
      expect(objects.length).toBeGreaterThan(10);
      for (const object of objects) {
        const { node } = await ask<{ node: Record<string, Page> }>(`query ($id: ID!) { node(id: $id) { ... on ${type} { ${list} } } }`, { id: object.id });
        expect({ list, page: node[field] }).toEqual({ list, page: object[field] });
        expect(object[field]?.pageInfo.hasPreviousPage).toBe(after !== null);
      }
      after = objects.find((object) => object[field]?.pageInfo.hasNextPage === true)?.[field]?.pageInfo.endCursor ?? null;
    }
  }
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

/**
 * Page keys, page rows, count, host, host counts, mounts of volumes, shares, mounts of shares (with theirs), mounts of
 * containers, and up to twice each: containers (by mounts and by shares), volumes. Whether two ways to one table meet in one
 * statement depends on which answer comes first.
 */
const MOST_STATEMENTS = 14;

test('a page of volumes with host, mounts, containers and shares costs a bounded number of statements, however long it is', async () => {
  for (const first of [1, 2, 50, 100, 120, 100, 50]) {
    expect((await ask<{ volumes: { nodes: unknown[] } }>(PAGE, { first })).volumes.nodes).toHaveLength(first);
    expect(statements.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  }
});

test('counting a list costs nothing when nobody asks for it', async () => {
  await ask('{ volumes(first: 5) { nodes { name } } hosts { volumes(first: 5) { nodes { name } } } }');
  expect(statements.filter((sql) => /count\(/i.test(sql))).toEqual([]);
});

test('a name is that of what lives, else of the newest of its history; an id of a container comes before a name', async () => {
  const gone = `select md5('old' || n)::uuid, host_id, 'again', 'local', 'local', '/v', false, 'REMOVED'::"VolumeState", now(), now() - n * interval '1 day'
    from (select host_id from volume where name = 'web_data') h cross join generate_series(1, 3) n`;
  const columns = 'id, host_id, name, driver, scope, mountpoint, anonymous, state, first_seen_at, removed_at';
  await write(`insert into volume (${columns}) ${gone}`);
  const { volumes } = await ask<{ volumes: { nodes: { host: { name: string } }[] } }>(
    '{ volumes(filter: { names: ["web_data"] }) { nodes { host { name } } } }',
  );
  const host = volumes.nodes[0]?.host.name ?? '';
  const removedAt = async () => {
    const { volume } = await ask<{ volume: { id: string; removedAt: string | null; host: { name: string }; mounts: unknown[] } }>(
      'query ($host: String!) { volume(host: $host, name: "again") { id removedAt host { name } mounts { id } } }',
      { host },
    );
    expect(volume.host.name).toBe(host);
    expect(statements).toHaveLength(1);
    return volume.removedAt;
  };
  const newest = await ask<{ volumes: { nodes: { removedAt: string }[] } }>(
    '{ volumes(filter: { names: ["again"], states: [REMOVED] }) { nodes { removedAt } } }',
  );
  const times = newest.volumes.nodes.map((volume) => volume.removedAt).sort();
  expect(times).toHaveLength(3);
  expect(await removedAt()).toBe(times[2]);
  await write(`update volume set state = 'DANGLING', removed_at = null where id = md5('old3')::uuid`);
  expect(await removedAt()).toBeNull();

  await write(
    `update container set name = (select engine_id from container where id = md5('container0')::uuid) where id = md5('container${String(SIZE.hosts)}')::uuid`,
  );
  const { container } = await ask<{ container: { id: string; name: string } }>('query ($id: String!) { container(host: "host-0", name: $id) { id name } }', {
    id: (await ask<{ container: { engineId: string } }>('{ container(host: "host-0", name: "app-0.1") { engineId } }')).container.engineId,
  });
  expect(container.name).toBe('app-0.1');
  expect(
    await ask('{ volume(host: "nowhere", name: "again") { id } container(host: "nowhere", name: "app-0.1") { id } host(name: "nowhere") { id } }'),
  ).toEqual({
    volume: null,
    container: null,
    host: null,
  });
});

/** Root fields that read nothing of the inventory: who asks, what may be asked for, and what is written down for the asking. */
const NOT_READ = new Set(['viewer', 'limits', 'tokens', 'prunePlan']);

test('whatever a query reads, no statement of it takes longer than the limit', async () => {
  const { volumes, containers, shares, operations, backups, events, hosts } = await ask<
    Record<string, { nodes: { id: string; mounts?: { id: string }[] }[] }> & {
      hosts: { id: string }[];
    }
  >(`{
    hosts { id }
    volumes(first: 1) { nodes { id } } containers(first: 1) { nodes { id mounts { id } } } shares(first: 1) { nodes { id } }
    operations(first: 1) { nodes { id } } backups(first: 1) { nodes { id } } events(first: 1) { nodes { id } }
  }`);
  const ids = [volumes, containers, shares, operations, backups, events].map((page) => page?.nodes[0]?.id ?? '');
  ids.push(hosts[0]?.id ?? '', containers?.nodes[0]?.mounts?.[0]?.id ?? '');
  const named: Readonly<Record<string, readonly string[]>> = {
    node: ids.map((id) => `(id: ${JSON.stringify(id)})`),
    host: ['(name: "host-1")'],
    volume: ['(host: "host-1", name: "web_data")'],
    container: ['(host: "host-1", name: "app-1.1")'],
    impact: ['(host: "host-1")', '(storage: "nas.example")', '(storage: "/srv")'],
    operation: [`(id: ${JSON.stringify(ids[3])})`],
  };
  const documents = Object.values(schema.getQueryType()?.getFields() ?? {})
    .filter(({ name }) => !NOT_READ.has(name))
    .flatMap((field) => {
      const selection = isCompositeType(getNamedType(field.type)) ? rootSelection(field) : '';
      return (named[field.name] ?? ['']).map((args) => `{ ${field.name}${args} ${selection} }`);
    });
  expect(documents.length).toBeGreaterThan(20);
  const lock = new pg.Client({ connectionString: server.url });
  await lock.connect();
  const { rows } = await lock.query<{ name: string }>(`select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`);
  await lock.query('begin');
  await lock.query(`lock table ${rows.map(({ name }) => name).join(', ')} in access exclusive mode`);
  try {
    const answers = await Promise.all(
      documents.map(async (document) => {
        const { errors } = await run(document);
        const shown = errors?.map((error) => formatError(error, silent));
        return { document, code: shown?.[0]?.extensions?.['code'], setting: shown?.[0]?.message.includes('STOWAGE_STATEMENT_SECONDS') };
      }),
    );
    expect(answers).toEqual(documents.map((document) => ({ document, code: 'LIMIT_EXCEEDED', setting: true })));
  } finally {
    await lock.end();
  }
});

/** Something of what a field of the query leads to. */
function rootSelection(field: GraphQLField<unknown, unknown>): string {
  if (field.name === 'impact') return '{ composeProjects }';
  const type = getNamedType(field.type);
  if (isObjectType(type) && type.getFields()['nodes'] !== undefined) return '{ nodes { __typename } }';
  return isListType(getNullableType(field.type)) || isCompositeType(type) ? '{ id }' : '';
}
