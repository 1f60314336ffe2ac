import 'reflect-metadata';
import { parse, validate } from 'graphql';
import { Prisma, type Database } from '../../src/database/client.js';
import { makeContext } from '../../src/graphql/context.js';
import { makeExecutor } from '../../src/graphql/executor.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { protectedAmong, timesOfVolumes, usesOfVolumes } from '../../src/inventory/removal-checks.js';
import { findReaches, isUse } from '../../src/inventory/storage-reach.js';
import { fillInventory, fillWithExceptions } from '../bench/inventory-rows.js';
import { QUESTIONS } from '../bench/questions.js';
import { ownDatabase } from '../harness/own-database.js';
import { servicesFor } from '../harness/services.js';

/** Large enough that a scan of it is never the cheapest way to a page. */
const SIZE = { hosts: 20, volumes: 40_000, containers: 20_000, mounts: 60_000 };
/** Volumes of one prune plan. */
const MANY = 5_000;
/** Tables that grow with what there is. */
const LARGE = new Set(['volume', 'container', 'mount', 'journal']);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const server = ownDatabase();

beforeAll(async () => {
  await fillInventory(server.url, SIZE);
  await fillWithExceptions(server.url, SIZE);
}, 120_000);

function scansOf(node: PlanNode): string[] {
  const own = node['Node Type'] === 'Seq Scan' && LARGE.has(node['Relation Name'] ?? '') ? [node['Relation Name'] ?? ''] : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}

/** The database, and the plan of each statement that lists are read by. */
function withPlans(database: Database): { explained: Database; plans: PlanNode[] } {
  const plans: PlanNode[] = [];
  const explain = async (statement: Prisma.Sql) => {
    const [row] = await database.readRows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(Prisma.sql`explain (format json) ${statement}`);
    if (row !== undefined) plans.push(row['QUERY PLAN'][0].Plan);
  };
  const explained = Object.create(database, {
    readRows: {
      // What reads for one caller puts its own in its place.
      configurable: true,
      value: async (statement: Prisma.Sql) => {
        await explain(statement);
        return database.readRows(statement);
      },
    },
    $queryRaw: {
      value: async (statement: Prisma.Sql) => {
        await explain(statement);
        return database.$queryRaw(statement);
      },
    },
  }) as Database;
  return { explained, plans };
}

test('no filter in any order reads all volumes, containers, mounts or events for a page', async () => {
  const schema = makeSchema();
  const execute = makeExecutor(schema);
  const { explained, plans } = withPlans(server.database);
  const scans: { question: string; tables: string[] }[] = [];
  for (const { name, document: text } of QUESTIONS) {
    const document = parse(text);
    expect(validate(schema, document)).toEqual([]);
    plans.length = 0;
    const context = makeContext(servicesFor(explained, server.url), { id: 'test', name: 'test', role: 'ADMIN', hosts: null });
    expect((await execute({ document, operationName: undefined, variables: undefined, context })).errors).toBeUndefined();
    expect(plans.length).toBeGreaterThan(0);
    const tables = plans.flatMap(scansOf);
    if (tables.length > 0) scans.push({ question: name, tables });
  }
  expect(scans).toEqual([]);
}, 120_000);

test('what keeps a volume from being removed is found without reading all, and for thousands in few statements', async () => {
  const { explained, plans } = withPlans(server.database);
  const volumes = await server.database.volume.findMany({ where: { removedAt: null }, take: MANY, orderBy: { id: 'asc' } });
  const look = async (some: typeof volumes) => {
    const ids = some.map(({ id }) => id);
    await usesOfVolumes(explained, ids);
    await timesOfVolumes(explained, ids);
    await protectedAmong(explained, ids);
    return findReaches(explained, some, isUse);
  };
  for (const volume of [volumes.find(({ driver }) => driver === 'local'), volumes.find(({ driver }) => driver !== 'local')]) {
    plans.length = 0;
    await look(volume === undefined ? [] : [volume]);
    expect(plans.flatMap(scansOf)).toEqual([]);
  }
  const statements = plans.length;
  plans.length = 0;
  const began = performance.now();
  const reaches = await look(volumes);
  // Each volume compared with each would be minutes.
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(plans).toHaveLength(statements);
  expect(new Set(reaches.map(({ volumeId }) => volumeId)).size).toBeGreaterThan(MANY / 2);
}, 60_000);
