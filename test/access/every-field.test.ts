import 'reflect-metadata';
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  type ExecutionResult,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';
import { v7 as newId } from 'uuid';
import { ROOT_FIELDS } from '../../src/access/access-table.js';
import type { Caller } from '../../src/access/caller.js';
import type { CommandContext } from '../../src/commands/context.js';
import { makeContext, type Services } from '../../src/graphql/context.js';
import { formatError } from '../../src/graphql/errors.js';
import { makeExecutor, type Executor } from '../../src/graphql/executor.js';
import { undecidedFields } from '../../src/graphql/guards.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { addHost, newHostId, removeHost, type Host } from '../../src/inventory/hosts.js';
import { emptyPicture } from '../../src/inventory/picture.js';
import { applyChanges } from '../../src/inventory/store.js';
import { appendEntries } from '../../src/journal/append.js';
import { requestOperation } from '../../src/operations/records.js';
import { holdLease, silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { servicesFor } from '../harness/services.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { bindMount, containerFacts, look, seeAll, volumeFacts, volumeMount } from '../inventory/engine-states.js';

// Every field of the emitted schema is asked for as every role, with all hosts and with one of two. What belongs to the
// other host bears its name, so that it is known wherever it appears.

const schema = makeSchema();
const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const;
/** The host that exists for the narrowed callers, and the one that does not. */
const [SEEN, HIDDEN] = ['alpha', 'hidden'];
/** How deep fields are followed below a root field. */
const DEPTH = 3;

let server: TestDatabase;
let services: Services;
let execute: Executor;
let hosts: Readonly<Record<string, Host>>;
/** Ids of the hidden host and of all that belongs to it. */
let hiddenIds: string[];
/** An id of each type, of one host. */
let idsOf: Readonly<Record<string, Readonly<Record<string, string>>>>;

beforeAll(async () => {
  server = await startDatabase();
  execute = makeExecutor(schema);
  await server.database.$executeRaw`create schema graphile_worker`;
  await server.database
    .$executeRaw`create function graphile_worker.add_job(identifier text, payload json, job_key text, run_at timestamptz) returns text language sql as 'select ''''::text'`;
  hosts = { [SEEN]: await fill(SEEN), [HIDDEN]: await fill(HIDDEN) };
  await fillWork();
  const base = servicesFor(server.database, server.url);
  const commands = { ...base.commands, database: server.database, log: silent, committed: () => undefined, allowedHostPaths: undefined } as CommandContext;
  services = { ...base, commands };
  await server.database.accessToken.create({ data: { id: newId(), name: 'some', role: 'ADMIN', hash: Buffer.from('x') } });
  hiddenIds = await idsOfHost(HIDDEN);
  idsOf = { [SEEN]: await idByType(SEEN), [HIDDEN]: await idByType(HIDDEN) };
});

afterAll(async () => {
  await server.stop();
  await proveNothingIsLeft();
});

/** A host with volumes and containers that bear its name. Both mount the same export of a server, and so do others of each. */
async function fill(name: string): Promise<Host> {
  const host = await addHost(server.database, { id: newHostId(), name, endpoint: `unix:///${name}`, labels: { of: name }, credentials: null }, 'test');
  const engine = { id: name, version: '24', apiVersion: '1.43', os: 'linux', arch: 'amd64', name };
  await server.database.host.update({ where: { id: host.id }, data: { engine, status: 'ONLINE' } });
  const exported = { type: 'nfs', o: `addr=nas.example,rw${name === HIDDEN ? ',soft' : ''}`, device: ':/export' };
  const inner = { type: 'nfs', o: 'addr=nas.example,rw', device: ':/export/inner' };
  const secret = { type: 'cifs', o: 'username=u,password=secret', device: `//${name}/media` };
  const [data, whole, part, cifs] = [`${name}-data`, `${name}-export`, `${name}-part`, `${name}-cifs`];
  const volumes = new Map([
    [data, volumeFacts(data, { labels: { of: name, 'com.docker.compose.project': `${name}-project` } })],
    [whole, volumeFacts(whole, { options: exported })],
    [part, volumeFacts(part, { options: inner })],
    [cifs, volumeFacts(cifs, { options: secret })],
    // The same name on both, with options that differ.
    ['common', volumeFacts('common', { options: exported })],
    ['plugged', volumeFacts('plugged', { driver: 'plugin', scope: 'global' })],
  ]);
  const letters = name === SEEN ? ['a', 'b', 'c'] : ['d', 'e', 'f'];
  const [web = '', worker = '', taker = ''] = letters.map((letter) => letter.repeat(64));
  const running = { state: 'RUNNING', startedAt: 1_000 } as const;
  const containers = new Map([
    [web, containerFacts(web, { name: `${name}-web`, ...running, mounts: [volumeMount(data), volumeMount(whole), bindMount(`/etc/${name}`)] })],
    [
      worker,
      containerFacts(worker, { name: `${name}-worker`, ...running, mounts: [volumeMount(data, '/p', true), volumeMount(part), volumeMount('plugged')] }),
    ],
    [taker, containerFacts(taker, { name: `${name}-taker`, labels: { of: name }, mounts: [volumeMount('common'), bindMount('/var/run/docker.sock')] })],
  ]);
  const lease = await holdLease(server.database, host.id);
  await applyChanges(server.database, testSealer, lease, host, look(emptyPicture(host), seeAll({ volumes, containers }), newId));
  return host;
}

/** Operations and backups of one host, of the other, and of both; entries of the journal that tell of both, and of access. */
async function fillWork(): Promise<void> {
  const { database } = server;
  for (const name of [SEEN, HIDDEN]) {
    const host = hosts[name] as Host;
    const volume = await database.volume.findFirstOrThrow({ where: { hostId: host.id, name: `${name}-data` } });
    const source = { hostId: host.id, volumeId: volume.id, name: volume.name };
    const backupId = newId();
    const sizes = { sizeBytes: 1n, contentBytes: 1n, fileCount: 1, entryCount: 1 };
    const facts = { sha256: 'x', manifestSha256: 'x', location: name, encrypted: false, quiesce: 'LIVE' as const, consistent: true };
    const of = { hostId: host.id, hostName: name, volumeId: volume.id, volumeName: volume.name };
    await database.backup.create({ data: { id: backupId, ...of, createdAt: new Date(), ...sizes, ...facts } });
    await database.backupPolicy.create({
      data: { volumeId: volume.id, cron: '0 0 * * *', quiesce: 'LIVE', keepLast: 1, keepDaily: 0, keepWeekly: 0, requestedBy: name, nextRunAt: new Date() },
    });
    for (const other of [SEEN, HIDDEN]) {
      const target = { hostId: hosts[other]?.id ?? '', name: `${other}-copy` };
      await requestOperation(database, { kind: name === other ? 'CLONE' : 'MIGRATE', requestedBy: `${name}-op`, input: {}, source, target });
      const restored = await requestOperation(database, { kind: 'RESTORE', requestedBy: `${name}-op`, input: {}, target, backupId });
      await database.operation.update({
        where: { id: restored.id },
        data: { problemCode: 'CONFLICT', problemMessage: `on ${name} and ${other}`, state: 'FAILED' },
      });
    }
    await requestOperation(database, { kind: 'VERIFY', requestedBy: `${name}-op`, input: {}, backupId });
    await requestOperation(database, { kind: 'MEASURE', requestedBy: `${name}-op`, input: { hostIds: [host.id] } });
  }
  await requestOperation(database, { kind: 'MEASURE', requestedBy: HIDDEN, input: { hostIds: Object.values(hosts).map(({ id }) => id) } });
  const seen = { id: hosts[SEEN]?.id ?? '', name: SEEN };
  await database.$transaction((transaction) =>
    appendEntries(transaction, [
      { type: 'CHANGE_REFUSED', source: 'GATEWAY', occurredAt: 1, host: seen, actor: HIDDEN, address: '192.0.2.1', attributes: { to: HIDDEN } },
      { type: 'SIGN_IN_FAILED', source: 'GATEWAY', occurredAt: 1, address: '192.0.2.1', attributes: {} },
      { type: 'VOLUME_UPDATED', source: 'GATEWAY', occurredAt: 1, host: seen, address: '192.0.2.1', attributes: {} },
    ]),
  );
}

async function idsOfHost(name: string): Promise<string[]> {
  const { database } = server;
  const hostId = hosts[name]?.id ?? '';
  const where = { where: { hostId } };
  const containers = await database.container.findMany(where);
  const mounts = await database.mount.findMany({ where: { container: { hostId } } });
  const rows = [
    ...(await database.volume.findMany(where)),
    ...containers,
    ...mounts,
    ...(await database.share.findMany(where)),
    ...(await database.backup.findMany(where)),
  ];
  const operations = await database.operation.findMany({ where: { OR: [{ sourceHostId: hostId }, { targetHostId: hostId }] } });
  return [hostId, ...rows.map(({ id }) => id), ...operations.map(({ id }) => id)];
}

async function idByType(name: string): Promise<Record<string, string>> {
  const { database } = server;
  const hostId = hosts[name]?.id ?? '';
  const where = { where: { hostId } };
  const [volume, container, share, backup, operation, mount, entry] = await Promise.all([
    database.volume.findFirstOrThrow(where),
    database.container.findFirstOrThrow(where),
    database.share.findFirstOrThrow(where),
    database.backup.findFirstOrThrow(where),
    database.operation.findFirstOrThrow({ where: { sourceHostId: hostId, targetHostId: hostId } }),
    database.mount.findFirstOrThrow({ where: { container: { hostId } } }),
    database.journalEntry.findFirstOrThrow(where),
  ]);
  return {
    Host: hostId,
    Volume: volume.id,
    Container: container.id,
    Share: share.id,
    Backup: backup.id,
    Operation: operation.id,
    Mount: mount.id,
    LifecycleEvent: String(entry.position),
  };
}

function caller(role: Caller['role'], scope: readonly string[] | null): Caller {
  return { id: `${role} ${String(scope)}`, name: `a ${role}`, role, hosts: scope === null ? null : scope.map((name) => ({ name, id: hosts[name]?.id })) };
}

async function ask(who: Caller, text: string): Promise<ExecutionResult> {
  return execute({ document: parse(text), operationName: undefined, variables: undefined, context: makeContext(services, who) });
}

/** What no query can be answered with here, since no engines run. */
const ASKED_OF_ENGINES = ['FileConnection'];
/** The journal outlives what it tells of. */
const OUTLIVING = ['LifecycleEventConnection'];

/** All of an object, some fields deep. */
function everythingOf(type: GraphQLObjectType, depth: number, without: readonly string[]): string {
  const parts = Object.values(type.getFields()).flatMap((field): string[] => {
    const inner = getNamedType(field.type);
    if (without.includes(inner.name)) return [];
    if (!isObjectType(inner)) return [field.name];
    return depth === 1 ? [] : [`${field.name} { ${everythingOf(inner, depth - 1, without)} }`];
  });
  return parts.length === 0 ? '__typename' : parts.join(' ');
}

/** A field with arguments that name a host and what is on it. */
function fieldText(field: GraphQLField<unknown, unknown>, host: string, without: readonly string[] = ASKED_OF_ENGINES): string {
  const given = field.args.filter((argument) => isRequiredArgument(argument) || NAMING.has(argument.name));
  const args = given.map((argument) => `${argument.name}: ${valueFor(argument.name, argument.type, host, field.name)}`).join(', ');
  const type = getNamedType(field.type);
  const selection =
    type.name === 'Node'
      ? ` { ${NODE_TYPES.map((possible) => `... on ${possible.name} { ${aliased(possible)} }`).join(' ')} }`
      : isObjectType(type)
        ? ` { ${everythingOf(type, DEPTH, without)} }`
        : '';
  return `${field.name}${args === '' ? '' : `(${args})`}${selection}`;
}

const NODE_TYPES = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type))
  .filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'));

/** Fields of several types in one selection must not have one name and several types. */
function aliased(type: GraphQLObjectType): string {
  return Object.values(type.getFields())
    .filter((field) => !isObjectType(getNamedType(field.type)))
    .map(({ name }) => `${type.name}_${name}: ${name}`)
    .join(' ');
}

/** Optional arguments that are given all the same: they name hosts and what is on them. */
const NAMING = new Set(['host', 'hosts']);

function valueFor(name: string, type: GraphQLInputType, host: string, field: string): string {
  const inner = getNullableType(type);
  if (isListType(inner)) return `[${valueFor(name, inner.ofType as GraphQLInputType, host, field)}]`;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter((each) => isRequiredInputField(each) || NAMING.has(each.name));
    return `{ ${fields.map((each) => `${each.name}: ${valueFor(each.name, each.type, host, field)}`).join(', ')} }`;
  }
  if (isEnumType(inner)) return inner.getValues()[0]?.name ?? '';
  if (name === 'host' || name === 'hosts' || name === 'toHost') return JSON.stringify(host);
  if (inner.toString() === 'ID') {
    const wanted =
      name === 'backup' ? 'Backup' : field === 'node' ? 'Volume' : name === 'planId' ? undefined : field === 'revokeToken' ? 'AccessToken' : 'Operation';
    return JSON.stringify(wanted === undefined ? newId() : `${wanted}:${idsOf[host]?.[wanted] ?? newId()}`);
  }
  if (inner.toString() === 'Boolean') return 'false';
  if (inner.toString() === 'String') return JSON.stringify(name === 'name' && field !== 'createToken' ? `${host}-data` : 'x1');
  return '1';
}

const roots = (['Query', 'Mutation'] as const).flatMap((root) => {
  const type = schema.getType(root);
  if (!isObjectType(type)) throw new Error(`${root} is no type of objects`);
  return Object.values(type.getFields()).map((field) => ({ root, field, name: `${root}.${field.name}` }));
});

function codesOf({ errors }: ExecutionResult): string[] {
  return (errors ?? []).map((error) => String(formatError(error, silent).extensions?.['code']));
}

test('every query, mutation and subscription has an entry in the access table, and no entry is for a field that is not there', () => {
  expect(undecidedFields(schema)).toEqual([]);
  for (const root of ['Query', 'Mutation', 'Subscription'] as const) {
    const type = schema.getType(root);
    expect(isObjectType(type) ? Object.keys(type.getFields()).sort() : undefined).toEqual(Object.keys(ROOT_FIELDS[root]).sort());
  }
});

test.each(roots.map(({ name }) => name))('%s is open to the roles of the table and to no other, with all hosts and with one', async (place) => {
  const { root, field } = roots.find(({ name }) => name === place) as (typeof roots)[number];
  const rule = ROOT_FIELDS[root][field.name];
  for (const role of ROLES) {
    for (const scope of [null, [SEEN], []]) {
      const codes = codesOf(await ask(caller(role, scope), `${root.toLowerCase()} { ${fieldText(field, SEEN)} }`));
      const mayUse = ROLES.indexOf(role) >= ROLES.indexOf(rule?.role ?? 'ADMIN') && (scope === null || rule?.hosts.kind !== 'ALL_HOSTS');
      expect({ role, scope, isForbidden: codes.includes('FORBIDDEN') }).toEqual({ role, scope, isForbidden: !mayUse });
    }
  }
});

/** What a caller with one host must never be shown. */
function traces(shown: unknown): string[] {
  const text = JSON.stringify(shown);
  return [...(text.match(new RegExp(`.{0,60}${HIDDEN}.{0,40}`, 'g')) ?? []), ...hiddenIds.filter((id) => text.includes(id))];
}

test.each(roots.filter(({ root }) => root === 'Query').map(({ name }) => name))(
  '%s shows nothing of a host that does not exist for the caller',
  async (place) => {
    const { field } = roots.find(({ name }) => name === place) as (typeof roots)[number];
    for (const role of ROLES) {
      for (const host of [SEEN, HIDDEN]) {
        const { data, errors } = await ask(caller(role, [SEEN]), `{ ${fieldText(field, host)} }`);
        const messages = errors?.map(({ message }) => message.replaceAll(`"${HIDDEN}"`, '"a name that was asked for"'));
        expect({ role, host, traces: traces({ data, messages }) }).toEqual({ role, host, traces: [] });
      }
    }
  },
);

test('what is on another host is not found by its id, whatever its type', async () => {
  for (const [type, id] of Object.entries(idsOf[HIDDEN] ?? {})) {
    const text = `{ node(id: "${type}:${id}") { id } }`;
    expect({ type, found: (await ask(caller('ADMIN', [SEEN]), text)).data?.['node'] }).toEqual({ type, found: null });
    expect({ type, found: (await ask(caller('ADMIN', null), text)).data?.['node'] }).not.toEqual({ type, found: null });
  }
});

test.each(roots.filter(({ root, field }) => root === 'Mutation' && ROOT_FIELDS.Mutation[field.name]?.hosts.kind === 'NAMED').map(({ name }) => name))(
  '%s says of a host that does not exist for the caller what it says of one that nobody has',
  async (place) => {
    const { field } = roots.find(({ name }) => name === place) as (typeof roots)[number];
    const said = async (host: string) => {
      const { errors } = await ask(caller('ADMIN', [SEEN]), `mutation { ${fieldText(field, host)} }`);
      return errors?.map((error) => {
        const { message, extensions } = formatError(error, silent);
        return { message: message.replaceAll(host, 'it'), code: extensions?.['code'] };
      });
    };
    expect(await said(HIDDEN)).toEqual(await said('nobody'));
    expect(await said(HIDDEN)).toMatchObject([{ code: 'NOT_FOUND' }]);
  },
);

test('a caller with one host is shown what there is when the other is gone', async () => {
  const rootFields = ['hosts', 'volumes', 'containers', 'shares', 'findings'].map((name) => schema.getQueryType()?.getFields()[name]);
  const filters = [
    'volumes(filter: { shared: true }) { totalCount nodes { name } }',
    'volumes(filter: { shared: false }) { totalCount nodes { name } }',
    'shares(filter: { crossHost: true }) { totalCount nodes { identity } }',
    'shares(filter: { risks: [MULTIPLE_WRITERS] }) { totalCount nodes { identity } }',
    'shares(filter: { kinds: [NETWORK] }) { totalCount nodes { identity writers readers risks containers { name } } }',
    'containers(filter: { risks: [CROSS_HOST_WRITERS, MULTIPLE_WRITERS] }) { totalCount nodes { name risks } }',
    'impact(storage: "nas.example") { containers { name } volumes { name } shares { identity hosts { name } } composeProjects }',
    'operations { totalCount nodes { kind } }',
    'backups { totalCount nodes { volumeName } }',
  ];
  const questions = [...rootFields.map((field) => (field === undefined ? '' : fieldText(field, SEEN, [...ASKED_OF_ENGINES, ...OUTLIVING]))), ...filters].map(
    (text) => `{ ${text} }`,
  );
  const inView: unknown[] = [];
  for (const text of questions) inView.push(await ask(caller('ADMIN', [SEEN]), text));
  // Each is answered, and something is hidden in each.
  for (const [index, text] of questions.entries()) {
    expect((inView[index] as ExecutionResult).errors).toBeUndefined();
    expect(inView[index]).not.toEqual(await ask(caller('ADMIN', null), text));
  }
  await removeHost(server.database, hosts[HIDDEN] as Host, 'test');
  await server.database.backup.deleteMany({ where: { hostName: HIDDEN } });
  await server.database.operation.deleteMany({ where: { id: { in: hiddenIds } } });
  await server.database.operation.deleteMany({ where: { requestedBy: { startsWith: HIDDEN } } });
  for (const [index, text] of questions.entries()) expect({ text, answer: inView[index] }).toEqual({ text, answer: await ask(caller('ADMIN', null), text) });
});
