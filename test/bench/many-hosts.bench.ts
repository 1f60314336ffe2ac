import { startEngines } from '../harness/engines.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { startGateway } from '../harness/gateway.js';
import { hostsAre } from '../harness/stand.js';
import { describeMs, median, report, timeMs } from './figures.js';

const HOSTS = Number(process.env['BENCH_HOSTS'] ?? 20);
/** Milliseconds by which each part of an engine's answers comes late. */
const DELAY_MS = 200;
const ROUNDS = 3;
/** What all hosts in one call may take of what the slowest one takes alone. */
const MOST = 1.5;

const CREATE = 'mutation ($input: CreateVolumeInput!) { createVolume(input: $input) { results { created error { code message } } } }';
const REMOVE = 'mutation ($input: RemoveVolumeInput!) { removeVolumes(input: $input) { results { removed error { code message } } } }';

test('a call over many hosts that all answer late, beside the same for each of them alone', async () => {
  const names = Array.from({ length: HOSTS }, (_, index) => `host-${String(index)}`);
  const engines = await startEngines(names);
  const proxies = await Promise.all(engines.map((engine) => startFaultProxy({ target: engine.socketPath })));
  const gateway = await startGateway({ hosts: Object.fromEntries(names.map((name, index) => [name, proxies[index]?.endpoint ?? ''])) });
  const found: Record<string, number> = {};
  await hostsAre(gateway, 'ONLINE', undefined, 60_000);
  for (const proxy of proxies) proxy.setMode('slow', { bytesPerSecond: 100_000_000, delayMs: DELAY_MS });
  const done = (results: readonly { error: unknown }[]) => {
    if (results.length === 0 || results.some(({ error }) => error !== null)) throw new Error(JSON.stringify(results));
  };
  const create = async (hosts: readonly string[], name: string) => {
    const data = await gateway.query<{ createVolume: { results: { error: unknown }[] } }>(CREATE, { input: { hosts, name } });
    done(data.createVolume.results);
  };
  const remove = async (hosts: readonly string[], name: string) => {
    const data = await gateway.query<{ removeVolumes: { results: { error: unknown }[] } }>(REMOVE, {
      input: { volumes: hosts.map((host) => ({ host, name })) },
    });
    done(data.removeVolumes.results);
  };
  // So that the gateway is connected to all of them.
  await create(names, 'first');
  await remove(names, 'first');
  for (const [what, call] of [
    ['createVolume', create],
    ['removeVolumes', remove],
  ] as const) {
    const slowest: number[] = [];
    const together: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `round-${String(round)}`;
      if (what === 'removeVolumes') await create(names, `${name}-alone`);
      const alone: number[] = [];
      for (const host of names) alone.push(await timeMs(() => call([host], `${name}-alone`)));
      slowest.push(Math.max(...alone));
      if (what === 'removeVolumes') await create(names, `${name}-all`);
      together.push(await timeMs(() => call(names, `${name}-all`)));
      if (what === 'createVolume') await Promise.all([remove(names, `${name}-alone`), remove(names, `${name}-all`)]);
    }
    report(describeMs(`${what}: the slowest of ${String(HOSTS)} hosts alone`, slowest));
    report(describeMs(`${what}: all ${String(HOSTS)} in one call`, together));
    const ratios = together.map((ms, round) => ms / (slowest[round] ?? NaN));
    found[what] = median(ratios);
    report(`all of them take ${median(ratios).toFixed(2)} times the slowest one (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`);
  }
  await gateway.stop();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await Promise.all(engines.map((engine) => engine.stop()));
  for (const ratio of Object.values(found)) expect(ratio).toBeLessThanOrEqual(MOST);
});
