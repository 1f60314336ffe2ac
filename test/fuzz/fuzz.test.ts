/** @alone It uses both cores. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSchema } from 'graphql';
import { IMAGE } from '../harness/engines.js';
import { TEST_SECRET } from '../harness/gateway.js';
import { seededChance, type Chance } from '../harness/random.js';
import { hostsAre, startStand, type Stand } from '../harness/stand.js';
import { BOMB_KINDS, makeBomb } from './bombs.js';
import { bytesInUse, INSPECTABLE } from '../harness/gateway-memory.js';
import { OperationMaker } from './operations.js';
import { wrongsOf } from './oracle.js';
import { brokenRequest, operationBytes, sendBytes, talkNonsense, type Answered } from './wire.js';

// A gateway with PostgreSQL and an engine, all of them real, is sent what no client would send, over the wire.
// `npm run test:fuzz -- --count 20000 --seed 7` sets these.
const COUNT = Number(process.env['STOWAGE_FUZZ_COUNT'] ?? 2_000);
const SEED = Number(process.env['STOWAGE_FUZZ_SEED'] ?? 7);
/** So many are sent before memory is looked at for the first time: caches and compiled code have their size then. */
const WARM_UP = 5_000;
/** How much more may be in use at the end. */
const MEMORY_TOLERANCE = 1.2;
/** Milliseconds in which operations, streams and counters of the run come to their ends. */
const SETTLING_MS = 60_000;
/** What is sent at once. */
const PARALLEL = 16;
/** After so many the host, the tokens and the engine are made as they were: callers with the role for it take them away. */
const TENDED_AFTER = 250;
/** How likely it is someone without a token, or with a wrong one. */
const WITHOUT_RIGHT = 0.1;
/** Volumes on the engine, and things that are remembered, that are enough. */
const ENOUGH = 300;

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const known = {
  hosts: ['alpha', 'beta', 'nobody'],
  names: ['data', 'other', 'web', 'worker', IMAGE, 'x1'],
  ids: ['Volume:0190a0a0-0000-7000-8000-000000000000'],
  cursors: ['j0'],
};
const maker = new OperationMaker(schema, known);

let stand: Stand;
/** Who sends: a name, and the secret of a token if there is one. */
interface Sender {
  readonly name: string;
  readonly secret: string | undefined;
}
let callers: Sender[] = [];
const strangers: readonly Sender[] = [
  { name: 'nobody', secret: undefined },
  { name: 'a guesser', secret: 'stw_wrong' },
];
const secrets = new Set<string>([TEST_SECRET]);

beforeAll(async () => {
  stand = await startStand(['alpha'], {
    environment: {
      ...(COUNT > WARM_UP ? INSPECTABLE : {}),
      STOWAGE_LOG_LEVEL: 'trace',
      // Nothing of this machine is mounted or fetched, and nobody waits for who is not there.
      STOWAGE_ALLOWED_HOST_PATHS: 'none',
      STOWAGE_ALLOWED_REGISTRIES: 'none',
      STOWAGE_HOST_DEADLINE_SECONDS: '3',
      STOWAGE_ENGINE_TIMEOUT_SECONDS: '3',
      STOWAGE_MAX_FAILED_SIGN_INS: '1000000',
      STOWAGE_MEASURE_PAUSE_SECONDS: '0',
    },
  });
});

afterAll(async () => {
  await stand.stop();
});

/** Makes what the callers need as it was at the beginning. */
async function tend(): Promise<void> {
  const { gateway } = stand;
  const alpha = stand.engine('alpha');
  const { hosts } = await gateway.query<{ hosts: { name: string; endpoint: string; status: string }[] }>('{ hosts { name endpoint status } }');
  for (const { name, endpoint } of hosts) {
    if (name === 'beta' || (name === 'alpha' && endpoint === alpha.endpoint)) continue;
    await gateway.send('mutation ($name: String!) { removeHost(input: { name: $name }) { removed } }', { name });
  }
  const add = (name: string, endpoint: string) =>
    gateway.send('mutation ($input: AddHostInput!) { addHost(input: $input) { host { id } } }', { input: { name, endpoint } });
  await add('alpha', alpha.endpoint);
  await add('beta', 'tcp://127.0.0.1:1');
  await gateway.query('mutation { updateHost(input: { name: "alpha", enabled: true }) { host { id } } }');
  const [volumes, containers] = [(await alpha.docker.listVolumes()).Volumes, await alpha.docker.listContainers({ all: true })];
  if (volumes.length > ENOUGH || containers.length > ENOUGH / 10) await alpha.reset();
  await gateway.send('mutation { createVolume(input: { hosts: ["alpha"], name: "data" }) { results { created } } }');
  const made = await Promise.all(
    [
      { role: 'VIEWER' },
      { role: 'OPERATOR' },
      { role: 'VIEWER', hosts: ['alpha'] },
      { role: 'OPERATOR', hosts: ['alpha'] },
      { role: 'ADMIN', hosts: ['alpha'] },
    ].map(async (input) => {
      const name = `${input.role} of ${input.hosts === undefined ? 'all' : 'one'}`;
      const { createToken } = await gateway.query<{ createToken: { secret: string } }>(
        'mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret } }',
        { input: { ...input, name, expiresIn: 'PT1H' } },
      );
      secrets.add(createToken.secret);
      return { name, secret: createToken.secret };
    }),
  );
  callers = [...made, { name: 'ADMIN of all', secret: TEST_SECRET }];
}

/** What is sent, and how. */
interface Attempt {
  readonly what: string;
  /** Whether it comes from someone who may see where backups are. */
  readonly isAdmin: boolean;
  readonly send: () => Promise<Answered>;
}

function attempt(chance: Chance): Attempt {
  const { url } = stand.gateway;
  const { name, secret } = chance.oneOf(chance.chance(WITHOUT_RIGHT) ? strangers : callers);
  const authorization: Readonly<Record<string, string>> = secret === undefined ? {} : { Authorization: `Bearer ${secret}` };
  const isAdmin = name.startsWith('ADMIN');
  const kind = chance.number();
  if (kind < 0.68) {
    const operation = maker.make(chance, chance.oneOf(['query', 'query', 'mutation', 'mutation', 'mutation', 'subscription']));
    return { isAdmin, what: `${name}: ${JSON.stringify(operation)}`, send: () => sendBytes(url, operationBytes(authorization, operation)) };
  }
  if (kind < 0.8) {
    const bytes = brokenRequest(chance, maker, authorization);
    return { isAdmin, what: `${name}: ${bytes.subarray(0, 3_000).toString('latin1')}`, send: () => sendBytes(url, bytes, chance.between(1, 4), 500) };
  }
  if (kind < 0.9) {
    const bomb = makeBomb(chance);
    return { isAdmin, what: `${name}: the bomb "${bomb.name}"`, send: () => sendBytes(url, operationBytes(authorization, { query: bomb.text })) };
  }
  return { isAdmin, what: `${name}: nonsense on a WebSocket`, send: () => talkNonsense(url, chance, maker, secret) };
}

/** Remembers what was shown, so that later operations ask for it. */
function learn(text: string): void {
  const take = (into: string[], pattern: RegExp) => {
    for (const [, found] of [...text.matchAll(pattern)].slice(0, 5)) {
      if (found === undefined || into.includes(found)) continue;
      into.push(found);
      if (into.length > ENOUGH) into.splice(1, 1);
    }
  };
  take(known.ids, /"id":"([A-Z]\w+:[\w-]+)"/g);
  take(known.cursors, /"(?:c|endC|startC)ursor":"(\w+)"/g);
}

/** How often each status, close code and problem came. */
const counts = new Map<string, number>();
function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

const wrongs: string[] = [];

/** Sends attempts from one number to another. */
async function sendAttempts(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += TENDED_AFTER) {
    await tend();
    let next = start;
    const end = Math.min(to, start + TENDED_AFTER);
    const work = async () => {
      while (next < end) {
        const index = next;
        next += 1;
        // Its own, so that what is sent does not depend on who was quicker.
        const { what, isAdmin, send } = attempt(seededChance(SEED * 1_000_003 + index));
        const { text, status } = await send().catch((error: unknown) => ({ text: String(error), status: 500 }));
        count(String(status));
        learn(text);
        for (const [, code = ''] of text.matchAll(/"code":"(\w+)"/g)) count(code);
        if (text.includes('"data":{') && !text.includes('"code":')) count('answered whole');
        const found = wrongsOf(isAdmin ? text.replaceAll(/"location":"file:[^"]*"/g, '') : text, [...secrets]);
        if (status === 500) found.push(`no answer: ${text.slice(0, 300)}`);
        // What a gateway says on a WebSocket when it did not know what to do.
        if (status === 1011) found.push(`closed ${String(status)}`);
        if (found.length > 0) wrongs.push(`${String(index)}. ${what.slice(0, 2_000)}\n   ${found.join('\n   ')}`);
        if (stand.gateway.process.exitCode !== null) throw new Error(`the gateway ended:\n${stand.gateway.output().slice(-5_000)}`);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
  }
}

test('each kind of bomb is refused, or answered at once, over HTTP and event streams', async () => {
  await tend();
  for (const kind of BOMB_KINDS) {
    const { text } = makeBomb(seededChance(SEED), kind);
    for (const accept of ['application/json', 'text/event-stream']) {
      const answer = await sendBytes(stand.gateway.url, operationBytes({ Authorization: `Bearer ${TEST_SECRET}` }, { query: text }, accept));
      expect({ kind, accept, wrongs: wrongsOf(answer.text, [TEST_SECRET]), isShort: answer.text.length < 50_000 }).toEqual({
        kind,
        accept,
        wrongs: [],
        isShort: true,
      });
    }
  }
});

test(`${String(COUNT)} operations, requests and messages that no client would send (seed ${String(SEED)}) neither end the gateway nor have it show anything of its inside`, async () => {
  const { gateway } = stand;
  await sendAttempts(0, Math.min(COUNT, WARM_UP));
  const measured = COUNT > WARM_UP;
  let before = 0;
  if (measured) {
    await delay(SETTLING_MS);
    before = await bytesInUse(gateway.output());
    await sendAttempts(WARM_UP, COUNT);
  }
  process.stdout.write(`${JSON.stringify(Object.fromEntries([...counts].sort()))}\n`);
  expect(wrongs.slice(0, 20)).toEqual([]);
  // What it could not answer stands in its log.
  const lines = gateway.output().split('\n');
  expect(lines.filter((line) => /"level":(50|60)/.test(line)).slice(0, 10)).toEqual([]);
  expect(lines.filter((line) => [...secrets].some((secret) => line.includes(secret)))).toEqual([]);
  await tend();
  await hostsAre(gateway, 'ONLINE', 'alpha');
  if (!measured) return;
  await delay(SETTLING_MS);
  const after = await bytesInUse(gateway.output());
  process.stdout.write(`in use: ${String(before)} bytes after ${String(WARM_UP)}, ${String(after)} after all\n`);
  expect(after).toBeLessThanOrEqual(before * MEMORY_TOLERANCE);
}, 7_200_000);
