import 'reflect-metadata';
import { parse, validate, type DocumentNode } from 'graphql';
import { makeContext } from '../../src/graphql/context.js';
import { makeExecutor, type Executor } from '../../src/graphql/executor.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { servicesFor } from '../harness/services.js';
import { median, report, timeMs } from './figures.js';
import { fillInventory, fillWithExceptions, type InventorySize } from './inventory-rows.js';
import { QUESTIONS } from './questions.js';

/** The same questions of a small inventory and of one a hundred times as large, in turn: what a page costs must not grow with it. */
const SIZES = [2_000, 200_000].map((volumes): InventorySize => ({ hosts: 20, volumes, containers: volumes / 2, mounts: volumes * 1.5 }));
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 15);
/** Rounds before those that count. */
const WARM_UP = 3;
/** What a page from the large inventory may cost, in pages from the small one. */
const BOUND = 1.5;
/** From here on the rounds are not enough to tell. */
const NEAR_BOUND = 1.3;
const LONGER = 8;
/** Only the questions whose name has this in it. */
const ONLY = new RegExp(process.env['BENCH_ONLY'] ?? '');

const schema = makeSchema();
const execute: Executor = makeExecutor(schema);
let servers: TestDatabase[] = [];

beforeAll(async () => {
  servers = [];
  for (const size of SIZES) {
    const server = await startDatabase();
    servers.push(server);
    await fillInventory(server.url, size);
    await fillWithExceptions(server.url, size);
  }
});

afterAll(async () => {
  for (const server of servers) await server.stop();
});

async function ask(server: TestDatabase, document: DocumentNode): Promise<void> {
  const context = makeContext(servicesFor(server.database, server.url), { id: 'bench', name: 'bench', role: 'ADMIN', hosts: null });
  const { errors } = await execute({ document, operationName: undefined, variables: undefined, context });
  if (errors !== undefined) throw errors[0] ?? new Error('no answer');
}

interface Row {
  readonly name: string;
  /** Milliseconds, in the order of SIZES. */
  readonly medians: readonly number[];
  readonly ratio: number;
}

async function compare(name: string, document: DocumentNode, rounds: number): Promise<Row> {
  const times: number[][] = SIZES.map(() => []);
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    for (const [index, server] of servers.entries()) {
      const ms = await timeMs(() => ask(server, document));
      if (round >= WARM_UP) times[index]?.push(ms);
    }
  }
  const medians = times.map(median);
  return { name, medians, ratio: (medians[1] ?? NaN) / (medians[0] ?? NaN) };
}

test('a page of every filter and order costs the same from 200,000 volumes as from 2,000', async () => {
  const rows: Row[] = [];
  let again = 0;
  for (const { name, document: text } of QUESTIONS.filter((question) => ONLY.test(question.name))) {
    const document = parse(text);
    expect(validate(schema, document)).toEqual([]);
    const first = await compare(name, document, ROUNDS);
    // Of hundreds of medians of few rounds, some are of a busy machine: who is near the bound is asked at length, and that counts.
    const isNear = first.ratio > NEAR_BOUND;
    if (isNear) again += 1;
    rows.push(isNear ? await compare(name, document, ROUNDS * LONGER) : first);
  }
  rows.sort((a, b) => b.ratio - a.ratio);
  report(`medians of ${String(ROUNDS)} each, milliseconds; highest ratio first; ${String(again)} near the bound were asked ${String(ROUNDS * LONGER)} times`);
  report(`${'question'.padEnd(64)}     2,000   200,000   ratio`);
  for (const { name, medians, ratio } of rows) {
    report(`${name.padEnd(64)}${medians.map((ms) => ms.toFixed(2).padStart(10)).join('')}${ratio.toFixed(2).padStart(8)}`);
  }
  report(`${String(rows.length)} questions; ratio: median ${median(rows.map(({ ratio }) => ratio)).toFixed(2)}, highest ${(rows[0]?.ratio ?? NaN).toFixed(2)}`);
  expect(rows.filter(({ ratio }) => !(ratio <= BOUND))).toEqual([]);
});
