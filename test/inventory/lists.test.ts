import 'reflect-metadata';
import fc from 'fast-check';
import { getNullableType, isInputObjectType, isListType, isNonNullType, parse, type GraphQLArgument, type GraphQLField, type GraphQLInputField } from 'graphql';
import { v4 as randomId } from 'uuid';
import type { ContainerState, ShareKind, VolumeState } from '../../src/generated/prisma/client.js';
import { makeContext } from '../../src/graphql/context.js';
import { makeExecutor, type Executor } from '../../src/graphql/executor.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { ALL_COLUMNS } from '../../src/inventory/columns.js';
import { FINDING_KINDS, type FindingKind } from '../../src/inventory/findings.js';
import { SHARE_RISKS, type ShareRisk } from '../../src/inventory/share-risks.js';
import { listVolumes, type VolumeOrder } from '../../src/inventory/volumes.js';
import type { LifecycleEventType } from '../../src/journal/entry.js';
import { ownDatabase } from '../harness/own-database.js';
import { servicesFor } from '../harness/services.js';
import {
  among,
  choice,
  DAY,
  EPOCH,
  HOSTS,
  NAMES,
  NOW,
  ONCE_HOSTS,
  OPERATION_KINDS,
  OPERATION_STATES,
  place,
  PROJECTS,
  TYPES,
  watchOf,
  worlds,
  writeWorld,
  type ContainerRow,
  type OperationRow,
  type ShareRow,
  type VolumeRow,
  type World,
} from './list-worlds.js';

// Lists as the gateway answers them, beside the same worked out plainly from all rows in memory.

const schema = makeSchema();
const execute: Executor = makeExecutor(schema);
const server = ownDatabase();

/** Values for each argument of a list, and for each field of those that are objects. */
interface Values {
  readonly [name: string]: fc.Arbitrary<unknown> | Values;
}

/** One of the schema's lists. */
interface List {
  readonly values: Values;
  /** What tells its nodes apart, as the schema shows it. */
  readonly fields: string;
  /** What is expected of it for arguments without nulls: what {@link fields} show of each node, in order. */
  readonly plain: (known: World, args: never) => unknown[];
  /** Where the order says nothing of nodes that have this in common, which come next to each other. */
  readonly sortedBy?: string;
}

type Label = { readonly key: string; readonly value?: string };
const labelValues: Values = { key: choice(['team', 'tier', 'team"x']), value: choice(['red', '', 'gold']) };
const hostNames = fc.array(choice([...HOSTS, 'nowhere']), { maxLength: 3 });
const someOf = <T>(all: readonly T[]) => fc.array(choice(all), { maxLength: 3 });

const inOrder = (a: string | number | bigint, b: string | number | bigint) => (a < b ? -1 : a > b ? 1 : 0);
const matches = <T>(wanted: readonly T[] | undefined, value: T) => wanted?.includes(value) ?? true;
const equals = <T>(wanted: T | undefined, value: T) => wanted === undefined || wanted === value;
const hasPart = (name: string, part: string | undefined) => part === undefined || name.toLowerCase().includes(part.toLowerCase());
const hasLabels = (labels: Record<string, string>, wanted: readonly Label[] = []) =>
  wanted.every(({ key, value }) => (value === undefined ? key in labels : labels[key] === value));
const isHost = ({ hosts }: World, id: string | null, wanted: readonly string[] | undefined) =>
  wanted === undefined || wanted.some((name) => id !== null && hosts.get(name) === id);
const ids = (type: string, rows: readonly { readonly id: string }[]) => rows.map(({ id }) => ({ id: `${type}:${id}` }));

const mountsOf = (known: World, { mountIds }: ShareRow) => known.mounts.filter(({ id }) => mountIds.includes(id));
const containersOf = (known: World, share: ShareRow) => {
  const members = mountsOf(known, share).map(({ containerId }) => containerId);
  return known.containers.filter(({ id }) => members.includes(id));
};

const SOCKET_PATHS = ['/', '/var/run/docker.sock'];
const SENSITIVE = ['/', '/etc/x'];
const pathRisks = (path: string): ShareRisk[] => [
  ...(SOCKET_PATHS.includes(path) ? (['ENGINE_SOCKET'] as const) : []),
  ...(SENSITIVE.includes(path) ? (['SENSITIVE_PATH'] as const) : []),
];
const writersRisks = ({ multipleWriters, crossHostWriters }: ShareRow): ShareRisk[] => [
  ...(multipleWriters ? (['MULTIPLE_WRITERS'] as const) : []),
  ...(crossHostWriters ? (['CROSS_HOST_WRITERS'] as const) : []),
];
const shareRisks = (share: ShareRow) => [...writersRisks(share), ...(share.kind === 'BIND_PATH' ? pathRisks(share.identity) : [])];
function containerRisks(known: World, container: ContainerRow): ShareRisk[] {
  const own = known.mounts.filter(({ containerId }) => containerId === container.id);
  const shares = known.shares.filter(({ mountIds }) => own.some(({ id }) => mountIds.includes(id)));
  return [...own.flatMap(({ type, source }) => (type === 'BIND' ? pathRisks(source ?? '') : [])), ...shares.flatMap(writersRisks)];
}
const hasRisk = (risks: readonly ShareRisk[], wanted: readonly ShareRisk[] | undefined) => wanted === undefined || risks.some((risk) => wanted.includes(risk));

interface VolumeArguments {
  readonly filter?: {
    readonly hosts?: readonly string[];
    readonly names?: readonly string[];
    readonly search?: string;
    readonly drivers?: readonly string[];
    readonly states?: readonly VolumeState[];
    readonly labels?: readonly Label[];
    readonly annotations?: readonly Label[];
    readonly anonymous?: boolean;
    readonly shared?: boolean;
    readonly protected?: boolean;
    readonly composeProject?: string;
    readonly minSizeBytes?: number;
    readonly unusedFor?: string;
  };
  readonly orderBy?: { readonly field: VolumeOrder['field']; readonly direction?: VolumeOrder['direction'] };
}

function plainVolumes(known: World, { filter = {}, orderBy = { field: 'NAME' } }: VolumeArguments): unknown[] {
  const sharedIds = new Set(known.shares.flatMap((share) => mountsOf(known, share).map(({ volumeId }) => volumeId)));
  const value = (volume: VolumeRow): string | number | bigint => {
    switch (orderBy.field) {
      case 'NAME':
        return volume.name;
      case 'CREATED_AT':
        return volume.createdAt?.getTime() ?? -Infinity;
      case 'SIZE':
        return volume.sizeBytes ?? -1n;
      case 'LAST_MOUNTED_AT':
        return volume.lastMountedAt?.getTime() ?? -Infinity;
      case 'SHARE_COUNT':
        return volume.shareCount;
    }
  };
  const sign = orderBy.direction === 'DESC' ? -1 : 1;
  const rows = known.volumes.filter((volume) => {
    if (filter.states === undefined ? volume.state === 'REMOVED' : !filter.states.includes(volume.state)) return false;
    if (!isHost(known, volume.hostId, filter.hosts) || !hasPart(volume.name, filter.search) || !matches(filter.names, volume.name)) return false;
    if (!hasLabels(volume.labels, filter.labels) || !hasLabels(volume.annotations, filter.annotations)) return false;
    if (!matches(filter.drivers, volume.driver) || !equals(filter.anonymous, volume.anonymous) || !equals(filter.protected, volume.protected)) return false;
    if (!equals(filter.shared, sharedIds.has(volume.id)) || !equals(filter.composeProject, volume.composeProject)) return false;
    if (filter.minSizeBytes !== undefined && filter.minSizeBytes > 0 && (volume.sizeBytes ?? -1n) < BigInt(filter.minSizeBytes)) return false;
    if (filter.unusedFor === undefined) return true;
    const watch = watchOf(volume.hostId);
    if (watch.status !== 'ONLINE' || watch.watchedSince === null || watch.comparedEpoch !== EPOCH) return false;
    const times = [volume.lastInUseAt, volume.lastMountedAt, volume.firstSeenAt, watch.watchedSince].flatMap((at) => at?.getTime() ?? []);
    return volume.state !== 'IN_USE' && Math.max(...times) < NOW - daysOf(filter.unusedFor) * DAY;
  });
  return ids(
    'Volume',
    rows.sort((a, b) => sign * (inOrder(value(a), value(b)) || inOrder(a.id, b.id))),
  );
}

/** Days and a half, so that no moment of the test is near a row's. */
const unusedFor = fc.integer({ min: 0, max: 40 }).map((days) => `P${String(days)}DT12H`);
const daysOf = (duration: string) => Number(/\d+/.exec(duration)?.[0]) + 0.5;

interface ContainerArguments {
  readonly filter?: {
    readonly hosts?: readonly string[];
    readonly search?: string;
    readonly states?: readonly ContainerState[];
    readonly labels?: readonly Label[];
    readonly volume?: string;
    readonly composeProject?: string;
    readonly risks?: readonly ShareRisk[];
  };
}

/** Texts are ordered by their first 255 characters: two long ones that begin alike are in the order of their ids. */
const byText =
  <Row extends { readonly id: string }>(textOf: (row: Row) => string) =>
  (a: Row, b: Row) =>
    inOrder(textOf(a).slice(0, 255), textOf(b).slice(0, 255)) || inOrder(a.id, b.id);

function plainContainers(known: World, { filter = {} }: ContainerArguments): unknown[] {
  const rows = known.containers.filter((container) => {
    const own = known.mounts.filter(({ containerId }) => containerId === container.id);
    if (filter.states === undefined ? container.state === 'REMOVED' : !filter.states.includes(container.state)) return false;
    if (!isHost(known, container.hostId, filter.hosts) || !hasPart(container.name, filter.search) || !hasLabels(container.labels, filter.labels)) return false;
    if (filter.volume !== undefined && !own.some(({ volumeName }) => volumeName === filter.volume)) return false;
    return equals(filter.composeProject, container.composeProject) && hasRisk(containerRisks(known, container), filter.risks);
  });
  return ids('Container', rows.sort(byText(({ name }) => name)));
}

interface ShareArguments {
  readonly filter?: {
    readonly hosts?: readonly string[];
    readonly kinds?: readonly ShareKind[];
    readonly crossHost?: boolean;
    readonly risks?: readonly ShareRisk[];
  };
}

function plainShares(known: World, { filter = {} }: ShareArguments): unknown[] {
  const rows = known.shares.filter((share) => {
    const reached = share.hostId === null ? containersOf(known, share).map(({ hostId }) => hostId) : [share.hostId];
    if (filter.hosts !== undefined && !reached.some((id) => isHost(known, id, filter.hosts))) return false;
    return matches(filter.kinds, share.kind) && equals(filter.crossHost, share.hostId === null) && hasRisk(shareRisks(share), filter.risks);
  });
  return ids('Share', rows.sort(byText(({ identity }) => identity)));
}

interface FindingArguments {
  readonly kinds?: readonly FindingKind[];
  readonly hosts?: readonly string[];
}

function plainFindings(known: World, { kinds = FINDING_KINDS, hosts }: FindingArguments): unknown[] {
  const found = new Map<string, unknown>();
  const note = (kind: FindingKind, subject: string, facts: { share?: ShareRow; volumes?: string[]; containers?: string[] }) => {
    if (!kinds.includes(kind)) return;
    const list = (type: string, rows: readonly string[] = []) =>
      ids(
        type,
        [...new Set(rows)].sort().map((id) => ({ id })),
      );
    const share = facts.share === undefined ? null : { id: `Share:${facts.share.id}` };
    found.set(`${kind} ${subject}`, { kind, share, volumes: list('Volume', facts.volumes), containers: list('Container', facts.containers) });
  };
  for (const share of known.shares) {
    const containers = containersOf(known, share);
    if (!containers.some(({ hostId }) => isHost(known, hostId, hosts))) continue;
    const volumes = mountsOf(known, share).flatMap(({ volumeId }) => volumeId ?? []);
    for (const risk of writersRisks(share)) note(risk, share.id, { share, volumes, containers: containers.map(({ id }) => id) });
  }
  const living = known.volumes.filter(({ state }) => state !== 'REMOVED');
  for (const container of known.containers) {
    if (container.state === 'REMOVED' || !isHost(known, container.hostId, hosts)) continue;
    for (const { type, source, volumeId, volumeName, ...mount } of known.mounts) {
      if (mount.containerId !== container.id) continue;
      if (type === 'BIND') for (const risk of pathRisks(source ?? '')) note(risk, container.id, { containers: [container.id] });
      if (volumeId === null || living.some(({ id }) => id === volumeId)) continue;
      note('STORAGE_MISSING', `${container.id} ${volumeName ?? ''}`, { containers: [container.id], volumes: [volumeId] });
    }
  }
  for (const volume of living) {
    if (volume.sealedOptions !== null && isHost(known, volume.hostId, hosts)) note('PLAIN_SECRET', volume.id, { volumes: [volume.id] });
  }
  const drift = (subject: string, members: readonly VolumeRow[], meaningOf: (volume: VolumeRow) => string) => {
    if (new Set(members.map(meaningOf)).size < 2 || !members.some(({ hostId }) => isHost(known, hostId, hosts))) return;
    note('OPTION_DRIFT', subject, { volumes: members.map(({ id }) => id) });
  };
  for (const device of [':/export', ':/other'])
    drift(
      device,
      living.filter(({ options }) => options['device'] === device),
      ({ options }) => options['o'] ?? '',
    );
  for (const name of NAMES) {
    const members = living.filter((volume) => volume.name === name);
    if (members.some(({ options }) => Object.keys(options).length > 0)) drift(name, members, ({ driver, options }) => JSON.stringify([driver, options]));
  }
  return [...found.values()];
}

interface EventArguments {
  readonly newestFirst?: boolean;
  readonly filter?: {
    readonly hosts?: readonly string[];
    readonly types?: readonly LifecycleEventType[];
    readonly volume?: string;
    readonly container?: string;
  };
}

function plainEvents(known: World, { filter = {}, newestFirst: isTurned = false }: EventArguments): unknown[] {
  const found = known.events.flatMap(({ type, hostName, volumeName, containerName }, index) => {
    const isAsked = filter.hosts === undefined || (hostName !== null && filter.hosts.includes(hostName));
    const isMeant = isAsked && matches(filter.types, type) && equals(filter.volume, volumeName) && equals(filter.container, containerName);
    return isMeant ? [{ id: `LifecycleEvent:${String(index + 1)}` }] : [];
  });
  return isTurned ? found.reverse() : found;
}

const newestFirst = (a: { readonly id: string }, b: { readonly id: string }) => inOrder(b.id, a.id);

interface OperationArguments {
  readonly filter?: { readonly kinds?: readonly string[]; readonly states?: readonly string[]; readonly hosts?: readonly string[] };
}

function plainOperations(known: World, { filter = {} }: OperationArguments): unknown[] {
  const isOf = ({ sourceHostId, targetHostId }: OperationRow) => [sourceHostId, targetHostId].some((id) => isHost(known, id, filter.hosts));
  const rows = known.operations.filter((row) => matches(filter.kinds, row.kind) && matches(filter.states, row.state) && isOf(row));
  return ids('Operation', rows.sort(newestFirst));
}

interface BackupArguments {
  readonly host?: string;
  readonly volume?: string;
}

function plainBackups(known: World, { host, volume }: BackupArguments): unknown[] {
  // No two hosts of these had one name.
  return ids('Backup', known.backups.filter(({ hostName, volumeName }) => equals(host, hostName) && equals(volume, volumeName)).sort(newestFirst));
}

const ID = 'id';
const LISTS: Readonly<Record<string, List>> = {
  volumes: {
    values: {
      filter: {
        hosts: hostNames,
        names: someOf([...NAMES, 'nothing']),
        search: choice(['DATA', 'd%', '_', '\\', 'x'.repeat(40), 'ca', 'é', 'a', '']),
        drivers: someOf(['local', 'rexray', 'd'.repeat(260), 'd'.repeat(261)]),
        states: someOf<VolumeState>(['IN_USE', 'IDLE', 'DANGLING', 'REMOVED']),
        labels: labelValues,
        annotations: labelValues,
        anonymous: fc.boolean(),
        shared: fc.boolean(),
        protected: fc.boolean(),
        composeProject: choice(PROJECTS),
        minSizeBytes: fc.integer({ min: -1, max: 5 }),
        unusedFor,
      },
      orderBy: { field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'LAST_MOUNTED_AT', 'SHARE_COUNT'), direction: fc.constantFrom('ASC', 'DESC') },
    },
    fields: ID,
    plain: plainVolumes,
  },
  containers: {
    values: {
      filter: {
        hosts: hostNames,
        search: choice(['DATA', 'n1', 'n2', '%', 'z']),
        states: someOf<ContainerState>(['RUNNING', 'EXITED', 'REMOVED']),
        labels: labelValues,
        volume: choice(NAMES),
        composeProject: choice(PROJECTS),
        risks: someOf(SHARE_RISKS),
      },
    },
    fields: ID,
    plain: plainContainers,
  },
  shares: {
    values: { filter: { hosts: hostNames, kinds: someOf(['VOLUME', 'BIND_PATH', 'NETWORK']), crossHost: fc.boolean(), risks: someOf(SHARE_RISKS) } },
    fields: ID,
    plain: plainShares,
  },
  findings: {
    values: { kinds: someOf(FINDING_KINDS), hosts: hostNames },
    fields: 'kind share { id } volumes { id } containers { id }',
    plain: plainFindings,
    sortedBy: 'kind',
  },
  events: {
    values: {
      filter: {
        hosts: hostNames,
        types: someOf([...TYPES, 'SHARE_FORMED']),
        volume: choice(NAMES),
        container: choice(['web', 'n'.repeat(300), 'n'.repeat(299)]),
      },
      newestFirst: fc.boolean(),
    },
    fields: ID,
    plain: plainEvents,
  },
  operations: {
    values: { filter: { kinds: someOf([...OPERATION_KINDS, 'VERIFY']), states: someOf(OPERATION_STATES), hosts: hostNames } },
    fields: ID,
    plain: plainOperations,
  },
  backups: { values: { host: choice([...ONCE_HOSTS, 'nowhere']), volume: choice([...NAMES, 'nothing']) }, fields: ID, plain: plainBackups },
};

/** Arguments for what the schema has there: each absent, null or one of its values. Fails for what there is no value for. */
function argumentsFor(where: string, inputs: readonly (GraphQLArgument | GraphQLInputField)[], values: Values): fc.Arbitrary<Record<string, unknown>> {
  expect({ where, inputs: Object.keys(values).sort() }).toEqual({ where, inputs: inputs.map(({ name }) => name).sort() });
  const alone: fc.Arbitrary<Record<string, unknown>>[] = [];
  const record = inputs.map(({ name, type, defaultValue }): [string, fc.Arbitrary<unknown>] => {
    const given = values[name];
    const inner = getNullableType(type);
    const item = isListType(inner) ? getNullableType(inner.ofType) : inner;
    let value: fc.Arbitrary<unknown>;
    if (given instanceof fc.Arbitrary) value = given;
    else {
      if (given === undefined || !isInputObjectType(item)) throw new Error(`${where}.${name} is of no type that has fields`);
      const objects = argumentsFor(item.name, Object.values(item.getFields()), given);
      value = isListType(inner) ? fc.array(objects, { maxLength: 2 }) : objects;
    }
    alone.push(value.map((part) => ({ [name]: part })));
    // Few at a time, since many together leave nothing.
    const absent = { arbitrary: fc.constant(undefined), weight: 5 };
    if (isNonNullType(type)) return [name, defaultValue === undefined ? value : fc.oneof(absent, { arbitrary: value, weight: 5 })];
    const many = isInputObjectType(inner) ? 15 : 2;
    return [name, fc.oneof(absent, { arbitrary: fc.constant(null), weight: 1 }, { arbitrary: value, weight: many })];
  });
  const some = fc.record(Object.fromEntries(record)).map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  const isOpen = inputs.every(({ type, defaultValue }) => !isNonNullType(type) || defaultValue !== undefined);
  return isOpen ? fc.oneof(some, fc.oneof(...alone)) : some;
}

/** The same without what is null or absent, which mean the same. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, part]) => (part === null || part === undefined ? [] : [[key, withoutNulls(part)]])));
}

interface Connection {
  readonly nodes: Record<string, unknown>[];
  readonly edges: { readonly cursor: string; readonly node: unknown }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount?: number;
}

/** Reads lists of one name, page by page. */
function readerOf(field: GraphQLField<unknown, unknown>, fields: string) {
  const isCounted = field.name !== 'events';
  const declared = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const document = parse(`query (${declared}) { ${field.name}(${passed}) {
    nodes { ${fields} } edges { cursor node { ${fields} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } ${isCounted ? 'totalCount' : ''} } }`);
  return async (args: Record<string, unknown>, first: number, after: string | null): Promise<Connection> => {
    const context = makeContext(servicesFor(server.database, server.url), { id: 'test', name: 'test', role: 'ADMIN', hosts: null });
    const { data, errors } = await execute({ document, operationName: undefined, variables: { ...args, first, after }, context });
    expect({ args, errors }).toEqual({ args, errors: undefined });
    return data?.[field.name] as Connection;
  };
}

/** All nodes of a list, by pages of a size; each page is looked at for itself. */
async function walk(
  read: ReturnType<typeof readerOf>,
  args: Record<string, unknown>,
  size: number,
): Promise<{ nodes: Record<string, unknown>[]; counts: Set<unknown> }> {
  const nodes: Record<string, unknown>[] = [];
  const counts = new Set<unknown>();
  for (let after: string | null = null; ;) {
    const page = await read(args, size, after);
    expect(page.nodes.length).toBeLessThanOrEqual(size);
    expect(page.edges.map(({ node }) => node)).toEqual(page.nodes);
    expect(page.pageInfo).toMatchObject({
      hasPreviousPage: after !== null,
      startCursor: page.edges[0]?.cursor ?? null,
      endCursor: page.edges.at(-1)?.cursor ?? null,
    });
    nodes.push(...page.nodes);
    counts.add(page.totalCount);
    if (!page.pageInfo.hasNextPage) return { nodes, counts };
    after = page.pageInfo.endCursor;
  }
}

const queryFields = schema.getQueryType()?.getFields() ?? {};
const isPaged = ({ args }: GraphQLField<unknown, unknown>) => args.some(({ name }) => name === 'first');

test('every list that the schema has pages of is looked at here', () => {
  const paged = Object.values(queryFields).filter(isPaged);
  expect(Object.keys(LISTS).sort()).toEqual(paged.map(({ name }) => name).sort());
});

/** Inventories, and questions asked of each list in each. */
const [WORLDS, QUESTIONS] = [15, 6];

test('every page of every list, whatever the filter, the order and the size of pages', async () => {
  const lists = Object.entries(LISTS).map(([name, list]) => {
    const field = queryFields[name];
    if (field === undefined) throw new Error(`there is no list ${name}`);
    const inputs = field.args.filter((argument) => argument.name !== 'first' && argument.name !== 'after');
    return { name, ...list, read: readerOf(field, list.fields), args: argumentsFor(name, inputs, list.values) };
  });
  const questions = fc.tuple(...lists.map(({ args }) => fc.array(fc.tuple(args, pageSize), { minLength: QUESTIONS, maxLength: QUESTIONS })));
  let found = 0;
  await fc.assert(
    fc.asyncProperty(worlds, questions, async (known, asked) => {
      await writeWorld(server.database, known);
      for (const [index, { name, read, plain, sortedBy }] of lists.entries()) {
        for (const [args, size] of asked[index] ?? []) {
          const expected = plain(known, withoutNulls(args) as never) as Record<string, unknown>[];
          const { nodes, counts } = await walk(read, args, size);
          found += nodes.length;
          const key = sortedBy;
          if (key === undefined) expect({ name, args, nodes }).toEqual({ name, args, nodes: expected });
          else {
            expect({ name, args, nodes: nodes.map(asText).sort() }).toEqual({ name, args, nodes: expected.map(asText).sort() });
            expect(nodes.map((node) => node[key])).toEqual(expected.map((node) => node[key]).sort());
          }
          expect({ name, args, counts: [...counts] }).toEqual({ name, args, counts: [name === 'events' ? undefined : expected.length] });
        }
      }
    }),
    { numRuns: WORLDS, endOnFailure: true },
  );
  // Filters that leave nothing would prove nothing.
  expect(found).toBeGreaterThan(WORLDS * QUESTIONS);
}, 240_000);

const pageSize = fc.integer({ min: 1, max: 12 });

/** A node as text, with the lists in it in the order of their ids. */
function asText(node: Record<string, unknown>): string {
  return JSON.stringify(node, (_key, value: unknown) => (Array.isArray(value) ? [...(value as { id: string }[])].sort((a, b) => inOrder(a.id, b.id)) : value));
}

const volumeOrders: fc.Arbitrary<VolumeOrder> = fc.record({
  field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'LAST_MOUNTED_AT', 'SHARE_COUNT'),
  direction: fc.constantFrom('ASC', 'DESC'),
});

test('pages stay right while rows come and go: nothing that stays is left out or comes twice', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, volumeOrders, pageSize, place, async (known, order, size, seed) => {
      await writeWorld(server.database, known);
      const { database } = server;
      const living = known.volumes.filter(({ state }) => state !== 'REMOVED');
      const removed = new Set<string>();
      const seen: string[] = [];
      let after: string | undefined;
      for (let round = 0; ; round += 1) {
        const page = await listVolumes(database, {}, order, { first: size, after }, ALL_COLUMNS);
        seen.push(...page.rows.map(({ id }) => id));
        if (!page.hasNextPage) break;
        after = page.cursorOf(page.rows.length - 1);
        const victim = among(living, seed + round * 7).id;
        removed.add(victim);
        await database.volume.update({ where: { id: victim }, data: { state: 'REMOVED', removedAt: new Date(NOW), shareCount: 0 } });
        const id = randomId();
        await database.volume.create({
          data: {
            id,
            hostId: known.hosts.get('alpha') ?? '',
            name: `new-${id}`,
            driver: 'local',
            scope: 'local',
            mountpoint: '/v',
            anonymous: false,
            state: 'DANGLING',
            firstSeenAt: new Date(NOW),
            createdAt: new Date(NOW - (seed % 40) * DAY),
          },
        });
      }
      expect(new Set(seen).size).toBe(seen.length);
      const staying = living.filter(({ id }) => !removed.has(id)).map(({ id }) => id);
      expect(staying.filter((id) => !seen.includes(id))).toEqual([]);
    }),
    { numRuns: 25 },
  );
}, 240_000);
