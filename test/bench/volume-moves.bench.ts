import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { enginePrograms } from '../harness/engine-programs.js';
import { IMAGE, type TestEngine } from '../harness/engines.js';
import { succeed } from '../harness/operations.js';
import { startStand } from '../harness/stand.js';
import { inVolume, removeVolumeByForce } from '../harness/volume-trees.js';
import { median, report, timeMs } from './figures.js';

// A volume of 2 GB moved between two engines, beside `docker cp - | docker cp -` between the same two, in one run.

const MEGABYTES = 2_048;
const ROUNDS = 3;

/** `docker cp SOURCE - | docker cp - TARGET`, through containers that were never started. */
async function copyByDocker(from: TestEngine, to: TestEngine): Promise<void> {
  const { docker } = await enginePrograms();
  await to.cli('volume', 'create', 'by-docker');
  const source = (await from.cli('create', '--network', 'none', '-v', 'large:/volume:ro', IMAGE, 'true')).trim();
  const target = (await to.cli('create', '--network', 'none', '-v', 'by-docker:/volume', IMAGE, 'true')).trim();
  const reading = spawn(docker, ['-H', from.endpoint, 'cp', `${source}:/volume`, '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const writing = spawn(docker, ['-H', to.endpoint, 'cp', '-', `${target}:/`], { stdio: [reading.stdout, 'inherit', 'inherit'] });
  await Promise.all([once(reading, 'exit'), once(writing, 'exit')]);
  await from.cli('rm', source);
  await to.cli('rm', target);
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

test('a volume moved', async () => {
  const stand = await startStand(['alpha', 'beta']);
  try {
    const [alpha, beta] = [stand.engine('alpha'), stand.engine('beta')];
    await inVolume(alpha, 'large', `for i in $(seq ${String(MEGABYTES / 64)}); do dd if=/dev/urandom of=f$i bs=1M count=64 2>/dev/null; done`);
    const { pid } = stand.gateway.process;
    if (pid === undefined) throw new Error('the gateway does not run');
    const move = () => succeed(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'large' }, toHost: 'beta', name: 'by-gateway' }, 600_000);
    const before = residentBytes(pid);
    let most = before;
    const sampling = setInterval(() => {
      most = Math.max(most, residentBytes(pid));
    }, 50);
    const [gateway, written, docker]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      docker.push(await timeMs(() => copyByDocker(alpha, beta)));
      await removeVolumeByForce(beta, 'by-docker');
      const began = performance.now();
      const watching = setInterval(() => {
        void stand.gateway
          .query<{ operations: { nodes: { bytesDone: number }[] } }>('{ operations(first: 1) { nodes { bytesDone } } }')
          .then(({ operations }) => {
            if ((operations.nodes[0]?.bytesDone ?? 0) >= MEGABYTES * 1024 * 1024) {
              clearInterval(watching);
              written.push(performance.now() - began);
            }
          });
      }, 100);
      gateway.push(await timeMs(move));
      clearInterval(watching);
      await removeVolumeByForce(beta, 'by-gateway');
    }
    clearInterval(sampling);
    const rate = (ms: number) => `${(MEGABYTES / (ms / 1000)).toFixed(0)} MB/s`;
    report(`${String(MEGABYTES)} MB by docker cp:                    ${docker.map(rate).join(', ')}; median ${rate(median(docker))}`);
    report(`${String(MEGABYTES)} MB by migrateVolume, verified:      ${gateway.map(rate).join(', ')}; median ${rate(median(gateway))}`);
    report(`the same until all is written, unverified: ${written.map(rate).join(', ')}`);
    report(`rate beside docker cp: ${(median(docker) / median(gateway)).toFixed(2)} verified`);
    report(`memory of the gateway: ${(before / 1e6).toFixed(0)} MB before, ${(most / 1e6).toFixed(0)} MB at most`);
  } finally {
    await stand.stop();
  }
});
