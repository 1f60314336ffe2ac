import 'reflect-metadata';
import {
  createSourceEventStream,
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
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';
import { v7 as newId } from 'uuid';
import { ROOT_FIELDS, TYPE_FIELDS } from '../../src/access/access-table.js';
import type { Caller } from '../../src/access/caller.js';
import type { CommandContext } from '../../src/commands/context.js';
import { makeContext, type Services } from '../../src/graphql/context.js';
import { formatError } from '../../src/graphql/errors.js';
import { makeExecutor, type Executor } from '../../src/graphql/executor.js';
import { Broadcast, isRefusal } from '../../src/graphql/live/broadcast.js';
import type { Outlet } from '../../src/graphql/live/batch.js';
import { undecidedFields } from '../../src/graphql/guards.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { addHost, newHostId, removeHost, type Host } from '../../src/inventory/hosts.js';
import { emptyPicture } from '../../src/inventory/picture.js';
import { applyChanges } from '../../src/inventory/store.js';
import { appendEntries } from '../../src/journal/append.js';
import { formatCursor } from '../../src/journal/read.js';
import { requestOperation } from '../../src/operations/records.js';
import { holdLease, silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { servicesFor } from '../harness/services.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';
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
  hosts = { [SEEN]: await fill(SEEN), [HIDDEN]: await fill(HIDDEN) };
  await fillWork();
  const base = servicesFor(server.database, server.url);
  const commands = { ...base.commands, database: server.database, log: silent, committed: () => undefined, allowedHostPaths: undefined } as CommandContext;
  services = { ...base, commands };
  await services.control.start();
  await services.feed.start();
  await server.database.accessToken.create({ data: { id: newId(), name: 'some', role: 'ADMIN', hash: Buffer.from('x') } });
  hiddenIds = await idsOfHost(HIDDEN);
  idsOf = { [SEEN]: await idByType(SEEN), [HIDDEN]: await idByType(HIDDEN) };
});

afterAll(async () => {
  await services.operationFeed.stop();
  await services.feed.stop();
  await services.control.stop();
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
    const facts = { sha256: 'x', manifestSha256: 'x', location: `file:///somewhere/${name}`, encrypted: false, quiesce: 'LIVE' as const, consistent: true };
    const of = { hostId: host.id, hostName: name, volumeId: volume.id, volumeName: volume.name };
    await database.backup.create({ data: { id: backupId, ...of, createdAt: new Date(), ...sizes, ...facts } });
    await database.volumeSize.create({ data: { volumeId: volume.id, measuredAt: new Date(), sizeBytes: 1n } });
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
  return {
    id: `${role} ${String(scope)}`,
    name: `a ${role}`,
    role,
    hosts: scope === null ? null : scope.map((name) => ({ name, id: hosts[name]?.id, enabled: true })),
  };
}

async function ask(who: Caller, text: string): Promise<ExecutionResult> {
  return execute({ document: parse(text), operationName: undefined, variables: undefined, context: makeContext(services, who) });
}

/** Begins a subscription, and leaves it: what it was refused with, if it was. */
async function begin(who: Caller, text: string): Promise<ExecutionResult> {
  const stream = await createSourceEventStream({ schema, document: parse(text), contextValue: makeContext(services, who) });
  return Symbol.asyncIterator in stream ? {} : stream;
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

/** The host that each place in the arguments of a field is about. */
type HostAt = (place: string) => string;

/** A field with arguments that name a host and what is on it. */
function fieldText(field: GraphQLField<unknown, unknown>, host: string | HostAt, without: readonly string[] = ASKED_OF_ENGINES): string {
  const hostAt = typeof host === 'string' ? () => host : host;
  const args = givenTo(field).map((argument) => `${argument.name}: ${valueFor(argument.name, argument.type, hostAt, field.name)}`);
  const type = getNamedType(field.type);
  const selection =
    type.name === 'Node'
      ? ` { ${NODE_TYPES.map((possible) => `... on ${possible.name} { ${aliased(possible)} }`).join(' ')} }`
      : isObjectType(type)
        ? ` { ${everythingOf(type, DEPTH, without)} }`
        : '';
  return `${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${selection}`;
}

function givenTo(field: GraphQLField<unknown, unknown>) {
  return field.args.filter((argument) => isRequiredArgument(argument) || NAMING.has(argument.name));
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
/** Arguments whose values are names of hosts. */
const HOST_NAMES = new Set(['host', 'hosts', 'toHost']);

function valueFor(name: string, type: GraphQLInputType, hostAt: HostAt, field: string, place = name): string {
  const inner = getNullableType(type);
  if (isListType(inner)) return `[${valueFor(name, inner.ofType, hostAt, field, place)}]`;
  if (isInputObjectType(inner)) {
    const given = fieldsOf(inner).map((each) => `${each.name}: ${valueFor(each.name, each.type, hostAt, field, `${place}.${each.name}`)}`);
    return `{ ${given.join(', ')} }`;
  }
  if (isEnumType(inner)) return inner.getValues()[0]?.name ?? '';
  const host = hostAt(place);
  if (HOST_NAMES.has(name)) return JSON.stringify(host);
  if (inner.toString() === 'ID') {
    const wanted = typeOfId(name, field);
    return JSON.stringify(wanted === undefined ? newId() : `${wanted}:${idsOf[host]?.[wanted] ?? newId()}`);
  }
  if (inner.toString() === 'Boolean') return 'false';
  if (inner.toString() === 'String') return JSON.stringify(name === 'name' && field !== 'createToken' ? `${host}-data` : 'x1');
  return '1';
}

function fieldsOf(type: GraphQLInputObjectType) {
  return Object.values(type.getFields()).filter((each) => isRequiredInputField(each) || NAMING.has(each.name));
}

/** Of what an id is; undefined for one of a plan. */
function typeOfId(name: string, field: string): string | undefined {
  if (name === 'backup') return 'Backup';
  if (name === 'planId') return undefined;
  if (field === 'node') return 'Volume';
  return field === 'revokeToken' ? 'AccessToken' : 'Operation';
}

/** Where names of hosts, and ids of what belongs to hosts, stand in the arguments of a field. */
function placesOf(field: GraphQLField<unknown, unknown>): string[] {
  const within = (name: string, type: GraphQLInputType, place: string): string[] => {
    const inner = getNamedType(type);
    if (isInputObjectType(inner)) return fieldsOf(inner).flatMap((each) => within(each.name, each.type, `${place}.${each.name}`));
    return HOST_NAMES.has(name) || (inner.name === 'ID' && typeOfId(name, field.name) !== undefined) ? [place] : [];
  };
  return givenTo(field).flatMap((argument) => within(argument.name, argument.type, argument.name));
}

const roots = (['Query', 'Mutation', 'Subscription'] as const).flatMap((root) => {
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
      const text = `${root.toLowerCase()} { ${fieldText(field, SEEN)} }`;
      const codes = codesOf(await (root === 'Subscription' ? begin(caller(role, scope), text) : ask(caller(role, scope), text)));
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

/** Subscribes as a caller, and gives all that is told, as text; ends when `isAll` says so of it. */
async function told(who: Caller, text: string, isAll: (told: readonly string[]) => boolean): Promise<string[]> {
  const broadcast = new Broadcast(schema, services, silent);
  const all: string[] = [];
  const outlet: Outlet = {
    write: ({ answers }, from) => all.push(...answers.slice(from).map(({ json }) => json)),
    isDrained: true,
    onceDrained: (callback) => {
      callback();
    },
  };
  const document = parse(text);
  const subscription = { id: text, document, operationName: undefined, variables: undefined, innerVariables: {}, cost: 1, weight: 1 };
  const member = await broadcast.subscribe(subscription, makeContext(services, who), outlet);
  if (isRefusal(member)) return [JSON.stringify({ errors: member.errors?.map((error) => formatError(error, silent)) })];
  await eventually(
    () => {
      expect(isAll(all)).toBe(true);
    },
    { what: 'everything is told' },
  );
  await member.return();
  broadcast.stop();
  return all;
}

describe('a subscription', () => {
  const selection = (name: string): string => {
    const type = schema.getType(name);
    return isObjectType(type) ? everythingOf(type, DEPTH, ASKED_OF_ENGINES) : '';
  };

  test.each(ROLES)('to events tells %s what a query for events shows, and nothing of a host that does not exist for the caller', async (role) => {
    const text = `subscription { events(after: "${formatCursor(0n)}") { ${selection('LifecycleEvent')} } }`;
    for (const scope of [[SEEN], null]) {
      const who = caller(role, scope);
      const { data } = await ask(who, '{ events(first: 500) { nodes { cursor } } }');
      const cursors = (data?.['events'] as { nodes: { cursor: string }[] }).nodes.map(({ cursor }) => cursor);
      const all = await told(who, text, ({ length }) => length >= cursors.length);
      expect(all.map((json) => (JSON.parse(json) as { data: { events: { cursor: string } } }).data.events.cursor)).toEqual(cursors);
      if (scope === null) expect(traces(all)).not.toEqual([]);
      else expect({ role, traces: traces(all) }).toEqual({ role, traces: [] });
    }
  });

  test('to events refuses a field in the name of all who ask for the same, and not of one of them', async () => {
    const who = caller('VIEWER', [SEEN]);
    const text = `subscription { events(after: "${formatCursor(0n)}", filter: { types: [VOLUME_CREATED] }) { volume { files(path: "/") { nodes { path } } } } }`;
    const [first = ''] = await told(who, text, ({ length }) => length > 0);
    expect(first).toContain('needs the role OPERATOR, and \\"subscribers with the role VIEWER\\" has VIEWER');
    expect(first).not.toContain(who.name);
  });

  test.each(ROLES)('to an operation tells %s nothing of a host that does not exist for the caller', async (role) => {
    const who = caller(role, [SEEN]);
    const { data } = await ask(who, '{ operations(first: 500) { nodes { id } } }');
    const ids = (data?.['operations'] as { nodes: { id: string }[] }).nodes.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(3);
    for (const id of ids) {
      const all = await told(who, `subscription { operation(id: "${id}") { ${selection('Operation')} } }`, ({ length }) => length > 0);
      expect({ id, traces: traces(all), isTold: all.join('').includes(id) }).toEqual({ id, traces: [], isTold: true });
    }
    const hidden = `subscription { operation(id: "Operation:${idsOf[HIDDEN]?.['Operation'] ?? ''}") { id } }`;
    expect(await told(who, hidden, () => true)).toEqual(await told(who, hidden.replace(/Operation:[^"]*/, `Operation:${newId()}`), () => true));
    expect((await told(caller(role, null), hidden, ({ length }) => length > 0)).join('')).toContain('"operation":{"id"');
  });
});

test('what is on another host is not found by its id, whatever its type', async () => {
  for (const [type, id] of Object.entries(idsOf[HIDDEN] ?? {})) {
    const text = `{ node(id: "${type}:${id}") { id } }`;
    expect({ type, found: (await ask(caller('ADMIN', [SEEN]), text)).data?.['node'] }).toEqual({ type, found: null });
    expect({ type, found: (await ask(caller('ADMIN', null), text)).data?.['node'] }).not.toEqual({ type, found: null });
  }
});

const naming = roots
  .filter(({ root, field }) => root === 'Mutation' && ROOT_FIELDS.Mutation[field.name]?.hosts.kind === 'NAMED')
  .flatMap(({ name, field }) => placesOf(field).map((place) => ({ name, place, field })));

test.each(naming)('$name says of a host that does not exist for the caller, at $place, what it says of one that nobody has', async ({ field, place }) => {
  const said = async (host: string) => {
    const text = fieldText(field, (each) => (each === place ? host : SEEN));
    const { errors } = await ask(caller('ADMIN', [SEEN]), `mutation { ${text} }`);
    return errors?.map((error) => {
      const { message, extensions } = formatError(error, silent);
      return { message: message.replaceAll(host, 'it'), code: extensions?.['code'] };
    });
  };
  expect(await said(HIDDEN)).toEqual(await said('nobody'));
  expect(await said(HIDDEN)).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test.each(Object.entries(TYPE_FIELDS))('%s is open to the role of the table, and to others as it says', async (place, { role: least, otherwise }) => {
  const [type = '', name = ''] = place.split('.');
  const field = schema.getType(type);
  const argument = isObjectType(field) ? fieldText(field.getFields()[name] as GraphQLField<unknown, unknown>, SEEN) : '';
  for (const role of ROLES) {
    for (const scope of [null, [SEEN]]) {
      const who = caller(role, scope);
      const result = await ask(who, `{ node(id: "${type}:${idsOf[SEEN]?.[type] ?? ''}") { ... on ${type} { shown: ${argument} } } }`);
      const isForbidden = codesOf(result).includes('FORBIDDEN');
      const shown = (result.data?.['node'] as { shown?: unknown } | null | undefined)?.shown;
      if (ROLES.indexOf(role) >= ROLES.indexOf(least)) expect({ role, scope, isForbidden }).toEqual({ role, scope, isForbidden: false });
      else
        expect({ role, scope, isForbidden, shown }).toMatchObject({
          role,
          scope,
          isForbidden: otherwise === 'REFUSED',
          shown: { REFUSED: undefined, NULL: null, LAST_PART: SEEN }[otherwise],
        });
    }
  }
});

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
